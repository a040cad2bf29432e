"""A tracker whose backups are restored into places beside it, at times that the test chooses."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config

from tests.cli.conftest import Tracker, clock, tracker
from tests.scheduler.conftest import patched
from tests.scheduler.test_outage import messages, tick
from tracker.config import Location
from tracker.store.database import Database, open_database

__all__ = [
    "Tracker", "backup", "beside", "clock", "first_release", "messages", "opened", "patched",
    "restored", "silent", "tick", "tracker",
]  # fmt: skip


@contextmanager
def silent(_total: int | None, _what: str) -> Iterator[Any]:
    """Show no progress."""
    yield lambda _count: None


def beside(tracker: Tracker, name: str) -> Tracker:
    """Return a tracker of another name beside one, at the same clock."""
    return Tracker(Location(tracker.home.parent / name), tracker.clock)


def backup(tracker: Tracker, name: str = "backup.sqlite") -> Path:
    """Back a tracker up into a file beside it."""
    file = tracker.home.parent / name
    tracker.ok("db", "backup", str(file))
    return file


def restored(tracker: Tracker, file: Path, time: str, name: str = "restored") -> Tracker:
    """Restore a backup at a time into a place beside a tracker, and return that."""
    tracker.clock.move_to(time)
    new = beside(tracker, name)
    new.ok("db", "restore", str(file))
    return new


@contextmanager
def opened(home: Path) -> Iterator[Database]:
    """Open the database of a data directory."""
    with open_database(Location(home, None)) as database:
        yield database


def first_release(place: Location) -> None:
    """Make the tables of the first release in a place, with nothing in them."""
    config = Config()
    config.set_main_option("script_location", "projections:migrations")
    config.set_main_option("path_separator", "os")
    with open_database(place, create=True) as database, database.writing() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, "0001")


@pytest.fixture
def taken(patched: Tracker) -> Path:
    """A backup of a tracker that ticked on 4 March 2026, 08:00: a review opens at 09:00."""
    tick(patched, "2026-03-04T08:00:00Z")
    return backup(patched)
