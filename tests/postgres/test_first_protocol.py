"""A protocol that judges for the first time, in the middle of a transaction that holds rows."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from projections.views import Judge, View
from tests.postgres.waiting import begun
from tests.store.recording import new, now, opening, saying
from tracker.config import Location
from tracker.outbox.attempt import Attempt
from tracker.pathway import DEFAULT
from tracker.service import Service
from tracker.store import locks, postgresql, schema
from tracker.store import protocols as stored
from tracker.store.database import open_database
from tracker.store.errors import LockedError

pytestmark = pytest.mark.backends("postgresql")


def keep_all_rows(location: Location) -> None:
    """Wait for all rows, as a rebuild does."""
    with open_database(location) as database, database.writing() as conn:
        conn.execute(text("SET LOCAL lock_timeout = '60s'"))
        locks.all_rows(conn)


@pytest.fixture
def service(location: Location, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A new tracker; while it evaluates, somebody begins to wait for all rows."""
    monkeypatch.setattr(postgresql, "BUSY_SECONDS", 0.5)
    waiting: list[Attempt] = []
    view = Judge.view

    def evaluating(judge: Judge[Any], *of_episode: Any) -> View:
        waiting.append(begun(location, lambda: keep_all_rows(location)))
        return view(judge, *of_episode)

    with open_database(location, create=True) as database:
        schema.upgrade(database)
    monkeypatch.setattr(Judge, "view", evaluating)
    with Service.open(location, now) as made:
        yield made
    assert all(attempt.wait(60, lambda: False, 0) for attempt in waiting)


def test_it_is_kept_although_somebody_waits_for_all_rows(service: Service) -> None:
    """Who waits for all rows waits for this transaction, which must not wait for the waiting."""
    service.append(None, saying(opening(), new("leak-suspected", 10)))
    with service.database.reading() as conn:
        assert stored.names(conn) == [DEFAULT]


def test_twin_that_shares_the_rows_for_it_waits_for_itself(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody but the clock ends that."""
    monkeypatch.setattr(locks, "protocol", lambda conn, name: locks.named(conn, [name]))
    with pytest.raises(LockedError):
        service.append(None, saying(opening()))
