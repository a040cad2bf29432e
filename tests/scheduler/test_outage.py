"""After an outage: late, once, in one message, and on record."""

import json
from typing import Any

import pytest

from tests.scheduler.conftest import Tracker
from tracker.reminders import urgent

LONG_BEFORE, AFTER = "2026-03-03T10:00:00Z", "2026-03-06T09:00:00Z"


def messages(tracker: Tracker) -> list[dict[str, Any]]:
    """Return what the file of reminders holds."""
    file = tracker.home / "reminders.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def tick(tracker: Tracker, time: str) -> Any:
    """Tick at a time."""
    tracker.clock.move_to(time)
    return tracker.json("scheduler", "tick")


def outage(patched: Tracker) -> Any:
    """Let another episode owe reviews, and nobody tick for days."""
    patched.ok("open", "--patient", "P2", "--reference", "second", "--time-zone", "UTC")
    patched.ok("record", "blood-patch-performed", "second")
    tick(patched, LONG_BEFORE)
    return tick(patched, AFTER)


def test_what_fell_due_goes_out_in_one_message(patched: Tracker) -> None:
    """One for each recipient, with every reminder in it."""
    done = outage(patched)
    (digest,) = messages(patched)
    assert digest["kind"] == "outage-digest"
    assert len(digest["reminders"]) == len(done["issued"]) == 2
    assert done["away_seconds"] == 71 * 3600


def test_the_outbox_has_each_of_them_delivered(patched: Tracker) -> None:
    """In the same message."""
    outage(patched)
    rows = patched.json("outbox", "list", "--state", "delivered")
    assert len({row["message"] for row in rows if row["channel"] == "file"}) == 1
    assert patched.json("outbox", "list") == []


def test_the_reminder_stands_for_what_was_not_said(patched: Tracker) -> None:
    """The opening that nobody heard of is named in the event."""
    outage(patched)
    lines = map(json.loads, patched.ok("export", "Ms-Miller").splitlines())
    reasons = {e["data"]["kind"]: e["data"].get("reason") for e in lines
               if e["event"].startswith("reminder-")}  # fmt: skip
    assert reasons["early-review"] == "stands for open too"
    assert "of no use" in reasons["observation-end"]


def test_the_status_says_how_long(patched: Tracker) -> None:
    """From the last tick before to the first one after."""
    outage(patched)
    status = patched.json("scheduler", "status")
    assert status["last_silence"] == {
        "from": LONG_BEFORE, "until": AFTER, "seconds": 71 * 3600.0,
    }  # fmt: skip
    assert "71 h" in patched.ok("scheduler", "status")
    assert not status["down"]


def test_the_next_tick_is_no_outage(patched: Tracker) -> None:
    """It tells one by one again."""
    outage(patched)
    tick(patched, "2026-03-06T14:00:00Z")
    assert tick(patched, "2026-03-06T17:00:00Z")["away_seconds"] is None
    assert messages(patched)[-1]["phase"] == "escalated-1"


def test_a_short_silence_is_no_outage(patched: Tracker) -> None:
    """The site says from when on it is one."""
    tick(patched, "2026-03-04T08:00:00Z")
    assert tick(patched, "2026-03-04T13:00:00Z")["away_seconds"] is None
    (patched.home / "config.toml").write_text("[scheduler]\noutage_hours = 2\n")
    assert tick(patched, "2026-03-04T16:00:00Z")["away_seconds"] == 3 * 3600


def test_what_is_urgent_is_in_no_digest(patched: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes out by itself, and first."""
    tick(patched, LONG_BEFORE)
    with monkeypatch.context() as silent:
        silent.setattr(urgent, "issue", lambda *_: [])
        patched.ok("record", "symptoms-recorded", "Ms-Miller", "--present", "neurological-deficit")
    tick(patched, AFTER)
    assert [(m["kind"], m["urgent"]) for m in messages(patched)] == [
        ("complication-review", True), ("outage-digest", False),
    ]  # fmt: skip


def test_a_tick_that_was_stopped_leaves_the_outage_to_the_next(patched: Tracker) -> None:
    """Else the rest would come as a flood."""
    from tracker.cli.session import clock
    from tracker.reminders.tick import tick as issue
    from tracker.service import Service

    tick(patched, LONG_BEFORE)
    patched.clock.move_to(AFTER)
    with Service.open(patched.location, clock) as service:
        assert not issue(service, clock(), stopping=lambda: True).complete
    assert tick(patched, AFTER)["away_seconds"] == 71 * 3600


def test_when_nobody_ticks_the_status_says_so(patched: Tracker) -> None:
    """For how long it has been down."""
    tick(patched, LONG_BEFORE)
    patched.clock.move_to(AFTER)
    status = patched.json("scheduler", "status")
    assert (status["down"], status["quiet_seconds"]) == (True, 71 * 3600.0)
    assert [alarm["alarm"] for alarm in status["alarms"]] == ["no-tick"]
    told = patched.ok("scheduler", "status")
    assert "ALARM:     nobody has ticked for 71 h, since 2026-03-03 10:00" in told
