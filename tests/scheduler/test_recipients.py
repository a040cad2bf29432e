"""Who is told: by coordinator, site and level; quiet hours and digests; and never nobody."""

import json
from typing import Any

from tests.scheduler.conftest import Tracker

TWO_FILES = """
[channels.anna]
kind = "file"
path = "anna.jsonl"
[channels.lead]
kind = "file"
path = "lead.jsonl"
[[recipients]]
channel = "anna"
coordinator = "anna"
[[recipients]]
channel = "lead"
levels = [1, 2]
"""
DIGEST = """
[channels.anna]
kind = "file"
path = "anna.jsonl"
[[recipients]]
channel = "anna"
[digest]
hour = 7
"""
QUIET = """
[quiet_hours]
default = "08:00-12:00"
"""


def configured(tracker: Tracker, text: str) -> None:
    """Write the site's configuration."""
    (tracker.home / "config.toml").write_text(f'time_zone = "UTC"\n{text}')


def tick(tracker: Tracker, time: str) -> None:
    """Tick at a time."""
    tracker.clock.move_to(time)
    tracker.ok("scheduler", "tick")


def told(tracker: Tracker, name: str = "reminders") -> list[dict[str, Any]]:
    """Return what a file channel was given."""
    file = tracker.home / f"{name}.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_a_coordinators_recipient_is_told(patched: Tracker) -> None:
    """Of the episodes of that coordinator, and of no others."""
    configured(patched, TWO_FILES)
    patched.ok("assign", "Ms-Miller", "anna")
    tick(patched, "2026-03-03T11:00:00Z")
    assert [m["kind"] for m in told(patched, "anna")] == ["observation-end"]
    assert told(patched, "lead") == told(patched) == []


def test_a_level_is_told_when_it_is_reached(patched: Tracker) -> None:
    """What nobody acknowledged climbs."""
    configured(patched, TWO_FILES)
    patched.ok("assign", "Ms-Miller", "anna")
    for hour in (10, 14, 18):
        tick(patched, f"2026-03-05T{hour}:00:00Z")
    assert [(m["kind"], m["phase"], m["to"]) for m in told(patched, "lead")] == [
        ("early-review", "escalated-1", "deputy coordinator"),
    ]  # fmt: skip


def test_when_nobody_is_named_the_file_is_told(patched: Tracker) -> None:
    """An episode that no recipient covers is not forgotten."""
    configured(patched, TWO_FILES)
    tick(patched, "2026-03-03T11:00:00Z")
    assert [m["kind"] for m in told(patched)] == ["observation-end"]


def test_quiet_hours_hold_back_what_is_not_urgent(patched: Tracker) -> None:
    """It goes out when they end."""
    configured(patched, QUIET)
    tick(patched, "2026-03-03T11:00:00Z")
    patched.ok("record", "symptoms-recorded", "Ms-Miller", "--present", "neurological-deficit")
    assert [m["kind"] for m in told(patched)] == ["complication-review"]
    tick(patched, "2026-03-03T12:00:00Z")
    assert "observation-end" in [m["kind"] for m in told(patched)]


def test_what_was_done_meanwhile_is_not_sent(patched: Tracker) -> None:
    """A message that had to wait is looked at again before it goes out."""
    configured(patched, QUIET)
    tick(patched, "2026-03-03T11:00:00Z")
    patched.ok("record", "patient-mobilized", "Ms-Miller")
    tick(patched, "2026-03-03T12:00:00Z")
    assert told(patched) == []
    reasons = {row["reason"] for row in patched.json("outbox", "list", "--state", "dropped")}
    assert reasons == {"no longer owed when it was to be sent"}


def test_what_was_withdrawn_is_not_sent(patched: Tracker) -> None:
    """The withdrawal is on record, and what was waiting is dropped with it."""
    configured(patched, QUIET)
    tick(patched, "2026-03-03T11:00:00Z")
    patched.ok("void", "Ms-Miller", "patch", "--reason", "other patient")
    tick(patched, "2026-03-03T11:01:00Z")
    last = json.loads(patched.ok("export", "Ms-Miller").splitlines()[-1])
    assert (last["event"], last["data"]["phase"]) == ("reminder-skipped", "withdrawn")
    reasons = {row["reason"] for row in patched.json("outbox", "list", "--state", "dropped")}
    assert reasons == {"withdrawn: its ground was corrected or voided"}


