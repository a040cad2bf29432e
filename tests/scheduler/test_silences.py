"""When nobody ticked is on record, however long ago it was."""

import datetime

from tests.scheduler.conftest import Tracker
from tracker.cli.session import clock as system_clock
from tracker.service import Service
from tracker.store.silences import Silence, silences


def at(time: str) -> datetime.datetime:
    """Return an instant of March 2026."""
    return datetime.datetime.fromisoformat(f"2026-03-{time}:00+00:00")


def tick(tracker: Tracker, *times: str) -> None:
    """Tick at these times."""
    for time in times:
        tracker.clock.move_to(at(time))
        tracker.ok("scheduler", "tick", "--format", "json")


def noted(tracker: Tracker) -> list[Silence]:
    """Return the silences up to now."""
    place = tracker.location
    with Service.open(place, system_clock) as service, service.database.reading() as conn:
        return silences(conn, service.now())


def test_before_the_first_tick_there_was_silence(patched: Tracker) -> None:
    """Since ever, up to the first."""
    tick(patched, "04T09:00")
    assert noted(patched) == [Silence(None, at("04T09:00"))]


def test_what_lies_between_two_ticks_stays_on_record(patched: Tracker) -> None:
    """Also after many others."""
    tick(patched, "04T09:00", "04T10:00", "04T10:01", "04T10:02")
    assert noted(patched)[1:] == [Silence(at("04T09:00"), at("04T10:00"))]


def test_one_that_lasts_is_told(patched: Tracker) -> None:
    """Nobody has ended it, so it ends now."""
    tick(patched, "04T09:00")
    patched.clock.move_to(at("04T09:05"))
    assert len(noted(patched)) == 1
    patched.clock.move_to(at("05T09:00"))
    assert noted(patched)[1:] == [Silence(at("04T09:00"), at("05T09:00"), lasts=True)]


def test_where_nobody_ever_ticked_all_is_silence(patched: Tracker) -> None:
    """There is no scheduler."""
    assert noted(patched) == [Silence(None, at("03T09:00"), lasts=True)]


def test_a_dry_run_ends_no_silence(patched: Tracker) -> None:
    """It changes nothing."""
    tick(patched, "04T09:00")
    patched.clock.move_to(at("04T12:00"))
    patched.ok("scheduler", "tick", "--dry-run", "--format", "json")
    tick(patched, "04T15:00")
    assert noted(patched)[1:] == [Silence(at("04T09:00"), at("04T15:00"))]
