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


def given_up(tracker: Tracker) -> None:
    """Let the message be tried a last time."""
    (tracker.home / "config.toml").write_text("[scheduler]\nmax_attempts = 1\n")
    tracker.clock.move_to("2026-03-03T12:00:00Z")
    tracker.run("scheduler", "tick")


def quiet(tracker: Tracker) -> None:
    """Let it be quiet until 20:00 UTC, and the clocks of the site be those of Berlin."""
    (tracker.home / "config.toml").write_text(
        'time_zone = "Europe/Berlin"\n[quiet_hours]\ndefault = "10:00-21:00"\n'
    )


def test_list_says_how_each_stands_and_why(patched: Tracker, stuck: str) -> None:
    """In the zone of the site, with as much of the id as is needed."""
    quiet(patched)
    told = patched.ok("outbox", "list")
    assert f"{stuck[:8]} " in told
    assert "failing" in told
    assert "1 try failed; next try at 2026-03-03 12:00:" in told


@pytest.mark.parametrize(
    ("state", "number"), [("failing", 1), ("pending", 1), ("held", 0), ("due", 0), ("delivered", 1)]
)
def test_list_shows_one_kind_when_asked(
    patched: Tracker, stuck: str, state: str, number: int
) -> None:
    """Pending is what waits to be sent, however it stands."""
    assert len(patched.json("outbox", "list", "--state", state)) == number


def test_an_empty_list_says_so(patched: Tracker) -> None:
    """To the person; what a program reads is an empty list."""
    result = patched.run("outbox", "list", "--format", "json")
    assert (json.loads(result.stdout), result.stderr) == ([], "Nothing is waiting.\n")
    assert patched.run("outbox", "list", "--state", "dead").stderr == "No message is dead.\n"


def test_a_list_that_is_cut_says_so(patched: Tracker, stuck: str) -> None:
    """There may be more."""
    assert "--limit" in patched.run("outbox", "list", "--limit", "1").stderr


def test_show_is_in_words(patched: Tracker, stuck: str) -> None:
    """What it says, why it waits, what to do; no structure of a program."""
    told = patched.ok("outbox", "show", stuck)
    assert "State:   failing: 1 try failed; next try at" in told
    assert "Says:    observation-end open: End the observation after the patch" in told
    assert f"Try:     tracker channels test file; then tracker outbox retry {stuck[:8]}" in told
    assert not set("{}'") & set(told)


def test_show_tells_its_bundle(patched: Tracker) -> None:
    """Several reminders that went out together."""
    patched.clock.move_to("2026-03-02T00:00:00Z")
    patched.ok("scheduler", "tick", "--trust-clock")
    patched.clock.move_to("2026-03-06T09:00:00Z")
    patched.ok("open", "--patient", "P2", "--reference", "second", "--time-zone", "UTC")
    patched.ok("record", "blood-patch-performed", "second", "--at", "2026-03-03T09:00:00Z")
    patched.ok("scheduler", "tick")
    row = patched.json("outbox", "list", "--state", "delivered")[0]
    assert f"more: {row['message']}" in patched.ok("outbox", "show", row["id"])


def test_dropping_again_is_refused(patched: Tracker, stuck: str) -> None:
    """It says who dropped it and why, and how to take that back."""
    patched.ok("outbox", "drop", stuck, "--reason", "told by phone")
    code, told = patched.refused("outbox", "drop", stuck, "--reason", "again")
    assert code == 4
    assert "was dropped before, by anna: told by phone" in told
    assert "outbox retry" in told


def test_a_dropped_message_is_listed_with_its_reason(patched: Tracker, stuck: str) -> None:
    """And with who dropped it."""
    patched.ok("outbox", "drop", stuck, "--reason", "told by phone")
    told = patched.ok("outbox", "list", "--state", "dropped")
    assert "by anna at 2026-03-03 11:00 +00:00: told by phone" in told
    assert "told by phone" in patched.ok("outbox", "list", "--all", "--format", "csv")
    assert stuck not in patched.ok("outbox", "list", "--format", "csv")


def test_retry_keeps_how_it_had_ended(patched: Tracker, stuck: str) -> None:
    """Who dropped it and why, and who took it up again."""
    patched.ok("outbox", "drop", stuck, "--reason", "told by phone")
    patched.log_in("kim")
    patched.ok("outbox", "retry", stuck)
    (once,) = patched.json("outbox", "show", stuck)["retried"]
    assert (once["state"], once["ended_by"], once["reason"]) == (
        "dropped", "anna", "told by phone",
    )  # fmt: skip
    assert (once["by"], once["at"]) == ("kim", "2026-03-03T11:00:00Z")
    assert "told by phone; taken up again by kim" in patched.ok("outbox", "show", stuck)


def test_every_retry_is_kept(patched: Tracker, stuck: str) -> None:
    """Also of what was given up, by one command for all."""
    given_up(patched)
    patched.ok("outbox", "retry", "--dead")
    patched.ok("outbox", "retry", stuck)
    states = [once["state"] for once in patched.json("outbox", "show", stuck)["retried"]]
    assert states == ["dead", "pending"]


def test_retry_respects_quiet_hours(patched: Tracker, stuck: str) -> None:
    """What is routine wakes nobody because somebody mended a channel at night."""
    quiet(patched)
    result = patched.run("outbox", "retry", stuck)
    assert "Held until quiet hours end: 1 of 1" in result.stderr
    shown = patched.json("outbox", "show", stuck)
    assert (shown["standing"], shown["next_attempt_at"]) == ("held", "2026-03-03T20:00:00Z")
    assert "until 2026-03-03 21:00 +01:00: quiet hours of " in patched.ok("outbox", "show", stuck)


def test_retry_of_what_is_urgent_passes_quiet_hours(patched: Tracker, stuck: str) -> None:
    """It goes out at the next turn."""
    quiet(patched)
    patched.ok("record", "symptoms-recorded", "Ms-Miller", "--present", "neurological-deficit")
    (row,) = [r for r in patched.json("outbox", "list") if r["urgent"]]
    assert patched.json("outbox", "retry", row["id"])["standing"] == "due"


def test_retry_of_nothing_says_so(patched: Tracker) -> None:
    """Nothing had been given up."""
    assert "No message was given up" in patched.run("outbox", "retry", "--dead").stderr
