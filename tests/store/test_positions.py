"""Where in the log an instant is."""

import datetime

import pytest

from tests.cli.conftest import Tracker, clock, tracker
from tracker.cli.session import clock as system_clock
from tracker.service import Service
from tracker.store.positions import position_at

__all__ = ["clock", "tracker"]

FIRST = datetime.datetime(2026, 3, 1, 8, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def hourly(tracker: Tracker) -> Tracker:
    """Seven events, an hour between them."""
    tracker.clock.move_to(FIRST)
    tracker.ok("open", "--patient", "P", "--reference", "case-1")
    for _ in range(6):
        tracker.clock.tick(HOUR)
        tracker.ok("record", "position-changed", "case-1", "--position", "supine")
    return tracker


def position(tracker: Tracker, instant: datetime.datetime) -> int:
    """Return the position of the last event that was recorded by then."""
    location = tracker.location
    with Service.open(location, system_clock) as service, service.database.reading() as conn:
        return position_at(conn, instant)


@pytest.mark.parametrize("hours", range(7))
def test_what_was_recorded_by_then(hourly: Tracker, hours: int) -> None:
    """The instant itself counts, and what lies between two events belongs to the earlier."""
    at = FIRST + hours * HOUR
    assert position(hourly, at) == position(hourly, at + HOUR / 2) == hours + 1


def test_before_the_first_event_there_is_none(hourly: Tracker) -> None:
    """Nor in an empty log."""
    assert position(hourly, FIRST - HOUR) == 0