def digest_of(patched: Tracker) -> list[dict[str, Any]]:
    """Return the daily digests."""
    return [m for m in told(patched, "anna") if m["kind"] == "daily-digest"]


def test_the_daily_digest_tells_what_is_due_late_and_new(patched: Tracker) -> None:
    """Once, at the hour of the site."""
    configured(patched, DIGEST)
    for time in ("2026-03-04T08:00:00Z", "2026-03-05T06:59:00Z", "2026-03-05T07:00:00Z",
                 "2026-03-05T08:00:00Z"):  # fmt: skip
        tick(patched, time)
    (digest,) = digest_of(patched)
    assert [line["what"] for line in digest["overdue"]] == ["observation-end"]
    assert [line["what"] for line in digest["due_today"]] == ["early-review"]
    assert "observation-end, was due 2026-03-04 09:00" in digest["body"]
    assert "Miller" not in str(digest)


def test_there_is_no_digest_when_there_is_nothing_to_tell(patched: Tracker) -> None:
    """And a hour that has passed is not made up for later."""
    configured(patched, DIGEST)
    patched.ok("void", "Ms-Miller", "patch", "--reason", "other patient")
    patched.ok("void", "Ms-Miller", "op", "--reason", "other patient")
    tick(patched, "2026-03-04T08:00:00Z")
    tick(patched, "2026-03-05T08:00:00Z")
    patched.ok("record", "blood-patch-performed", "Ms-Miller", "--at", "2026-03-03T09:00Z")
    tick(patched, "2026-03-05T10:00:00Z")
    assert digest_of(patched) == []


def test_a_digest_of_the_next_day_tells_only_new_alerts(patched: Tracker) -> None:
    """An alert is new once; what is late is told every day."""
    configured(patched, DIGEST)
    tick(patched, "2026-03-04T07:00:00Z")
    patched.ok("record", "headache-assessed", "Ms-Miller", "--posture", "orthostatic")
    patched.ok("record", "medication-started", "Ms-Miller", "--drug", "acetazolamide")
    for day in (5, 6):
        tick(patched, f"2026-03-0{day}T07:00:00Z")
    first, second = digest_of(patched)
    alerts = [{line["what"] for line in digest["new_alerts"]} for digest in (first, second)]
    assert alerts[0]
    assert alerts[0].isdisjoint(alerts[1])
    assert len(second["overdue"]) >= len(first["overdue"]) > 0


TWICE = """
[channels.anna]
kind = "file"
path = "anna.jsonl"
[[recipients]]
channel = "anna"
[[recipients]]
channel = "anna"
levels = [0, 1]
[digest]
hour = 7
"""


def test_an_address_that_is_named_twice_is_told_once(patched: Tracker) -> None:
    """Two recipients that share channel and address stop nothing and repeat nothing."""
    configured(patched, TWICE)
    tick(patched, "2026-03-03T11:00:00Z")
    tick(patched, "2026-03-05T08:00:00Z")
    kinds = [m.get("kind") for m in told(patched, "anna")]
    assert kinds == ["observation-end", "outage-digest", "daily-digest"]


def test_an_episode_that_cannot_be_read_does_not_stop_the_others(patched: Tracker) -> None:
    """What is owed to everybody else goes out; the one is named."""
    patched.ok("open", "--patient", "MRN-2", "--reference", "broken", "--time-zone", "UTC")
    patched.ok("record", "blood-patch-performed", "broken", "--id", "patch")
    patched.execute(
        "UPDATE events SET state = substr(state, 1, 1)"
        " WHERE position = (SELECT max(position) FROM events)",
        unguarded=True,
    )
    patched.clock.move_to("2026-03-03T11:00:00Z")
    result = patched.run("scheduler", "tick")
    assert result.exit_code == 1
    assert [m["kind"] for m in told(patched)] == ["observation-end"]
