"""A service whose clock a test can move."""

import datetime
from collections.abc import Iterator

import pytest

from tests.store.recording import NOW
from tracker.config import Location
from tracker.service import Service


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.instant = NOW

    def __call__(self) -> datetime.datetime:
        """Return the instant at which it stands."""
        return self.instant

    def pass_(self, **duration: float) -> None:
        """Move forward."""
        self.instant += datetime.timedelta(**duration)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands until it is moved."""
    return Clock()


@pytest.fixture
def service(location: Location, clock: Clock) -> Iterator[Service]:
    """A service on a new database."""
    with Service.open(location, clock, create=True) as made:
        yield made
