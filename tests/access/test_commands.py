"""`tracker audit access`, and what a look leaves on record."""

import csv
import io
import json
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Tracker, clock, episode, tracker
from tests.cli.test_completion import completed
from tracker.cli import looks

__all__ = ["clock", "episode", "tracker"]


def test_who_when_how_and_why(episode: Tracker) -> None:
    """A look says who looked by which command, for whom, and for what purpose."""
    episode.ok("--on-behalf-of", "Dr B", "--purpose", "ward round", "show", "case-1")
    (row,) = episode.json("audit", "access", "case-1")
    assert row["episode"].startswith("E-")
    assert (row["position"], row["at"]) == (1, "2026-03-05T09:00:00Z")
    assert (row["actor"], row["on_behalf_of"]) == ("anna", "Dr B")
    assert (row["command"], row["purpose"]) == ("show", "ward round")


def test_a_list_says_what_was_asked_and_how_much_was_shown(episode: Tracker) -> None:
    """Filters as they were given, and the rows; defaults say nothing."""
    episode.ok("worklist", "--urgent", "--mine")
    (row,) = episode.json("audit", "access", "--lists")
    assert row["query"] == {"urgent": True, "mine": True, "coordinator": "anna"}
    assert (row["command"], row["count"], row["episode"]) == ("worklist", 0, None)


def test_a_search_that_finds_somebody_is_a_look(episode: Tracker) -> None:
    """Whoever searched for a patient is found by asking for that patient."""
    episode.ok("find", "MRN1")
    (row,) = episode.json("audit", "access", "--patient", "MRN1")
    assert (row["command"], row["query"], row["count"]) == ("find", {"text": "MRN1"}, 1)


