"""Core statements compiled once and run on the driver's own cursor.

SQLAlchemy writes the SQL for each database; running it through SQLAlchemy again and again costs
more than the statement itself, and recording an event takes a dozen of them.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, cast

from sqlalchemy import Dialect
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql import ClauseElement

from tracker.store.failures import unkept


class Session(Protocol):
    """What a statement runs on: a SQLAlchemy connection, or a driver's with its dialect."""

    @property
    def dialect(self) -> Dialect:
        """The database's dialect of SQL."""

    @property
    def connection(self) -> PoolProxiedConnection:
        """The driver's connection."""


class Sender(Session, Protocol):
    """What the statements of a transaction that appends are sent on."""

    def ask(self) -> None:
        """Let a server answer what was sent so far, while something else is done here."""

    def push(self) -> None:
        """Let a server begin with what was sent so far; nobody waits for its answers yet."""


class Answer(Protocol):
    """What a statement answers: a cursor of the driver, or what a server is still to send."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows."""

    def fetchmany(self, size: int) -> list[tuple[Any, ...]]:
        """Return the next rows."""

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the first row, None if there is none."""

    def close(self) -> None:
        """Look at no more of it."""


class DriverSession(NamedTuple):
    """A driver's connection and its dialect, and nothing else."""

    dialect: Dialect
    connection: PoolProxiedConnection

    def send(self, sql: str, values: Any) -> Answer:
        """Run a statement with its values."""
        cursor = self.connection.cursor()
        cursor.execute(sql, values)
        return cast(Answer, cursor)

    def send_many(self, sql: str, rows: Sequence[Any]) -> None:
        """Run a statement once for each row of values."""
        self.connection.cursor().executemany(sql, rows)

    def insert_many(self, sql: str, rows: Sequence[Any]) -> None:
        """Insert rows. Raises StoreError when the database did not take all of them."""
        cursor = self.connection.cursor()
        cursor.executemany(sql, rows)
        if cursor.rowcount != len(rows):
            raise unkept()

    def ask(self) -> None:
        """Do nothing: statements are run as they come."""

    def push(self) -> None:
        """Do nothing: statements are run as they come."""


class Statement:
    """One Core statement with bound parameters, given in the order of `names`.

    Values go to the driver as they are: integers, text, bytes, truth values, None, and lists of
    them where a statement is for a server alone.
    """

    def __init__(self, statement: ClauseElement, *names: str) -> None:
        self._statement = statement
        self._names = names
        self._compiled: dict[str, tuple[str, Callable[[Sequence[Any]], Any]]] = {}

    def _for(self, conn: Session) -> tuple[str, Callable[[Sequence[Any]], Any]]:
        dialect = conn.dialect
        try:
            return self._compiled[dialect.paramstyle]  # each way to a database has one of its own
        except KeyError:
            pass
        compiled: Any = self._statement.compile(dialect=dialect)
        fixed = {k: v for k, v in compiled.params.items() if k not in self._names}
        bind = _binding(self._names, compiled.positiontup, fixed)
        self._compiled[dialect.paramstyle] = str(compiled), bind
        return self._compiled[dialect.paramstyle]

    def __call__(self, conn: Session, *values: Any) -> Answer:
        """Run the statement once; a server may be asked only once the answer is looked at."""
        sql, bind = self._for(conn)
        answer: Answer = _sender(conn).send(sql, bind(values))
        return answer

    def sql(self, conn: Session) -> str:
        """Return the statement for the driver, where that takes values in the order of `names`."""
        return self._for(conn)[0]

    def rows(self, conn: Session, *values: Any) -> list[tuple[Any, ...]]:
        """Run a query and return all its rows."""
        return list(self(conn, *values).fetchall())

    def row(self, conn: Session, *values: Any) -> tuple[Any, ...] | None:
        """Run a query and return its first row, if there is one."""
        return self(conn, *values).fetchone()

    def many(self, conn: Session, rows: Sequence[Sequence[Any]]) -> None:
        """Run the statement once for each row of values."""
        if not rows:
            return
        sql, bind = self._for(conn)
        _sender(conn).send_many(sql, [bind(row) for row in rows])

    def insert(self, conn: Session, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows; a trigger may make the database pass over one without a word.

        Raises StoreError, here or when the transaction ends, if it did not take all of them.
        """
        sql, bind = self._for(conn)
        _sender(conn).insert_many(sql, [bind(row) for row in rows])


def _sender(conn: Session) -> Any:
    return conn if hasattr(conn, "send") else DriverSession(conn.dialect, conn.connection)


def _binding(
    names: tuple[str, ...], placed: list[str] | None, fixed: dict[str, Any]
) -> Callable[[Sequence[Any]], Any]:
    """Return what turns values in the order of `names` into the parameters the driver wants."""
    if placed is None:
        return lambda values: dict(zip(names, values, strict=True)) | fixed
    if tuple(placed) == names:
        return lambda values: values
    return lambda values: [
        fixed[name] if name in fixed else values[names.index(name)] for name in placed
    ]
