"""Databases to test the store on: one contract, every backend."""

import datetime
from collections.abc import Iterator

import pytest

from tests.store.recording import now
from tracker.config import Location
from tracker.service import Service
from tracker.store import schema
from tracker.store.database import Database, open_database

NOW = datetime.datetime(2026, 2, 10, 8, tzinfo=datetime.UTC)


@pytest.fixture
def database(location: Location) -> Iterator[Database]:
    """An empty database with its tables."""
    with open_database(location, create=True) as made:
        schema.upgrade(made)
        yield made


@pytest.fixture
def service(location: Location) -> Iterator[Service]:
    """A service on a new database."""
    with Service.open(location, now, create=True) as made:
        yield made
