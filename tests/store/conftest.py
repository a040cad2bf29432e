"""Databases to test the store on: one contract, every backend."""

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracker.config import Location
from tracker.store import schema
from tracker.store.database import Database, open_database

NOW = datetime.datetime(2026, 2, 10, 8, tzinfo=datetime.UTC)


def make_database(backend: str, folder: Path) -> Database:
    """Return an empty database with its tables on a backend."""
    assert backend == "sqlite"
    database = open_database(Location(folder / "data", None), create=True)
    schema.upgrade(database)
    return database


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database, on each backend in turn."""
    with make_database(request.param, tmp_path) as made:
        yield made
