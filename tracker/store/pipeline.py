"""Statements that are sent to a server as they come, and answers that are read together.

The driver's own pipeline waits for the socket with each statement and keeps a cursor for each,
which costs as much as recording an event does otherwise; this is libpq's, as the driver gives it.
"""

import select
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any, Self, cast

from psycopg import Connection, DataError, Error, OperationalError
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, PipelineStatus
from psycopg.pq.abc import PGconn, PGresult
from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.pool import PoolProxiedConnection

from tracker.store.failures import unkept
from tracker.store.refusals import NUL

DIALECT: Dialect = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_KEY = "pipeline"


def _text(value: Any) -> bytes | None:
    """Return a value as a server reads it, whatever the type of the parameter."""
    if value is None:
        return None
    if isinstance(value, str):
        if "\0" in value:  # libpq would take what comes before it for the whole
            raise DataError(NUL)
        return value.encode()
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, int):
        return b"%d" % value
    if isinstance(value, list):
        return b"{" + b",".join(map(_element, value)) + b"}"
    return b"\\x" + bytes(value).hex().encode()


def _element(value: Any) -> bytes:
    text = _text(value)
    if text is None:
        return b"NULL"
    if isinstance(value, int):
        return text
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


class Sent:
    """The answer to a statement that was sent; read from the server when it is asked for."""

    def __init__(self, session: "ServerSession") -> None:
        self._session = session
        self.result: PGresult | None = None

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows. Raises psycopg.Error for what the server refused up to here."""
        if self.result is None:
            self._session.collect()
        return self._session.rows(cast(PGresult, self.result))

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the first row, None if there is none."""
        rows = self.fetchall()
        return rows[0] if rows else None


class ServerSession:
    """Sends statements on a connection, on which nothing else is done meanwhile."""

    def __init__(self, connection: PoolProxiedConnection) -> None:
        self.dialect = DIALECT
        self.connection = connection
        """Whose it is for now."""
        self._raw = cast("Connection[Any]", connection.driver_connection)
        self._libpq: PGconn = self._raw.pgconn
        self._adapt = Transformer(self._raw)
        self._waiting: deque[Sent | str] = deque()
        self._inserted: list[Sent] = []
        """By the transaction that is going on; each is to have made one row."""
        self._unasked, self._due = False, 0
        """How often the server was asked to answer and has not done so to the end."""
        self._names: dict[str, bytes] = {}
        """Of the statements that are prepared, by their text."""
        self._numbers = count()
        self._poll = select.poll()

    @classmethod
    def on(cls, connection: PoolProxiedConnection) -> Self:
        """Return the session of a driver's connection, whoever had it before."""
        session = connection.info.get(_KEY) or cls(connection)
        connection.info[_KEY] = session
        session.connection = connection
        session._libpq.enter_pipeline_mode()
        return session

    def send(self, sql: str, values: Sequence[Any] = ()) -> Sent:
        """Send a statement with its values."""
        name = self._names.get(sql) or self._prepare(sql)
        self._libpq.send_query_prepared(name, [_text(value) for value in values])
        sent = Sent(self)
        self._waiting.append(sent)
        self._unasked = True
        return sent

    def send_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Send a statement once for each row of values."""
        for row in rows:
            self.send(sql, row)

    def insert_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Send a statement that inserts one row for each row of values; see `commit`."""
        self._inserted += [self.send(sql, row) for row in rows]

    def push(self) -> None:
        """Let the server begin with what was sent so far."""
        self._libpq.flush()

    def ask(self) -> None:
        """Let the server answer what was sent so far, while something else is done here."""
        if self._unasked:
            self._libpq.pipeline_sync()
            self._due, self._unasked = self._due + 1, False

    def _prepare(self, sql: str) -> bytes:
        name = b"tracker_%d" % next(self._numbers)
        self._libpq.send_prepare(name, sql.encode())
        self._waiting.append(sql)
        self._names[sql] = name
        return name

    def rows(self, result: PGresult) -> list[tuple[Any, ...]]:
        """Return the rows of a result."""
        if not result.ntuples:
            return []
        self._adapt.set_pgresult(result)
        return self._adapt.load_rows(0, result.ntuples, tuple)

    def collect(self) -> None:
        """Read every answer that is due. Raises psycopg.Error for the first that is none."""
        self.ask()
        first: PGresult | None = None
        while self._due:
            result = self._next()
            if result is None:  # the end of one answer
                continue
            if result.status == ExecStatus.PIPELINE_SYNC:
                self._due -= 1
                continue
            item = self._waiting.popleft()
            if isinstance(item, Sent):
                item.result = result
            elif result.status != ExecStatus.COMMAND_OK:
                del self._names[item]
            if result.status == ExecStatus.FATAL_ERROR:
                first = first or result
        if first is not None:
            raise error_from_result(first)

    def _next(self) -> PGresult | None:
        pending = self._libpq.flush()
        while pending or self._libpq.is_busy():
            ready = self._wait(select.POLLIN | (select.POLLOUT if pending else 0))
            if ready & ~select.POLLOUT:
                self._libpq.consume_input()
            pending = self._libpq.flush()
        result = self._libpq.get_result()
        if result is None and self._libpq.status != ConnStatus.OK:
            raise OperationalError("the connection is lost")
        return result

    def _wait(self, wanted: int) -> int:
        self._poll.register(self._libpq.socket, wanted)
        ((_, ready),) = self._poll.poll()
        return ready

    def end(self) -> None:
        """Leave the connection as it was; one that is in the middle of something is closed."""
        try:
            self.collect()
            self._libpq.exit_pipeline_mode()
        finally:
            if self._libpq.pipeline_status != PipelineStatus.OFF:
                self._raw.close()

    def begin(self) -> None:
        """Begin a transaction."""
        self._inserted = []
        self.send("BEGIN ISOLATION LEVEL READ COMMITTED")

    def commit(self) -> None:
        """Commit the transaction. Raises psycopg.Error when anything since was refused.

        Raises StoreError when a row that was inserted was not taken.
        """
        done = self.send("COMMIT")
        self.collect()
        if done.result is None or done.result.command_status != b"COMMIT":
            raise OperationalError("the transaction was not committed")
        if any(sent.result is None or sent.result.command_tuples != 1 for sent in self._inserted):
            raise unkept()

    def take_back(self) -> None:
        """Take the transaction back, as far as the server is there."""
        with suppress(Error):
            self.collect()
        with suppress(Error):
            self.send("ROLLBACK")
            self.collect()


@contextmanager
def querying(connection: PoolProxiedConnection) -> Iterator[ServerSession]:
    """Give what sends single queries, each of which sees the latest state by itself."""
    session = ServerSession.on(connection)
    try:
        yield session
    finally:
        session.end()


@contextmanager
def appending(connection: PoolProxiedConnection) -> Iterator[ServerSession]:
    """Give what sends the statements of a transaction; committed at the end, or taken back."""
    with querying(connection) as session:
        session.begin()
        try:
            yield session
            session.commit()
        except Exception:
            session.take_back()
            raise
