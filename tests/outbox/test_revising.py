"""What waits goes to whom the configuration names when it goes: one of them, once."""

import json
from typing import Any

import pytest

from tests.scheduler.conftest import Tracker, clock, patched, tracker
from tracker.channels.base import DeliveryError
from tracker.channels.file import FileChannel
from tracker.outbox import deliver

__all__ = ["clock", "patched", "tracker"]

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
quiet_hours = "08:00-12:00"
[[recipients]]
channel = "ben"
coordinator = "ben"
"""
CAUDA = ("symptoms-recorded", "Ms-Miller", "--present", "neurological-deficit")


def configure(tracker: Tracker, text: str = PEOPLE) -> None:
    """Write the site's configuration."""
    (tracker.home / "config.toml").write_text(text)


def tick(tracker: Tracker, time: str) -> None:
    """Tick on 3 March at a time."""
    tracker.clock.move_to(f"2026-03-03T{time}:00Z")
    tracker.ok("scheduler", "tick")


def told(tracker: Tracker, *names: str) -> list[str]:
    """Return the kinds that files of these channels were given."""
    files = [tracker.home / f"{name}.jsonl" for name in names]
    lines = [line for file in files if file.exists() for line in file.read_text().splitlines()]
    return [json.loads(line)["kind"] for line in lines]


def rows(tracker: Tracker) -> list[tuple[Any, ...]]:
    """Return channel, state and reason of every row that was not delivered."""
    listed = [row for row in tracker.json("outbox", "list", "--all") if row["state"] != "delivered"]
    return sorted((row["channel"], row["state"], row["reason"]) for row in listed)


@pytest.fixture
def waiting(patched: Tracker) -> Tracker:
    """Something was issued at 11:00 that Anna is told of when her quiet hours end at 12:00."""
    configure(patched)
    patched.ok("assign", "Ms-Miller", "anna")
    tick(patched, "11:00")
    assert told(patched, "anna", "ben") == []
    return patched


def test_who_coordinates_now_is_told(waiting: Tracker) -> None:
    """At once, if it is not quiet for that one; and who did before is not told."""
    waiting.ok("assign", "Ms-Miller", "ben")
    tick(waiting, "11:01")
    assert told(waiting, "ben") == ["observation-end"]
    tick(waiting, "12:00")
    assert told(waiting, "anna") == []
    why = "re-addressed: ben coordinates the episode now"
    assert rows(waiting) == [("anna", "dropped", why)]


def test_what_was_given_away_is_not_sent_again(waiting: Tracker) -> None:
    """Whoever asks for it hears that others are told instead."""
    waiting.ok("assign", "Ms-Miller", "ben")
    tick(waiting, "11:01")
    (row,) = waiting.json("outbox", "list", "--state", "dropped")
    code, said = waiting.refused("outbox", "retry", row["id"])
    assert (code, "ben coordinates the episode now" in said) == (4, True)
    assert "retry" not in waiting.ok("outbox", "show", row["id"])


def test_twin_who_coordinated_then_is_told(waiting: Tracker, monkeypatch) -> None:
    """Were rows sent as they were written, it would be the wrong one."""
    monkeypatch.setattr(deliver, "revise", lambda *_: 0)
    waiting.ok("assign", "Ms-Miller", "ben")
    tick(waiting, "12:00")
    assert (told(waiting, "anna"), told(waiting, "ben")) == (["observation-end"], [])


def test_there_and_back_is_told_once(waiting: Tracker) -> None:
    """Who lost a row to another and gets the episode back gets the row back."""
    configure(waiting, PEOPLE + 'quiet_hours = "08:00-12:00"\n')
    for who in ("ben", "anna", "ben", "anna"):
        waiting.ok("assign", "Ms-Miller", who)
        tick(waiting, "11:30")
    tick(waiting, "12:00")
    assert (told(waiting, "anna"), told(waiting, "ben")) == (["observation-end"], [])


