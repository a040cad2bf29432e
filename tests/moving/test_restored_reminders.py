"""After a restore: what may have been sent before says so, once, and nothing is left out."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.moving.conftest import Tracker, backup, beside, messages, restored, tick
from tests.scheduler.test_digest import PEOPLE, told

pytestmark = pytest.mark.backends("sqlite")

GAP, RESTORED, LATER = "2026-03-04T10:00:00Z", "2026-03-04T12:00:00Z", "2026-03-04T12:01:00Z"
MARK = "may have been sent before: restored from a backup of 2026-03-04 08:00Z"


def issued(tracker: Tracker) -> list[dict[str, Any]]:
    """Return what was issued, as the log has it."""
    lines = map(json.loads, tracker.ok("export", "Ms-Miller").splitlines())
    return [line for line in lines if line["event"] == "reminder-issued"]


def test_what_was_sent_in_the_gap_is_sent_again_and_says_so(patched: Tracker, taken: Path) -> None:
    """The tracker cannot know, so it tells, and says that it may be the second time."""
    sent = tick(patched, GAP)["issued"]
    new = restored(patched, taken, RESTORED)
    tick(new, LATER)
    (digest,) = messages(new)
    assert {r["id"] for r in digest["reminders"]} == {r["id"] for r in sent}
    assert MARK in digest["subject"]


def test_the_event_is_the_same_and_its_reason_tells(patched: Tracker, taken: Path) -> None:
    """Whoever compares the two logs finds the same id."""
    tick(patched, GAP)
    new = restored(patched, taken, RESTORED)
    tick(new, LATER)
    (before,), (after,) = issued(patched)[-1:], issued(new)[-1:]
    assert after["id"] == before["id"]
    assert MARK in after["data"]["reason"]


def test_it_is_one_message_for_each_recipient(patched: Tracker, taken: Path) -> None:
    """However much fell due."""
    patched.clock.move_to("2026-03-03T09:30:00Z")
    patched.ok("open", "--patient", "P2", "--reference", "second", "--time-zone", "UTC")
    patched.ok("record", "blood-patch-performed", "second")
    new = restored(patched, backup(patched, "two.sqlite"), RESTORED)
    tick(new, LATER)
    (digest,) = messages(new)
    assert len({r["episode"] for r in digest["reminders"]}) == 2
    assert digest["subject"].startswith("4 reminders. They may have been sent before")


def test_what_falls_due_later_is_not_marked(patched: Tracker, taken: Path) -> None:
    """It cannot have been sent by what is lost."""
    new = restored(patched, taken, RESTORED)
    tick(new, LATER)
    (new.home / "config.toml").write_text("[scheduler]\noutage_hours = 48\n")
    tick(new, "2026-03-05T10:00:00Z")
    assert messages(new)[-1]["phase"] == "overdue"
    assert messages(new)[-1]["restored_from"] is None


def test_what_is_recorded_again_is_marked_after_the_first_tick(
    patched: Tracker, taken: Path
) -> None:
    """What was lost and is entered anew brings back reminders of the time that is lost."""
    new = restored(patched, taken, RESTORED)
    tick(new, LATER)
    new.ok("open", "--patient", "P2", "--reference", "second", "--time-zone", "UTC",
           "--at", "2026-03-03T11:00Z")  # fmt: skip
    new.ok("record", "blood-patch-performed", "second", "--at", "2026-03-03T11:30Z")
    tick(new, "2026-03-04T12:02:00Z")
    assert MARK in messages(new)[-1]["subject"]


def test_what_waited_in_the_outbox_says_so_too(patched: Tracker, taken: Path) -> None:
    """It may have gone out after the backup was taken."""
    (patched.home / "config.toml").write_text(
        '[channels.mail]\nkind = "webhook"\nurl = "http://127.0.0.1:9/"\nsecret_env = "S"\n'
        '[[recipients]]\nchannel = "mail"\n'
    )
    tick_that_fails(patched, GAP)
    file = backup(patched, "waiting.sqlite")
    new = restored(patched, file, RESTORED)
    rows = [new.json("outbox", "show", row["id"]) for row in new.json("outbox", "list")]
    assert {row["content"]["restored_from"] for row in rows} == {GAP}
    assert {row["attempts"] for row in rows} == {1}


def tick_that_fails(tracker: Tracker, time: str) -> None:
    """Tick at a time, while nothing can be sent."""
    tracker.clock.move_to(time)
    tracker.environ["S"] = "x" * 32
    tracker.run("scheduler", "tick")


def test_status_and_doctor_say_when_it_was_restored(patched: Tracker, taken: Path) -> None:
    """From which backup, and whether a tick has told what fell due."""
    new = restored(patched, taken, RESTORED)
    before = new.json("scheduler", "status")["restored"]
    assert (before["at"], before["taken_at"]) == (RESTORED, "2026-03-04T08:00:00Z")
    assert before["settled_at"] is None
    tick(new, LATER)
    assert new.json("scheduler", "status")["restored"]["settled_at"] == LATER
    assert "from a backup of 2026-03-04 08:00" in new.ok("scheduler", "status")
    assert "restored at 2026-03-04 12:00Z" in new.run("doctor").stdout


def test_twin_without_the_mark_sends_as_if_for_the_first_time(
    patched: Tracker, taken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restore that is not put on record repeats what was sent, and nothing shows it."""
    monkeypatch.setattr("tracker.moving.restored.restores.note", lambda *_: None)
    new = restored(patched, taken, RESTORED)
    tick(new, LATER)
    assert MARK not in json.dumps(messages(new))


def test_the_daily_digest_of_the_gap_says_so_too(patched: Tracker, taken: Path) -> None:
    """Its hour came after the backup was taken, and it may have been sent then."""
    (patched.home / "config.toml").write_text(PEOPLE)
    patched.ok("assign", "Ms-Miller", "anna")
    tick(patched, "2026-03-04T09:30:00Z")
    file = backup(patched, "digests.sqlite")
    new = beside(patched, "restored")
    new.home.mkdir()
    (new.home / "config.toml").write_text(PEOPLE)
    restored(patched, file, "2026-03-05T08:00:00Z")
    tick(new, "2026-03-05T08:01:00Z")
    (digest,) = told(new, "anna")
    assert digest["made_for"] == "2026-03-05T07:00:00Z"
    assert digest["subject"].startswith("May have been sent before: ")
