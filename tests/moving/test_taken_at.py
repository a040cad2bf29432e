"""Of which time a restored backup is: what decides which reminders may have been sent before."""

import datetime
import json
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from tests.moving.conftest import Tracker, messages, tick
from tests.moving.test_gap import against, checkpoint, key
from tracker.access.tables import accesses
from tracker.moving import restored
from tracker.store.instants import instant

__all__ = ["key"]

LAST, LOOK, RESTORED = "2026-03-04T08:00:00Z", "2026-03-04T11:55:00Z", "2026-03-04T12:00:00Z"


@pytest.fixture
def looked_at(patched: Tracker) -> Tracker:
    """A tracker taken back to its last tick, and looked at before anybody said so."""
    tick(patched, LAST)
    patched.clock.move_to(LOOK)
    patched.ok("worklist")
    patched.ok("scheduler", "status")
    patched.clock.move_to(RESTORED)
    return patched


def test_a_look_does_not_move_it(looked_at: Tracker) -> None:
    """Whoever looks before the restore is said changes nothing of what is lost."""
    assert looked_at.json("db", "restored")["taken_at"] == LAST


def recorded_again(tracker: Tracker) -> str:
    """Say that a tracker was restored, record again what was lost, and return what is told."""
    tracker.ok("db", "restored")
    tick(tracker, "2026-03-04T12:01:00Z")
    tracker.ok("open", "--patient", "P2", "--reference", "second", "--time-zone", "UTC",
               "--at", "2026-03-03T11:00Z")  # fmt: skip
    tracker.ok("record", "blood-patch-performed", "second", "--at", "2026-03-03T11:30Z")
    before = len(messages(tracker))
    tick(tracker, "2026-03-04T12:02:00Z")
    return json.dumps(messages(tracker)[before:])


def test_what_is_recorded_again_says_so_after_a_look(looked_at: Tracker) -> None:
    """Its reminders fell due after the backup, and may have been sent."""
    told = recorded_again(looked_at)
    assert "may have been sent before: restored from a backup of 2026-03-04 08:00Z" in told


def test_twin_that_counts_looks_sends_as_if_for_the_first_time(
    looked_at: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look is later than what fell due, so nothing shows that it may be the second time."""
    real = restored._newest

    def counting(conn: Connection) -> datetime.datetime | None:
        seen = conn.execute(select(func.max(accesses.c.at))).scalar_one()
        return max(instant(seen), real(conn) or instant(seen))

    monkeypatch.setattr(restored, "_newest", counting)
    told = recorded_again(looked_at)
    assert "early-review" in told
    assert "may have been sent before" not in told


def test_the_moment_that_the_operator_names_wins_if_it_is_earlier(patched: Tracker) -> None:
    """A scheduler that ran too soon must not make the backup younger, nor TIME make it so."""
    tick(patched, RESTORED)
    taken = "2026-03-04T10:00:00Z"
    assert patched.json("db", "restored", "--at", "2026-03-04 10:00Z")["taken_at"] == taken
    assert patched.json("db", "restored", "--at", "2026-03-04 12:00Z")["taken_at"] == RESTORED


def test_a_moment_that_lies_ahead_is_refused(patched: Tracker) -> None:
    """Nothing was taken back to it."""
    code, said = patched.refused("db", "restored", "--at", "2027-01-01 12:00Z")
    assert (code, "lies ahead" in said) == (2, True), said


def test_a_backup_of_just_now_is_doubted(patched: Tracker) -> None:
    """Somebody may have worked there since; who has named the moment is not asked again."""
    tick(patched, RESTORED)
    assert "tracker db restored --at TIME" in patched.run("db", "restored").stderr
    assert "--at TIME" not in patched.run("db", "restored", "--at", RESTORED).stderr
    patched.clock.move_to("2026-03-04T12:11:00Z")
    assert "--at TIME" not in patched.run("db", "restored").stderr


@pytest.mark.backends("sqlite")
def test_it_is_no_later_than_a_checkpoint_that_knows_more(
    patched: Tracker, key: Path, tmp_path: Path
) -> None:
    """What the checkpoint knows was recorded before it was signed, and is lost."""
    home = patched.home / "tracker.sqlite"
    backup = tmp_path / "set-back.sqlite"
    patched.ok("db", "backup", str(backup))
    patched.clock.move_to("2026-03-03T10:00:00Z")
    patched.ok("record", "patient-mobilized", "Ms-Miller")
    patched.ok("record", "patient-mobilized", "Ms-Miller")
    after = checkpoint(patched, key, "after.checkpoint")
    for file in patched.home.glob("tracker.sqlite*"):
        file.unlink()
    backup.rename(home)
    patched.clock.move_to(RESTORED)
    patched.ok("record", "patient-mobilized", "Ms-Miller")
    document = patched.json("db", "restored", *against(key, after))
    assert document["taken_at"] == "2026-03-03T10:00:00Z"
