"""An access log in a database with two episodes."""

import datetime
from collections.abc import Iterator
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent

from tracker import access
from tracker.access import Access
from tracker.config import Location
from tracker.store import schema
from tracker.store.database import Database, open_database
from tracker.store.recorder import LogRecorder

NOW = datetime.datetime(2026, 3, 5, 9, 0, tzinfo=datetime.UTC)
ONE = UUID("12345678-1234-5678-1234-567812345678")
OTHER = UUID("87654321-1234-5678-1234-567812345678")


def look(episode: UUID | None = ONE, actor: str = "anna", minutes: int = 0) -> Access:
    """Return a look at an episode, or at a list if there is none."""
    at = NOW + datetime.timedelta(minutes=minutes)
    if episode is not None:
        return Access(at=at, actor=actor, command="show", episode=episode)
    return Access(at=at, actor=actor, command="worklist", query={"urgent": True}, count=2)


def append(database: Database, *accesses: Access) -> list[int]:
    """Append in one transaction."""
    with database.appending() as conn:
        return access.append(conn, accesses)


@pytest.fixture
def database(location: Location) -> Iterator[Database]:
    """A database that knows two episodes."""
    with open_database(location, create=True) as made:
        schema.upgrade(made)
        for episode in (ONE, OTHER):
            LogRecorder(made).insert_events([StoredEvent(episode, 1, "leak-suspected", b"{}")])
        yield made
