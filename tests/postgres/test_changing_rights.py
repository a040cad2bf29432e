"""Roles are made and brought up to date while people record: nobody waits in a circle."""

from collections.abc import Iterator, Mapping
from uuid import UUID

import pytest

from tests.postgres.roles import PREFIX
from tests.postgres.waiting import begun
from tests.store.recording import new, now, opening, saying
from tracker.config import Location
from tracker.outbox.attempt import Attempt
from tracker.roles import setup
from tracker.service import Service
from tracker.store import locks, schema
from tracker.store.database import open_database
from tracker.store.errors import CollisionError
from tracker.store.statements import Session

pytestmark = pytest.mark.backends("postgresql")


def renew(location: Location) -> None:
    """Do what `tracker db upgrade` does for the roles that are there."""
    with open_database(location) as database:
        assert setup.bring_up_to_date(database)


@pytest.fixture
def service(location: Location) -> Iterator[Service]:
    """A tracker with roles."""
    with open_database(location, create=True) as database:
        schema.upgrade(database)
        setup.make(database, PREFIX)
    with Service.open(location, now) as made:
        yield made


def collided(service: Service) -> bool:
    """Record; when the rows of the episode are written and the counts are not, rights change.

    Return whether one of the two was taken back.
    """
    changes: list[Attempt] = []

    def meanwhile(conn: Session, _keys: Mapping[UUID, int]) -> None:
        conn.collect()  # type: ignore[attr-defined]
        changes.append(begun(service.database.location, lambda: renew(service.database.location)))

    done = service.append(None, saying(opening()))
    service.append(done.episode.uuid, saying(new("leak-suspected", 10)), beside=meanwhile)
    try:
        assert all(change.wait(60, lambda: False, 0) for change in changes)
    except CollisionError:
        return True
    return len(changes) > 1


def test_who_changes_rights_waits_for_who_records(service: Service) -> None:
    """Both come to their end."""
    assert not collided(service)


def test_twin_that_waits_for_nobody_collides(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each holds tables that the other needs."""
    monkeypatch.setattr(locks, "all_rows", lambda _conn: None)
    assert collided(service)
