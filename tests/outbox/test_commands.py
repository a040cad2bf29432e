"""`tracker outbox`: what could not be sent is seen, sent again, or dropped for a reason."""

import json

import pytest

from tests.scheduler.conftest import Tracker, clock, patched, tracker

__all__ = ["clock", "patched", "tracker"]


@pytest.fixture
def stuck(patched: Tracker) -> str:
    """The id of a message that cannot be sent: its file is a directory."""
    (patched.home / "reminders.jsonl").mkdir()
    patched.clock.move_to("2026-03-03T11:00:00Z")
    assert patched.run("scheduler", "tick").exit_code == 1
    (row,) = patched.json("outbox", "list")
    return row["id"]


def test_list_shows_what_is_not_delivered(patched: Tracker, stuck: str) -> None:
    """Episode, reminder, channel, and what went wrong."""
    (row,) = patched.json("outbox", "list")
    assert (row["kind"], row["channel"], row["attempts"]) == ("observation-end", "file", 1)
    assert "cannot be written" in row["last_error"]


def test_list_shows_what_was_delivered_when_asked(patched: Tracker, stuck: str) -> None:
    """The results of delivery stay on record."""
    (row,) = patched.json("outbox", "list", "--state", "delivered")
    assert (row["channel"], row["ended_at"]) == ("console", "2026-03-03T11:00:00Z")


def test_show_tells_what_it_says(patched: Tracker, stuck: str) -> None:
    """By the beginning of its id."""
    shown = patched.json("outbox", "show", stuck[:8])
    assert shown["content"]["text"] == "End the observation after the patch"
    assert "observation-end" in patched.ok("outbox", "show", stuck)


def test_retry_sends_it_at_the_next_turn(patched: Tracker, stuck: str) -> None:
    """However long it was put off."""
    (patched.home / "reminders.jsonl").rmdir()
    assert patched.json("outbox", "retry", stuck)["attempts"] == 0
    patched.ok("scheduler", "tick")
    told = json.loads((patched.home / "reminders.jsonl").read_text())
    assert told["id"] == stuck


def test_drop_is_on_record_with_its_reason(patched: Tracker, stuck: str) -> None:
    """Who dropped it, and why; nobody sends it."""
    patched.ok("outbox", "drop", stuck, "--reason", "told by phone")
    shown = patched.json("outbox", "show", stuck)
    assert (shown["state"], shown["reason"], shown["ended_by"]) == (
        "dropped", "told by phone", "anna",
    )  # fmt: skip
    (patched.home / "reminders.jsonl").rmdir()
    patched.ok("scheduler", "tick")
    assert not (patched.home / "reminders.jsonl").exists()


def test_drop_wants_a_reason(patched: Tracker, stuck: str) -> None:
    """Nothing disappears without one."""
    assert patched.refused("outbox", "drop", stuck)[0] == 2
    assert patched.refused("outbox", "drop", stuck, "--reason", " ")[0] == 2


def test_what_was_delivered_is_neither_retried_nor_dropped(patched: Tracker, stuck: str) -> None:
    """It is out."""
    (row,) = patched.json("outbox", "list", "--state", "delivered")
    assert patched.refused("outbox", "retry", row["id"])[0] == 4
    assert patched.refused("outbox", "drop", row["id"], "--reason", "R")[0] == 4


def test_a_name_that_fits_none_is_not_found(patched: Tracker, stuck: str) -> None:
    """It says where to look."""
    code, told = patched.refused("outbox", "show", "zzz")
    assert (code, "outbox list" in told) == (3, True)


def test_doctor_fails_for_what_was_given_up(patched: Tracker, stuck: str) -> None:
    """After its last attempt a message is somebody's business."""
    (patched.home / "config.toml").write_text("[scheduler]\nmax_attempts = 2\n")
    patched.clock.move_to("2026-03-03T12:00:00Z")
    patched.run("scheduler", "tick")
    result = patched.run("doctor", "--format", "json")
    assert result.exit_code == 1
    states = {found["check"]: found["state"] for found in json.loads(result.stdout)}
    assert states["outbox"] == "failed"


def test_retry_brings_back_all_that_was_given_up(patched: Tracker, stuck: str) -> None:
    """After a receiver was away for long, one command is enough."""
    (patched.home / "config.toml").write_text("[scheduler]\nmax_attempts = 1\n")
    patched.clock.move_to("2026-03-03T12:00:00Z")
    patched.run("scheduler", "tick")
    assert [row["id"] for row in patched.json("outbox", "list", "--state", "dead")] == [stuck]
    (patched.home / "reminders.jsonl").rmdir()
    assert [row["id"] for row in patched.json("outbox", "retry", "--dead")] == [stuck]
    patched.ok("scheduler", "tick")
    assert patched.json("outbox", "list") == []


@pytest.mark.parametrize("words", [(), ("x", "--dead")])
def test_retry_wants_one_or_all(patched: Tracker, words: tuple[str, ...]) -> None:
    """Neither nothing nor both."""
    assert patched.refused("outbox", "retry", *words)[0] == 2
