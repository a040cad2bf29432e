"""The outbox and the log: a row is there together with the event that issues it, or not at all."""

import sqlite3

import pytest

from tests.scheduler.conftest import Tracker, clock, patched, tracker
from tracker.cli.session import clock as system_clock
from tracker.outbox import entries
from tracker.reminders.tick import tick
from tracker.service import Service

__all__ = ["clock", "patched", "tracker"]


def issue(patched: Tracker) -> list[str]:
    """Tick once more, without delivering; return what failed."""
    patched.clock.move_to("2026-03-03T11:00:00Z")
    with Service.open(patched.location, system_clock) as service:
        return [what for _, what in tick(service, system_clock()).failed]


def test_both_are_there(patched: Tracker) -> None:
    """One row for each channel, naming the event."""
    issue(patched)
    (event,) = [e for e in patched.json("timeline", "Ms-Miller") if e["event"] == "reminder-issued"]
    rows = patched.json("outbox", "list")
    assert {(row["event"], row["channel"]) for row in rows} == {
        (event["id"], "console"), (event["id"], "file"),
    }  # fmt: skip


def test_neither_is_there_when_the_row_cannot_be_written(
    patched: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next tick issues it, with its rows."""

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("no room")

    with monkeypatch.context() as broken:
        broken.setattr(entries, "put", full)
        assert issue(patched) != []
    assert patched.json("outbox", "list") == []
    assert "reminder-issued" not in patched.ok("timeline", "Ms-Miller")
    issue(patched)
    assert len(patched.json("outbox", "list")) == 2


def test_a_rebuild_leaves_the_outbox_alone(patched: Tracker) -> None:
    """It is no read model: nobody could make it again."""
    issue(patched)
    before = patched.json("outbox", "list")
    patched.ok("projections", "rebuild")
    patched.ok("projections", "rebuild", "--verify")
    assert patched.json("outbox", "list") == before