def test_a_search_that_finds_many_is_a_list(
    episode: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its query and the number of rows stand for them all; so for a search that finds nobody."""
    monkeypatch.setattr(looks, "NAMED", 0)
    episode.ok("find", "MRN")
    episode.ok("find", "nobody")
    found = episode.json("audit", "access", "--lists")
    assert [(row["query"], row["count"]) for row in found] == [
        ({"text": "nobody"}, 0), ({"text": "MRN"}, 1),
    ]  # fmt: skip


def test_asking_for_looks_is_a_look(episode: Tracker) -> None:
    """Whoever asks who looked is on record as well, from the next time on."""
    assert episode.json("audit", "access", "case-1") == []
    (row,) = episode.json("audit", "access", "case-1")
    assert row["command"] == "audit access"


def test_by_whom_and_when(episode: Tracker) -> None:
    """Actor and time narrow it down; both bounds are included."""
    for who, hour in (("ben", 10), ("cleo", 11), ("ben", 12)):
        episode.log_in(who)
        episode.clock.move_to(f"2026-03-05T{hour}:00Z")
        episode.ok("show", "case-1")
    bounds = ("--since", "2026-03-05T11:00Z", "--until", "2026-03-05T12:00Z")
    assert [row["actor"] for row in episode.json("audit", "access", *bounds)] == ["ben", "cleo"]
    (row,) = episode.json("audit", "access", "case-1", "--actor", "ben", *bounds)
    assert row["at"] == "2026-03-05T12:00:00Z"


@pytest.mark.parametrize("name", ["Dr B", 'O"Neil', "Zoë", "50%_a"])
def test_an_actor_is_found_by_whom_it_was_for(episode: Tracker, name: str) -> None:
    """What somebody let others type is theirs too, and is told from what they typed."""
    episode.ok("--on-behalf-of", name, "show", "case-1")
    episode.ok("--on-behalf-of", name.swapcase(), "--purpose", name, "show", "case-1")
    episode.ok("show", "case-1")
    result = episode.run("audit", "access", "case-1", "--actor", name, "--format", "json")
    assert [(row["actor"], row["on_behalf_of"]) for row in json.loads(result.stdout)] == [
        ("anna", name)
    ]
    assert f"Of 1 look 1 was typed by others for {name}: the column For." in result.stderr


def test_what_an_actor_typed_is_not_said_to_be_others(episode: Tracker) -> None:
    """Who typed for themselves, and for somebody else."""
    episode.ok("show", "case-1")
    episode.ok("--on-behalf-of", "Dr B", "next", "case-1")
    result = episode.run("audit", "access", "case-1", "--actor", "anna", "--format", "json")
    assert [row["command"] for row in json.loads(result.stdout)] == ["next", "show"]
    assert "typed by others" not in result.stderr


def test_the_latest_and_how_many_there_are(episode: Tracker) -> None:
    """A limit is told of, and lists that may have shown an episode are not passed over."""
    for command in (("show", "case-1"), ("timeline", "case-1"), ("worklist",)):
        episode.ok(*command)
    result = episode.run("audit", "access", "case-1", "--limit", "1")
    assert "timeline" in result.stdout
    assert "The latest 1 of 2; --all shows them all." in result.stderr
    assert "1 list or search may have shown it too" in result.stderr


@pytest.mark.parametrize("more", [("--lists",), ("--patient", "MRN1")])
def test_one_question_at_a_time(episode: Tracker, more: tuple[str, ...]) -> None:
    """An episode, a patient and lists exclude each other."""
    code, told = episode.refused("audit", "access", "case-1", *more)
    assert (code, "exclude each other" in told) == (2, True)


def test_nobody_looked(episode: Tracker) -> None:
    """It is said when there is nothing, and when nobody is called so."""
    assert "No such look is on record." in episode.run("audit", "access", "case-1").stderr
    told = episode.run("audit", "access", "--patient", "MRN9").stderr
    assert "There is no episode of a patient 'MRN9'." in told


def test_every_format(episode: Tracker) -> None:
    """Programs get the query as it is, eyes get it in words."""
    episode.ok("worklist", "--stage", "conservative")
    assert "stage conservative" in episode.ok("audit", "access", "--lists")
    *_, row = csv.DictReader(
        io.StringIO(episode.ok("audit", "access", "--lists", "--format", "csv"))
    )
    assert row["query"] == '{"stage":"conservative"}'


def test_a_purpose_needs_words(episode: Tracker) -> None:
    """An empty reason is none."""
    code, told = episode.refused("--purpose", " ", "show", "case-1")
    assert (code, "--purpose" in told) == (2, True)


def test_a_completion_is_on_record(episode: Tracker) -> None:
    """Names that the shell offers were shown to somebody."""
    assert len(completed(episode, "show", "")) == 2
    assert "reminders" not in completed(episode, "ack", "case-1", "")
    rows = episode.json("audit", "access")
    assert [(r["command"], r["query"], r["count"]) for r in rows] == [
        ("completion", None, None), ("completion", {"text": ""}, 2),
    ]  # fmt: skip


def test_a_completion_that_cannot_be_recorded_offers_nothing(
    episode: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails without a word, as completions do, and shows nobody."""
    monkeypatch.setattr(looks.Looks, "_record", lambda *_: 1 / 0)
    assert completed(episode, "show", "") == []


def watched(tracker: Tracker, monkeypatch: pytest.MonkeyPatch, *between: tuple[str, ...]) -> int:
    """Watch the worklist, run a command line between two drawings; return the looks recorded."""
    lines = iter(between)

    def pause(_: float) -> None:
        line = next(lines, None)
        if line is None:
            raise KeyboardInterrupt
        tracker.ok(*line)

    monkeypatch.setattr(time, "sleep", pause)
    tracker.ok("worklist", "--watch")
    return len(tracker.json("audit", "access", "--lists"))


def test_watching_is_a_look_whenever_it_shows_others(
    episode: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drawing the same episodes again is the same look; another one among them is a new one."""
    opening = ("open", "--patient", "MRN2", "--reference", "case-2")
    assert watched(episode, monkeypatch, ("init",), opening, ("init",)) == 2


def test_an_import_that_refuses_lines_is_a_look(episode: Tracker, tmp_path: Path) -> None:
    """What is said of a refused line shows what is there, whatever was taken beside it."""
    head = {"episode": "case-1", "occurred_at": "2026-03-04T08:00:00Z"}
    lines = [
        head | {"id": "up", "event": "patient-mobilized", "data": {}},
        head | {"id": "v", "event": "event-voided", "data": {"target": "nobody", "reason": "r"}},
    ]
    file = tmp_path / "lines.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    result = episode.run("import", str(file), "--keep-going")
    assert (result.exit_code, "opened" in result.stderr) == (1, True), result.output
    (row,) = episode.json("audit", "access", "--lists")
    assert row["command"] == "import"


def test_looks_from_after_until_are_refused(tracker: Tracker) -> None:
    """A stretch that ends before it begins is a mistake, and no proof that nobody looked."""
    tracker.ok("open", "--patient", "MRN-1")
    code, said = tracker.refused("audit", "access", "--since", "1h ago", "--until", "2h ago")
    assert (code, "--since is after --until" in said) == (2, True)
