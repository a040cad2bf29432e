"""Every byte of every stored column, flipped one at a time and put back."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from tests.audit.attacks import unguarded

COLUMNS = {
    "events": ("position", "episode_key", "version", "topic", "state", "hash"),
    "episodes": ("key", "uuid"),
    "accesses": ("position", "at", "actor", "episode_key", "state", "hash"),
    "protocols": ("name", "text", "hash", "added_at", "actor"),
}
"""All columns of the tables that nothing may change."""


class Flip(NamedTuple):
    """One byte of one column of one row."""

    table: str
    column: str
    row: int
    """SQLite's own number of the row."""
    index: int


def flips(db: sqlite3.Connection, rows: int) -> Iterator[Flip]:
    """Yield every byte of every column of the first rows of each table."""
    for table, columns in COLUMNS.items():
        names = ", ".join(columns)
        query = f"SELECT rowid, {names} FROM {table} ORDER BY rowid LIMIT ?"
        for row, *values in db.execute(query, (rows,)).fetchall():
            for column, value in zip(columns, values, strict=True):
                for index in range(0 if value is None else len(raw(value))):
                    yield Flip(table, column, row, index)


def raw(value: Any) -> bytes:
    """Return a value as bytes: a number as the eight that SQLite may keep of it."""
    if isinstance(value, int):
        return value.to_bytes(8, "big", signed=True)
    return value.encode() if isinstance(value, str) else bytes(value)


@contextmanager
def flipped(db: sqlite3.Connection, flip: Flip, mask: int) -> Iterator[None]:
    """Flip bits of a byte, and put them back; sqlite3.IntegrityError where the file refuses it."""
    table, column, row, index = flip
    where = f"rowid = {row}"
    (value,) = db.execute(f"SELECT {column} FROM {table} WHERE {where}").fetchone()
    changed = bytearray(raw(value))
    changed[index] ^= mask
    put(db, flip, like(value, bytes(changed)), where)
    if column in ("position", "key"):
        where = f"rowid = {int.from_bytes(changed, 'big', signed=True)}"
    try:
        yield
    finally:
        put(db, flip, value, where)


def like(value: Any, changed: bytes) -> Any:
    """Return bytes as a value of the type of another; text may be none that can be read."""
    return int.from_bytes(changed, "big", signed=True) if isinstance(value, int) else changed


def put(db: sqlite3.Connection, flip: Flip, value: Any, where: str) -> None:
    """Store a value, as text where the column is one."""
    text = flip.column in ("topic", "uuid", "actor", "name", "text") or (
        flip.table == "protocols" and flip.column == "hash"
    )
    cast = "CAST(? AS TEXT)" if text else "?"
    with unguarded(db):
        db.execute(f"UPDATE {flip.table} SET {flip.column} = {cast} WHERE {where}", (value,))


CLASSES = (
    "CAST({} AS TEXT)",
    "CAST({} AS BLOB)",
    "CAST(x'ff00' || {} AS TEXT)",
    "{} + 0.5",
    "77777",
)
"""What stores a value, or what is left of it, in another storage class; {} is the column."""
NUMBERED = ("position", "key")
"""The columns that are SQLite's own number of a row, and hold nothing but whole numbers."""


@contextmanager
def recast(db: sqlite3.Connection, flip: Flip, how: str) -> Iterator[bool]:
    """Store a value in another class, and put it back; give whether the file keeps it otherwise."""
    table, column, row, _ = flip
    kept = f"SELECT typeof({column}), CAST({column} AS BLOB) FROM {table} WHERE rowid = {row}"
    change = f"UPDATE {table} SET {column} = {{}} WHERE rowid = {row}"
    (value,) = db.execute(f"SELECT {column} FROM {table} WHERE rowid = {row}").fetchone()
    before = db.execute(kept).fetchone()
    with unguarded(db):
        db.execute(change.format(how.format(column)))
    try:
        yield db.execute(kept).fetchone() != before
    finally:
        with unguarded(db):
            db.execute(change.format("?"), (value,))
