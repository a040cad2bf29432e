"""Tables built beside the live ones, and how they take their place."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, Index, Table, inspect, select, text

from projections.counts import Row
from projections.models import BESIDE, ReadModel, beside

OTHER = "_2"
"""Ending of the names of indexes while those of the live table have the plain names."""


class Difference(NamedTuple):
    """A row of a read model that is not what the log says."""

    table: str
    live: bool
    """Whether the row is in the live table; else it is missing there."""
    row: Row


def _tables(models: Iterable[ReadModel]) -> Iterator[Table]:
    for model in models:
        yield from model.tables


def create(conn: Connection, models: Iterable[ReadModel]) -> None:
    """Make empty tables beside the live ones, in place of any that were left there."""
    for table in _tables(models):
        new = beside(table)
        new.drop(conn, checkfirst=True)
        new.create(conn)


def drop(conn: Connection, models: Iterable[ReadModel]) -> None:
    """Remove the tables beside the live ones."""
    for table in _tables(models):
        beside(table).drop(conn, checkfirst=True)


def index(conn: Connection, models: Iterable[ReadModel]) -> None:
    """Make the indexes of the tables beside, so that the swap itself takes no time."""
    for table in _tables(models):
        taken = {found["name"] for found in inspect(conn).get_indexes(table.name)}
        new = beside(table)
        for old in sorted(table.indexes, key=lambda index: str(index.name)):
            name = f"{old.name}{OTHER}" if old.name in taken else old.name
            Index(name, *(new.c[column.name] for column in old.columns)).create(conn)


def swap(conn: Connection, models: Iterable[ReadModel]) -> None:
    """Put the tables that were built beside, indexes and all, in the place of the live ones.

    SQLite cannot rename an index, so there the names of a table's indexes end in `OTHER` after
    every second rebuild. A migration that changes a read model drops the table.
    """
    for table in _tables(models):
        table.drop(conn)
        conn.execute(text(f"ALTER TABLE {table.name}{BESIDE} RENAME TO {table.name}"))
        if conn.dialect.name == "postgresql":
            _rename(conn, f"{table.name}{BESIDE}_pkey", f"{table.name}_pkey")
            for old in table.indexes:
                _rename(conn, f"{old.name}{OTHER}", str(old.name))


def _rename(conn: Connection, name: str, to: str) -> None:
    conn.execute(text(f"ALTER INDEX IF EXISTS {name} RENAME TO {to}"))


def differences(conn: Connection, models: Iterable[ReadModel], limit: int) -> list[Difference]:
    """Compare live tables with those beside them, row for row; up to `limit` each way."""
    found = []
    numbers = {model.counts for model in models}
    for table in _tables(models):
        live, new = select(table), select(beside(table))
        if table in numbers:  # a zero counts for as much as no row
            live, new = (q.where(list(q.selected_columns)[-1] != 0) for q in (live, new))
        for is_live, query in ((True, live.except_(new)), (False, new.except_(live))):
            rows = conn.execute(query.limit(limit))
            found += [Difference(table.name, is_live, tuple(row)) for row in rows]
    return found
