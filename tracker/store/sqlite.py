"""One SQLite file with every guarantee switched on."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import PoolProxiedConnection, QueuePool

from tracker.errors import StoreError
from tracker.store import evidence
from tracker.store.failures import silence
from tracker.store.statements import DriverSession, Sender, Session

FILE_NAME = "tracker.sqlite"
BUSY_SECONDS = 5.0
"""How long a writer waits for another one before it gives up."""
FEW_PAGES = "PRAGMA cache_size = -128"
"""For who reads each page once: the next one may take the place of one that is near the processor.
"""
WRITES = "tracker_writes"
"""Execution option of a connection whose transactions write."""

_DIALECT = SQLiteDialect_pysqlite()
Durability = Literal["FULL", "OFF"]


def create_file(path: Path) -> None:
    """Make the file of a database, closed to others.

    Raises StoreError where that is not possible.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(
            f"{path.parent} cannot hold a tracker: {error.strerror}",
            "name a directory that is yours with --home or TRACKER_HOME",
        ) from error


def sqlite_engine(path: Path, durability: Durability) -> Engine:
    """Return an engine on a file that exists; one that nothing can be made beside is only read."""

    def connect() -> sqlite3.Connection:
        try:
            return _connected(path, "mode=rw", durability, _enter_wal)
        except sqlite3.OperationalError:
            if not evidence.only_readable(path):
                raise
        evidence.refuse_part(path)
        # SQLite takes our word that nobody changes it, and needs nothing beside it.
        return _connected(path, "mode=ro&immutable=1", durability)

    engine = create_engine(
        "sqlite://", creator=connect, poolclass=QueuePool, pool_timeout=30, hide_parameters=True
    )
    silence("sqlalchemy.pool")
    event.listen(engine, "begin", _begin)
    return engine


def _connected(
    path: Path,
    how: str,
    durability: Durability,
    begin: Callable[[sqlite3.Connection], None] | None = None,
) -> sqlite3.Connection:
    raw = sqlite3.connect(
        f"file:{quote(str(path))}?{how}",
        uri=True,
        isolation_level=None,
        timeout=BUSY_SECONDS,
        check_same_thread=False,
    )
    try:
        if begin is not None:
            begin(raw)
        _configure(raw, durability)
    except BaseException:
        raw.close()
        raise
    return raw


def _configure(raw: sqlite3.Connection, durability: Durability) -> None:
    for pragma in (f"synchronous={durability}", "foreign_keys=ON", "recursive_triggers=ON"):
        raw.execute(f"PRAGMA {pragma}")
    (level,) = raw.execute("PRAGMA synchronous").fetchone()
    if level != {"FULL": 2, "OFF": 0}[durability]:
        raise StoreError("the database does not promise to keep what it acknowledges")


def _enter_wal(raw: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; SQLite waits for others here only at times, so we do."""
    raw.execute("PRAGMA busy_timeout=0")  # or each attempt would wait anew
    for attempt in range(100):
        try:
            if _journal_mode(raw, "") == "wal" or _journal_mode(raw, "=WAL") == "wal":
                raw.execute(f"PRAGMA busy_timeout={round(BUSY_SECONDS * 1000)}")
                return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
        time.sleep(min(0.01 * (attempt + 1), BUSY_SECONDS / 100))
    raise sqlite3.OperationalError("database is locked")


def _journal_mode(raw: sqlite3.Connection, wanted: str) -> str:
    (mode,) = raw.execute(f"PRAGMA journal_mode{wanted}").fetchone()
    return str(mode)


@contextmanager
def few_pages(conn: Session) -> Iterator[None]:
    """Let a connection keep few pages."""
    raw: Any = conn.connection.driver_connection
    (before,) = raw.execute("PRAGMA cache_size").fetchone()
    raw.execute(FEW_PAGES)
    try:
        yield
    finally:
        raw.execute(f"PRAGMA cache_size = {before}")


@contextmanager
def querying(connection: PoolProxiedConnection) -> Iterator[Session]:
    """Give what runs single queries, each of which sees the latest state by itself."""
    yield DriverSession(_DIALECT, connection)


@contextmanager
def appending(connection: PoolProxiedConnection) -> Iterator[Sender]:
    """Give what runs the statements of a transaction; committed at the end, or taken back."""
    connection.cursor().execute("BEGIN IMMEDIATE")
    try:
        yield DriverSession(_DIALECT, connection)
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _begin(conn: Connection) -> None:
    writes = conn.get_execution_options().get(WRITES, False)
    raw: Any = conn.connection.dbapi_connection
    # A transaction that reads first and writes then fails at once if another one wrote in
    # between, whatever the timeout; one that begins IMMEDIATE waits instead.
    raw.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
