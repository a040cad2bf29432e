"""What a released version made can be upgraded, and nothing of it is lost.

`released/schema-N.sql` is a file as the program of schema N left it, `schema-N-postgresql.sql` a
database of a server: two episodes, a correction and a tick. They are never made anew.
"""

import datetime
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.postgres.server import Databases
from tests.store.catalogue import objects
from tests.store.test_schema import declared
from tracker.config import Location
from tracker.errors import StoreError
from tracker.service import Service
from tracker.store import schema, sequence
from tracker.store.chain import first_broken
from tracker.store.database import Database, open_database
from tracker.store.sqlite import FILE_NAME

DUMPS = sorted((Path(__file__).parent / "released").glob("*.sql"))
LATER = datetime.datetime(2026, 3, 4, 12, tzinfo=datetime.UTC)
LOG = "SELECT * FROM events ORDER BY position"


@pytest.fixture(params=DUMPS, ids=lambda dump: dump.stem)
def dump(request: pytest.FixtureRequest) -> Path:
    """What a released version left."""
    found: Path = request.param
    return found


@pytest.fixture
def released(dump: Path, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Location]:
    """Where a database of a released version is."""
    statements = dump.read_text(encoding="utf-8")
    if not dump.stem.endswith("postgresql"):
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as conn:
            conn.executescript(statements)
        yield Location(tmp_path)
        return
    server: Databases = request.getfixturevalue("server")
    with server.database("template0") as name:
        server.execute(statements, name)
        yield Location(tmp_path, server.url(name))


@pytest.fixture
def new(released: Location, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A new database of the same kind."""
    home, url = tmp_path / "new", None
    if released.database_url is not None:
        server: Databases = request.getfixturevalue("server")
        url = server.url(request.getfixturevalue("template"))
    with open_database(Location(home, url), create=True) as database:
        schema.upgrade(database)
        yield database


@pytest.fixture
def upgraded(released: Location) -> Iterator[Database]:
    """A database of a released version, brought up to date."""
    with open_database(released) as database:
        assert schema.upgrade(database)
        yield database


def test_every_released_schema_is_here() -> None:
    """The first two were released before there was a list of them, and before servers."""
    wanted = {"schema-1", "schema-2", "schema-8", "schema-8-postgresql"}
    assert {dump.stem for dump in DUMPS} >= wanted


@pytest.mark.parametrize("create", [False, True])
def test_an_older_database_says_what_to_run(released: Location, create: bool) -> None:
    """No command works on tables that it does not know, or upgrades them by the way."""
    with pytest.raises(StoreError, match="older version") as caught:
        Service.open(released, lambda: LATER, create=create)
    assert "tracker db upgrade" in str(caught.value.hint)


def test_it_becomes_what_a_new_one_is(upgraded: Database, new: Database) -> None:
    """Tables, indexes, triggers, functions and AUTOINCREMENT are those of a new database."""
    tables = objects(upgraded, "table")
    assert declared(upgraded) == []
    made = ("trigger", "index", "function")
    assert objects(upgraded, *made) == objects(new, *made)
    assert tables.keys() == objects(new, "table").keys()
    for name in ("episodes", "events", "accesses"):
        assert ("AUTOINCREMENT" in tables[name]) == (upgraded.path is not None)


def test_the_log_is_kept_byte_for_byte(released: Location) -> None:
    """An upgrade touches the tables of the log and no row in them."""
    with open_database(released) as database:
        with database.reading() as conn:
            before = conn.execute(text(LOG)).all()
        schema.upgrade(database)
        with database.reading() as conn:
            assert conn.execute(text(LOG)).all() == before
            assert first_broken(sequence.links(conn)) is None
    assert len(before) == 8


def test_what_it_holds_is_shown_as_before(upgraded: Database) -> None:
    """Episodes, corrections and reminders are there, and the lists agree with the log."""
    with Service.open(upgraded.location, lambda: LATER) as service:
        first = service.resolve("case-1")
        assert service.status(first.uuid).stage == "post-patch"
        assert service.resolve("Ünäl-2").patient == "MRN-0815"
        assert service.verify() == []
