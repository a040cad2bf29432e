"""Core statements compiled once and run on the driver's own cursor.

SQLAlchemy writes the SQL for each database; running it through SQLAlchemy again and again costs
more than the statement itself, and recording an event takes a dozen of them.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Dialect
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql import ClauseElement

from tracker.errors import StoreError


class Session(Protocol):
    """What a statement runs on: a SQLAlchemy connection, or the driver's with its dialect."""

    @property
    def dialect(self) -> Dialect:
        """The database's dialect of SQL."""

    @property
    def connection(self) -> PoolProxiedConnection:
        """The driver's connection."""


class DriverSession(NamedTuple):
    """A driver's connection and its dialect, and nothing else."""

    dialect: Dialect
    connection: PoolProxiedConnection


def unkept() -> StoreError:
    """Return the error for a row that was inserted and is not there: a trigger may do that."""
    return StoreError(
        "the database does not keep what is recorded, so nothing is recorded",
        "tracker doctor says what keeps it from that",
    )


class Statement:
    """One Core statement with bound parameters, given in the order of `names`.

    Values go to the driver as they are: integers, text, bytes, truth values and None.
    """

    def __init__(self, statement: ClauseElement, *names: str) -> None:
        self._statement = statement
        self._names = names
        self._compiled: dict[str, tuple[str, Callable[[Sequence[Any]], Any]]] = {}

    def _for(self, conn: Session) -> tuple[str, Callable[[Sequence[Any]], Any]]:
        dialect = conn.dialect
        try:
            return self._compiled[dialect.name]
        except KeyError:
            pass
        compiled: Any = self._statement.compile(dialect=dialect)
        fixed = {k: v for k, v in compiled.params.items() if k not in self._names}
        bind = _binding(self._names, compiled.positiontup, fixed)
        self._compiled[dialect.name] = str(compiled), bind
        return self._compiled[dialect.name]

    def __call__(self, conn: Session, *values: Any) -> DBAPICursor:
        """Run the statement once and return the driver's cursor."""
        sql, bind = self._for(conn)
        cursor = conn.connection.cursor()
        cursor.execute(sql, bind(values))
        return cursor

    def rows(self, conn: Session, *values: Any) -> list[tuple[Any, ...]]:
        """Run a query and return all its rows."""
        return list(self(conn, *values).fetchall())

    def row(self, conn: Session, *values: Any) -> tuple[Any, ...] | None:
        """Run a query and return its first row, if there is one."""
        row: tuple[Any, ...] | None = self(conn, *values).fetchone()
        return row

    def many(self, conn: Session, rows: Sequence[Sequence[Any]]) -> None:
        """Run the statement once for each row of values."""
        self._many(conn, rows)

    def insert(self, conn: Session, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows of values. Raises StoreError when the database did not take all of them."""
        if self._many(conn, rows) != len(rows):
            raise unkept()

    def _many(self, conn: Session, rows: Sequence[Sequence[Any]]) -> int:
        """Return how many rows were changed."""
        if not rows:
            return 0
        sql, bind = self._for(conn)
        cursor = conn.connection.cursor()
        cursor.executemany(sql, [bind(row) for row in rows])
        return cursor.rowcount


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
