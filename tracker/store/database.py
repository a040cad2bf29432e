"""One database, in a file or on a server: transactions, and errors that say what to do."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from sqlalchemy import Connection, Engine
from sqlalchemy.pool import PoolProxiedConnection

from tracker.config import Location, make_home
from tracker.errors import StoreError
from tracker.store import sqlite
from tracker.store.failures import explained
from tracker.store.sealing import Seals, attach
from tracker.store.sqlite import FILE_NAME, WRITES, Durability, create_file, sqlite_engine
from tracker.store.statements import Sender, Session


class Ways(NamedTuple):
    """How statements are run without SQLAlchemy's bookkeeping: single queries, and transactions."""

    querying: Callable[[PoolProxiedConnection], AbstractContextManager[Session]]
    appending: Callable[[PoolProxiedConnection], AbstractContextManager[Sender]]


__all__ = ["FILE_NAME", "Database", "Durability", "open_database"]


class Database:
    """One database: short transactions that read or write, and errors that say what to do."""

    def __init__(
        self,
        engine: Engine,
        location: Location,
        path: Path | None = None,
        ways: Ways | None = None,
    ) -> None:
        self.engine = engine
        self.location = location
        self.name = location.name
        self.path = path
        self.seals: Seals | None = None
        """What seals events, where the tracker is encrypted."""
        self.lifted = False
        """Whether its connections see more than others of the same login would."""
        self._ways = ways or Ways(sqlite.querying, sqlite.appending)
        self._writer = engine.execution_options(**{WRITES: True})

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

    @property
    def on_server(self) -> bool:
        """Whether it is a server, where others write while a transaction is open."""
        return self.engine.dialect.name != "sqlite"

    @cached_property
    def login(self) -> str | None:
        """The login at the server as the server tells it, None for a file. Raises StoreError."""
        if not self.on_server:
            return None
        with self.querying() as session:
            driver: Any = session.connection.driver_connection
            return str(driver.info.parameter_status("session_authorization"))

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

        Raises StoreError for what the database refuses, ConstraintError for a key that is there.
        """
        with self._explained(), self._writer.begin() as conn:
            yield conn

    @contextmanager
    def querying(self) -> Iterator[Session]:
        """Give what runs single queries, each of which sees the latest state by itself."""
        with self._explained(), self._driver() as raw, self._ways.querying(raw) as it:
            yield it

    @contextmanager
    def appending(self) -> Iterator[Sender]:
        """Give what runs the statements of a transaction that writes; as `writing`, with less.

        SQLAlchemy's own bookkeeping for a connection costs as much as half the statements of
        recording an event. A server is asked when an answer is looked at: what it refuses shows
        there, or at the end.
        """
        with (
            self._explained(),
            self._driver() as connection,
            self._ways.appending(connection) as it,
        ):
            yield it

    @contextmanager
    def _driver(self) -> Iterator[PoolProxiedConnection]:
        connection = self.engine.raw_connection()
        try:
            yield connection
        finally:
            if getattr(connection.driver_connection, "closed", False):
                connection.invalidate()  # or giving it back complains
            connection.close()

    def _explained(self) -> AbstractContextManager[None]:
        return explained(self.path, self.name)


def open_database(
    location: Location, *, create: bool = False, durability: Durability = "FULL"
) -> Database:
    """Open the database of a location; with `create`, make directory and file first.

    Raises StoreError when there is none or it cannot be opened.
    """
    if create:
        make_home(location)
    if location.database_url is not None:
        from tracker.store.postgresql import server_engine  # only a server needs its driver

        engine = server_engine(location.database_url, location.name, durability)
        from tracker.store import pipeline

        return Database(engine, location, ways=Ways(pipeline.querying, pipeline.appending))
    path = location.home / FILE_NAME
    if create:
        create_file(path)
    elif location.home.is_file():
        raise StoreError(
            f"{location.home} is a file, and no directory with a tracker",
            "a backup can be looked at where it is tracker.sqlite in a directory of its own:"
            f" mkdir DIR && cp {location.home.name} DIR/{FILE_NAME}",
        )
    elif not path.exists():
        raise StoreError(
            f"{location.home} holds no tracker",
            "`tracker init` makes one there; name the directory with --home or TRACKER_HOME",
        )
    return Database(sqlite_engine(path, durability), location, path)
