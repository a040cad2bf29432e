"""Two schedulers at the first digest of a coordinator: one makes it, the other sees that."""

import datetime

import pytest

from tests.postgres.waiting import begun
from tracker.channels.settings import read_site
from tracker.config import Location
from tracker.reminders import daily
from tracker.service import Service
from tracker.store import locks
from tracker.store.errors import ConstraintError

NOW = datetime.datetime(2026, 3, 5, 7, 0, 30, tzinfo=datetime.UTC)
HOUR = NOW.replace(second=0)


def make_both(location: Location) -> int:
    """Make a digest while another scheduler is about to commit the same; return how many."""
    made: list[int] = []

    def other() -> None:
        with Service.open(location, lambda: NOW) as service:
            made.append(daily._make(service, read_site(location), "anna", HOUR, NOW))

    with Service.open(location, lambda: NOW, create=True) as service:
        with service.database.writing() as conn:
            locks.named(conn, [daily._ONE])
            daily._advance(conn, "anna", HOUR)
            attempt = begun(location, other)
        assert attempt.wait(30, lambda: False, 0)
    return sum(made)


@pytest.mark.backends("postgresql")
def test_who_comes_second_makes_none(location: Location) -> None:
    """It waits, and then the first one's is there."""
    assert make_both(location) == 0


@pytest.mark.backends("postgresql")
def test_twin_without_waiting_its_tick_breaks_off(location: Location, monkeypatch) -> None:
    """Both see nothing, and both write."""
    monkeypatch.setattr(locks, "named", lambda *_: None)
    with pytest.raises(ConstraintError):
        make_both(location)
