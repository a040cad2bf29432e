"""Rows of one database compared with those of another, and put there where they are missing."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Table,
    and_,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)

from tracker.errors import AuditError
from tracker.moving.contents import APPEND_ONLY
from tracker.store.database import Database

Row = tuple[Any, ...]
BATCH = 1_000
"""Rows that are compared, and written, in one transaction."""


class Moved(NamedTuple):
    """What became of the rows of a table."""

    rows: int = 0
    """That were compared."""
    written: int = 0
    """That were missing or, where rows may change, others."""


def batches(conn: Connection, table: Table, after: Row | None = None) -> Iterator[list[Row]]:
    """Yield the rows of a table in the order of its primary key, all or those after a key."""
    keys = list(table.primary_key)
    query = select(table).order_by(*keys).limit(BATCH)
    while True:
        wanted = query if after is None else query.where(tuple_(*keys) > tuple_(*after))
        rows = [tuple(row) for row in conn.execute(wanted)]
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        after = key_of(table, rows[-1])


def key_of(table: Table, row: Row) -> Row:
    """Return the primary key of a row."""
    names = {column.name for column in table.primary_key}
    return tuple(v for c, v in zip(table.columns, row, strict=True) if c.name in names)


def count(conn: Connection, table: Table) -> int:
    """Return how many rows a table has."""
    return conn.execute(select(func.count()).select_from(table)).scalar_one()


class Mover:
    """Makes the tables of one database be those of another."""

    def __init__(self, target: Database, name: str, step: Callable[[int], None]) -> None:
        """Take where the rows go, what a message calls it, and what is told of each batch."""
        self._target = target
        self._name = name
        self._step = step

    def move(self, source: Connection, table: Table, after: Row | None = None) -> Moved:
        """Compare the rows of a table, or those after a key, and write what is missing.

        Raises AuditError where rows that never change are others than in the source, or more.
        """
        moved = Moved()
        for rows in batches(source, table, after):
            with self._target.writing() as conn:
                written = self._write(conn, table, rows)
            moved = Moved(moved.rows + len(rows), moved.written + written)
            self._step(len(rows))
        with self._target.reading() as conn:
            surplus = count(conn, table) - count(source, table)
        if surplus:
            moved = moved._replace(written=moved.written + self._drop(source, table))
        return moved

    def _write(self, conn: Connection, table: Table, rows: Sequence[Row]) -> int:
        keys = [key_of(table, row) for row in rows]
        query = select(table).where(_among(table, keys))
        there = {key_of(table, row): row for row in map(tuple, conn.execute(query))}
        new = [row for key, row in zip(keys, rows, strict=True) if key not in there]
        changed = [row for key, row in zip(keys, rows, strict=True) if there.get(key, row) != row]
        if changed:
            self._refuse(table, key_of(table, changed[0]), "which is another one in the source")
        names = [column.name for column in table.columns]
        for row in changed:
            values = dict(zip(names, row, strict=True))
            same = _among(table, [key_of(table, row)])
            conn.execute(update(table).where(same).values(values))
        if new:
            conn.execute(insert(table), [dict(zip(names, row, strict=True)) for row in new])
        return len(new) + len(changed)

    def _drop(self, source: Connection, table: Table) -> int:
        """Remove rows that the source does not have any more; return how many."""
        dropped = 0
        with self._target.writing() as conn:
            for rows in batches(conn, table):
                keys = {key_of(table, row) for row in rows}
                query = select(*table.primary_key).where(_among(table, list(keys)))
                gone = keys - {tuple(row) for row in source.execute(query)}
                for key in sorted(gone):
                    self._refuse(table, key, "which the source does not have")
                    conn.execute(delete(table).where(_among(table, [key])))
                dropped += len(gone)
        return dropped

    def _refuse(self, table: Table, key: Row, why: str) -> None:
        if table.name in APPEND_ONLY:
            named = ", ".join(map(str, key))
            raise AuditError(
                f"{self._name} holds row {named} of {table.name}, {why}",
                "copy into an empty place, and find out what changed this one",
            )


def _among(table: Table, keys: Sequence[Row]) -> ColumnElement[bool]:
    """Choose the rows with some keys; of numbers, all from the first to the last."""
    columns = list(table.primary_key)
    if len(columns) > 1:
        return tuple_(*columns).in_(keys)
    values = [key[0] for key in keys]
    if isinstance(columns[0].type, Integer):
        return and_(columns[0] >= min(values), columns[0] <= max(values))
    return columns[0].in_(values)
