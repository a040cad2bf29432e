"""Opening a database, and what it says when something is wrong with it."""

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from tracker.config import Location
from tracker.errors import StoreError
from tracker.store import schema, sqlite
from tracker.store.database import Database, open_database
from tracker.store.errors import ConstraintError, LockedError
from tracker.store.failures import explain, holders, trace

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


def pragma(database: Database, name: str) -> object:
    """Return a setting of a connection."""
    with database.reading() as conn:
        return conn.execute(text(f"PRAGMA {name}")).scalar()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Database]:
    """A database that waits for a lock only briefly."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    with open_database(Location(tmp_path, None), create=True) as made:
        schema.upgrade(made)
        yield made


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    ("name", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("recursive_triggers", 1)],
)
def test_every_guarantee_is_switched_on(database: Database, name: str, value: object) -> None:
    """No connection is without what the log relies on."""
    assert pragma(database, name) == value


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    """The data directory and every file in it are closed to others."""
    home = tmp_path / "new" / "home"
    with open_database(Location(home, None), create=True) as made:
        schema.upgrade(made)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert set(modes.values()) == {0o600}
    assert len(modes) == 3


@pytest.mark.parametrize("name", ["what is 100%?", "#1", "ü ø"])
def test_a_directory_may_have_any_name(tmp_path: Path, name: str) -> None:
    """Characters that mean something in an address are taken as they are."""
    with open_database(Location(tmp_path / name, None), create=True) as made:
        assert schema.upgrade(made)
    assert (tmp_path / name / "tracker.sqlite").exists()


def test_an_absent_database_names_the_command_that_makes_one(tmp_path: Path) -> None:
    """Opening makes nothing by itself."""
    with pytest.raises(StoreError, match="holds no tracker") as caught:
        open_database(Location(tmp_path, None))
    assert "init" in str(caught.value.hint)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_the_directory_is_explained(tmp_path: Path) -> None:
    """A data directory that cannot be made is said to be so."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot hold a tracker"):
        open_database(Location(tmp_path / "file", None), create=True)


def test_an_error_quotes_no_parameter(database: Database) -> None:
    """What is said about a failed statement holds no patient's data."""
    twice = [{"u": "a secret"}, {"u": "a secret"}]
    with pytest.raises(ConstraintError) as caught, database.writing() as conn:
        conn.execute(text("INSERT INTO episodes (uuid) VALUES (:u)"), twice)
    assert "a secret" not in str(caught.value)


def test_a_locked_database_names_the_process_that_holds_it(impatient: Database) -> None:
    """After waiting, the error says who to look for."""
    command = [sys.executable, "-c", HOLDER, str(impatient.path)]
    with subprocess.Popen(command, stdin=-1, stdout=-1) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(LockedError) as caught, impatient.writing():
            pass
        holder.communicate()
    assert str(holder.pid) in str(caught.value.hint)


@pytest.mark.backends("sqlite")
def test_nobody_is_named_who_has_not_opened_it(database: Database) -> None:
    """A process without the file open is not suspected, nor are we ourselves."""
    assert database.path is not None
    assert holders(database.path) == []


def test_readers_do_not_wait_for_a_writer(impatient: Database) -> None:
    """The worklist opens while somebody records."""
    with impatient.writing(), impatient.reading() as conn:
        assert conn.execute(text("SELECT count(*) FROM events")).scalar() == 0


def test_a_reader_sees_one_state(database: Database) -> None:
    """Two queries of one reading agree, whatever is written between them."""
    with database.reading() as conn:
        before = conn.execute(text("SELECT count(*) FROM episodes")).scalar()
        with database.writing() as other:
            other.execute(text("INSERT INTO episodes VALUES (1, 'x')"))
        assert conn.execute(text("SELECT count(*) FROM episodes")).scalar() == before


@pytest.mark.backends("sqlite")
def test_a_full_disk_is_called_so(database: Database) -> None:
    """A transaction that finds no room is taken back and explained."""
    with database.reading() as conn:
        pages = conn.execute(text("PRAGMA page_count")).scalar()
        conn.execute(text(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(StoreError, match="full"), database.writing() as conn:
        conn.execute(text("INSERT INTO episodes VALUES (1, hex(zeroblob(1000000)))"))
    with database.reading() as conn:
        assert conn.execute(text("SELECT count(*) FROM episodes")).scalar() == 0


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("attempt to write a readonly database", "read-only"),
        ("unable to open database file", "cannot be opened"),
        ("database disk image is malformed", "damaged"),
        ("something else", "refused: something else"),
    ],
)
def test_what_sqlite_says_is_put_into_words(said: str, meant: str) -> None:
    """Every failure names the place and what to do next."""
    error = explain(sqlite3.OperationalError(said), None, "/data")
    assert "/data" in error.message
    assert meant in error.message
    assert error.hint


def test_a_failure_is_kept_without_its_words(tmp_path: Path) -> None:
    """Type, code and place tell a maintainer enough; the words may quote a patient's record."""
    with (
        closing(sqlite3.connect(tmp_path / "x")) as raw,
        pytest.raises(sqlite3.OperationalError) as caught,
    ):
        raw.execute("SELECT 'Ada' FROM lovelace")
    told = trace(caught.value)
    assert told.startswith("OperationalError (SQLITE_ERROR) at test_database.py:")
    assert "lovelace" not in told


def test_first_starts_at_once_take_turns(tmp_path: Path) -> None:
    """However many begin together, each finds complete tables in the end."""

    def start(_: int) -> bool:
        with open_database(Location(tmp_path, None), create=True) as made:
            changed = schema.upgrade(made)
            schema.check(made)
            return changed

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(start, range(6))) == 1
