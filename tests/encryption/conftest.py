"""Key stores in a directory of the test."""

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import clock, tracker
from tracker.config import Location
from tracker.encryption.cipher import Key
from tracker.encryption.store import KeyStore
from tracker.store.database import Database, open_database

__all__ = ["clock", "tracker"]

NOW = datetime.datetime(2026, 3, 1, 8, tzinfo=datetime.UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give an empty database for keys."""
    with open_database(Location(tmp_path / "keys", None), create=True) as opened:
        yield opened


@pytest.fixture
def master() -> Key:
    """Give a master key."""
    return Key.new()


@pytest.fixture
def keys(database: Database, master: Key) -> KeyStore:
    """Give an empty key store."""
    return KeyStore.create(database, master, NOW)
