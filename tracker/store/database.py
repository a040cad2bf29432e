"""Engine and transactions: one SQLite file with every guarantee switched on, or PostgreSQL."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from tracker.errors import StoreError, UsageError
from tracker.store.failures import explain
from tracker.store.sealing import Seals, attach
from tracker.store.statements import DriverSession, Session

if TYPE_CHECKING:
    from tracker.config import Location

FILE_NAME = "tracker.sqlite"
BUSY_SECONDS = 5.0
"""How long a writer waits for another one before it gives up."""

_WRITES = "tracker_writes"
Durability = Literal["FULL", "OFF"]


class Database:
    """One database: short transactions that read or write, and errors that say what to do."""

    def __init__(self, engine: Engine, location: "Location", path: Path | None = None) -> None:
        self.engine = engine
        self.location = location
        self.name = location.name
        self.path = path
        self.seals: Seals | None = None
        """What seals events, where the tracker is encrypted."""
        self._writer = engine.execution_options(**{_WRITES: True})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def seal_by(self, seals: Seals) -> None:
        """Seal what is written from now on, and unseal what is read."""
        self.seals = seals
        attach(self.engine, seals)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection whose queries all see one state of the database."""
        with self._explained(), self.engine.connect() as conn, conn.begin():
            yield conn

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the connection of a transaction that may read and then write; commit at the end.

        Raises StoreError for what the database refuses, except for a broken constraint: that is
        for the caller to explain.
        """
        with self._explained(), self._writer.begin() as conn:
            yield conn

    @contextmanager
    def querying(self) -> Iterator[Session]:
        """Give what runs single queries, each of which sees the latest state by itself."""
        with self._explained(), self._session() as session:
            yield session

    @contextmanager
    def appending(self) -> Iterator[Session]:
        """Give what runs the statements of a transaction that writes; as `writing`, with less.

        SQLAlchemy's own bookkeeping for a connection costs as much as half the statements of
        recording an event.
        """
        with self._explained(), self._session() as session:
            connection = session.connection
            if session.dialect.name == "sqlite":
                connection.cursor().execute("BEGIN IMMEDIATE")
            try:
                yield session
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def _session(self) -> Iterator[Session]:
        connection = self.engine.raw_connection()
        try:
            yield DriverSession(self.engine.dialect, connection)
        finally:
            connection.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.IntegrityError, IntegrityError):
            raise
        except (sqlite3.Error, DBAPIError) as error:
            raise explain(error, self.path, self.name) from error
        except SQLAlchemyError as error:
            raise StoreError(f"the database in {self.name} failed: {error}") from error


def open_database(
    location: "Location", *, create: bool = False, durability: Durability = "FULL"
) -> Database:
    """Open the database of a location; with `create`, make its directory and file first.

    Raises StoreError when there is none or it cannot be opened.
    """
    if location.database_url is not None:
        return Database(_server_engine(location.database_url), location)
    if location.home is None:
        raise UsageError("no data directory is named", "give --home or set TRACKER_HOME")
    path = location.home / FILE_NAME
    if create:
        create_file(path)
    elif not path.exists():
        raise StoreError(
            f"{location.home} holds no tracker",
            "`tracker init` makes one there; name the directory with --home or TRACKER_HOME",
        )
    return Database(sqlite_engine(path, durability), location, path)


def create_file(path: Path) -> None:
    """Make the file of a database and its directory, closed to others. Raises StoreError."""
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(
            f"{path.parent} cannot hold a tracker: {error.strerror}",
            "name a directory that is yours with --home or TRACKER_HOME",
        ) from error


def sqlite_engine(path: Path, durability: Durability) -> Engine:
    """Return an engine on a file that exists."""
    address = f"file:{quote(str(path))}?mode=rw"

    def connect() -> sqlite3.Connection:
        raw = sqlite3.connect(
            address, uri=True, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False
        )
        try:
            _configure(raw, durability)
        except BaseException:
            raw.close()
            raise
        return raw

    engine = create_engine(
        "sqlite://", creator=connect, poolclass=QueuePool, pool_timeout=30, hide_parameters=True
    )
    event.listen(engine, "begin", _begin)
    return engine


def _configure(raw: sqlite3.Connection, durability: Durability) -> None:
    _enter_wal(raw)
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


def _begin(conn: Connection) -> None:
    writes = conn.get_execution_options().get(_WRITES, False)
    raw: Any = conn.connection.dbapi_connection
    # A transaction that reads first and writes then fails at once if another one wrote in
    # between, whatever the timeout; one that begins IMMEDIATE waits instead.
    raw.execute("BEGIN IMMEDIATE" if writes else "BEGIN")


def _server_engine(url: str) -> Engine:
    try:
        return create_engine(url, isolation_level="READ COMMITTED", hide_parameters=True)
    except (SQLAlchemyError, ImportError) as error:
        raise UsageError("the database URL cannot be used", str(error)) from error