def test_what_was_told_is_not_told_to_another(waiting: Tracker) -> None:
    """Whoever comes after finds it in the worklist."""
    tick(waiting, "12:00")
    waiting.ok("assign", "Ms-Miller", "ben")
    tick(waiting, "12:01")
    assert (told(waiting, "anna"), told(waiting, "ben")) == (["observation-end"], [])


def test_a_channel_that_is_gone_is_replaced(waiting: Tracker) -> None:
    """By whom the configuration names instead."""
    configure(waiting, PEOPLE.replace("channels.anna", "channels.other").replace(
        'channel = "anna"', 'channel = "other"'))  # fmt: skip
    tick(waiting, "12:00")
    assert told(waiting, "anna") == ["observation-end"]
    why = "re-addressed: there is no channel 'anna' any more"
    assert rows(waiting) == [("anna", "dropped", why)]


def test_whom_the_configuration_no_longer_names_is_not_told(waiting: Tracker) -> None:
    """If it names nobody any more, those who are told without one."""
    configure(waiting, 'time_zone = "UTC"\n[channels.anna]\nkind = "file"\npath = "anna.jsonl"\n')
    tick(waiting, "12:00")
    assert (told(waiting, "anna"), told(waiting, "reminders")) == ([], ["observation-end"])


def test_a_digest_for_a_channel_that_is_gone_is_dropped(patched: Tracker) -> None:
    """The next one goes as it should."""
    configure(patched)
    patched.ok("assign", "Ms-Miller", "ben")
    tick(patched, "10:00")
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(FileChannel, "send", no_route)
        patched.clock.move_to("2026-03-04T07:00:00Z")
        patched.run("scheduler", "tick")
    configure(patched, PEOPLE.replace("channels.ben", "channels.b").replace('"ben"\nc', '"b"\nc'))
    patched.clock.move_to("2026-03-04T08:00:00Z")
    patched.ok("scheduler", "tick")
    rows = patched.json("outbox", "list", "--state", "dropped")
    reasons = {row["reason"] for row in rows if row["form"] == "daily"}
    assert reasons == {"its channel is not configured any more"}


def no_route(*_: object) -> None:
    """Fail to send."""
    raise DeliveryError("no route")


def failed_before_noon(tracker: Tracker, *record: str) -> None:
    """Let what was recorded fail, so that it is tried again when it is quiet for Anna."""
    configure(tracker)
    tracker.ok("assign", "Ms-Miller", "anna")
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(FileChannel, "send", no_route)
        tracker.clock.move_to("2026-03-04T07:58:00Z")
        if record:
            tracker.run("record", *record)
        tracker.run("scheduler", "tick")


def test_a_failure_does_not_carry_a_message_into_quiet_hours(patched: Tracker) -> None:
    """What is tried again waits for their end, as what is new does."""
    failed_before_noon(patched)
    patched.clock.move_to("2026-03-04T08:30:00Z")
    patched.ok("scheduler", "tick")
    assert told(patched, "anna") == []
    why = "until 2026-03-04 12:00 +00:00: quiet hours of anna; 1 try failed before"
    assert why in patched.ok("outbox", "list")
    patched.clock.move_to("2026-03-04T12:00:00Z")
    patched.ok("scheduler", "tick")
    assert told(patched, "anna") != []


def test_what_is_urgent_is_tried_again_in_quiet_hours(patched: Tracker) -> None:
    """It passes them."""
    failed_before_noon(patched, *CAUDA)
    patched.clock.move_to("2026-03-04T08:30:00Z")
    patched.ok("scheduler", "tick")
    assert told(patched, "anna") == ["complication-review"]


def test_what_is_urgent_goes_to_who_coordinates_now(patched: Tracker) -> None:
    """Whether or not it was tried before."""
    failed_before_noon(patched, *CAUDA)
    patched.ok("assign", "Ms-Miller", "ben")
    patched.clock.move_to("2026-03-04T08:30:00Z")
    patched.ok("scheduler", "tick")
    assert told(patched, "anna") == []
    assert told(patched, "ben")[0] == "complication-review"
