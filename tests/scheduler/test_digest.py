"""The daily digest: at the hour of each coordinator, whole, and nobody's error is another's."""

import json
from typing import Any

import pytest

from tests.scheduler.conftest import Tracker
from tracker.reminders import daily

PEOPLE = """
time_zone = "UTC"
[channels.anna]
kind = "file"
path = "anna.jsonl"
[channels.ben]
kind = "file"
path = "ben.jsonl"
[[recipients]]
channel = "anna"
coordinator = "anna"
[[recipients]]
channel = "ben"
coordinator = "ben"
[quiet_hours]
default = "22:00-08:00"
"""


def told(tracker: Tracker, name: str) -> list[dict[str, Any]]:
    """Return the digests that a file channel was given."""
    file = tracker.home / f"{name}.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return [line for line in lines if line["kind"] == "daily-digest"]


def tick(tracker: Tracker, time: str, code: int = 0) -> str:
    """Tick at a time."""
    tracker.clock.move_to(time)
    result = tracker.run("scheduler", "tick")
    assert result.exit_code == code, result.output
    return result.stderr


@pytest.fixture
def two(patched: Tracker) -> Tracker:
    """Anna and Ben coordinate; each has something overdue on 5 March."""
    (patched.home / "config.toml").write_text(PEOPLE)
    patched.ok("assign", "Ms-Miller", "anna")
    patched.ok("open", "--patient", "P2", "--reference", "p2", "--coordinator", "ben")
    patched.ok("record", "blood-patch-performed", "p2")
    tick(patched, "2026-03-03T10:00:00Z")
    return patched


def test_it_goes_at_its_hour_in_quiet_hours_too(two: Tracker) -> None:
    """Whoever chose the hour wants it then."""
    tick(two, "2026-03-05T07:00:00Z")
    assert [d["made_for"] for d in told(two, "anna")] == ["2026-03-05T07:00:00Z"]
    assert len(told(two, "ben")) == 1


def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Anna's digest fail."""
    made = daily._entries

    def entries(conn: Any, site: Any, coordinator: str | None, *more: Any) -> Any:
        if coordinator == "anna":
            raise ValueError("CANARY")
        return made(conn, site, coordinator, *more)

    monkeypatch.setattr(daily, "_entries", entries)


def test_an_error_in_one_does_not_stop_the_others(two: Tracker, monkeypatch) -> None:
    """It is told, without the words of the error, and the next tick makes up for it."""
    with monkeypatch.context() as patch:
        broken(patch)
        said = tick(two, "2026-03-05T07:00:00Z", code=1)
    assert "a daily digest" in said
    assert "CANARY" not in said
    assert (len(told(two, "anna")), len(told(two, "ben"))) == (0, 1)
    tick(two, "2026-03-05T07:01:00Z")
    assert (len(told(two, "anna")), len(told(two, "ben"))) == (1, 1)


def test_each_section_says_how_many_more_there_are(patched: Tracker, monkeypatch) -> None:
    """A full section leaves room for the others, and names the command that shows all."""
    monkeypatch.setattr(daily, "LONGEST", 2)
    (patched.home / "config.toml").write_text(PEOPLE)
    for number in range(5):
        name = f"e{number}"
        patched.ok("open", "--patient", name, "--reference", name, "--coordinator", "anna")
        patched.ok("record", "blood-patch-performed", name)
    tick(patched, "2026-03-03T10:00:00Z")
    tick(patched, "2026-03-05T07:00:00Z")
    (digest,) = told(patched, "anna")
    assert "5 overdue, 5 due today" in digest["subject"]
    assert len(digest["overdue"]) == len(digest["due_today"]) == 2
    assert digest["more"]["overdue"] == digest["more"]["due_today"] == 3
    assert digest["body"].count("and 3 more (tracker worklist --coordinator anna)") == 2


def test_who_is_told_of_one_site_is_told_of_that_alone(two: Tracker) -> None:
    """Neither lines nor counts of another."""
    north = '[[recipients]]\nchannel = "ben"\nsite = "north"\n'
    (two.home / "config.toml").write_text(PEOPLE + north)
    name = ("--reference", "p3", "--coordinator", "anna", "--site", "north")
    two.ok("open", "--patient", "P3", *name)
    two.ok("record", "blood-patch-performed", "p3")
    tick(two, "2026-03-05T07:00:00Z")
    (own, north_of_anna) = sorted(told(two, "ben"), key=lambda d: d["coordinator"], reverse=True)
    assert (own["coordinator"], north_of_anna["coordinator"]) == ("ben", "anna")
    assert len(north_of_anna["overdue"]) == 1
    assert len(told(two, "anna")[0]["overdue"]) == 2


def test_a_name_with_a_space_can_be_copied(patched: Tracker) -> None:
    """The command is one that a shell takes."""
    (patched.home / "config.toml").write_text(PEOPLE.replace('"anna"\n[', '"anna lee"\n['))
    patched.ok("assign", "Ms-Miller", "anna lee")
    tick(patched, "2026-03-03T10:00:00Z")
    tick(patched, "2026-03-05T07:00:00Z")
    (digest,) = told(patched, "anna")
    assert "Run: tracker worklist --coordinator 'anna lee'" in digest["body"]
