"""When nobody ticked is on record, however long ago it was."""

import datetime
from typing import Any

import pytest

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


def last_silence(tracker: Tracker) -> Any:
    """Return of which silence the status tells."""
    return tracker.json("scheduler", "status")["last_silence"]


def test_the_status_tells_of_the_last_that_is_over(patched: Tracker) -> None:
    """Not of the time before the first tick, and as long as no other came."""
    tick(patched, "04T09:00")
    assert last_silence(patched) is None
    tick(patched, "04T09:10", "04T09:11", "04T09:12")
    assert last_silence(patched) == {
        "from": "2026-03-04T09:00:00Z", "until": "2026-03-04T09:10:00Z", "seconds": 600.0,
    }  # fmt: skip


@pytest.mark.parametrize(("minutes", "told"), [(120, False), (121, True)])
def test_who_ticks_seldom_is_not_down_between_two_ticks(
    patched: Tracker, minutes: int, told: bool
) -> None:
    """Two of its turns may pass."""
    first, later = at("04T09:00"), at("04T09:00") + datetime.timedelta(minutes=minutes)
    with Service.open(patched.location, system_clock) as service:
        for now in (first, later):
            patched.clock.move_to(now)
            service.ticked(now, "hourly", {}, every=3600)
        assert (service.last_silence() is not None) == told


def test_a_dry_run_ends_no_silence(patched: Tracker) -> None:
    """It changes nothing."""
    tick(patched, "04T09:00")
    patched.clock.move_to(at("04T12:00"))
    patched.ok("scheduler", "tick", "--dry-run", "--format", "json")
    tick(patched, "04T15:00")
    assert noted(patched)[1:] == [Silence(at("04T09:00"), at("04T15:00"))]
