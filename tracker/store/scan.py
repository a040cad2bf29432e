"""Every row of the log as it is stored, for those who check it: nothing is assumed of a value."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, select

from tracker.store.errors import DamagedError
from tracker.store.sqlite import few_pages
from tracker.store.statements import Session, Statement
from tracker.store.tables import episodes, events
from tracker.store.uuids import possible

Row = tuple[Any, ...]
"""position, episode_key, version, topic, state, hash."""

BATCH = 256
"""Rows that are read at once: more would not stay near the processor while they are looked at."""
AT_A_TIME = 1_000
"""Rows that a server is asked for at once: each time it is waited for."""
FURTHEST = 2**63 - 1
"""No position is behind this one."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def between(table: Table, *columns: ColumnElement[Any]) -> Statement:
    """Return the query for rows after one position up to another, at most so many, in order.

    Its values are these three; its columns those that are given, else all of the table.
    """
    position = table.c.position
    return Statement(
        select(*(columns or table.c))
        .where(position > bindparam("after"), position <= bindparam("last"))
        .order_by(position)
        .limit(bindparam("at_most")),
        "after",
        "last",
        "at_most",
    )


_events = between(events)
_all_between = Statement(
    select(*events.c)
    .where(events.c.position > bindparam("after"), events.c.position <= bindparam("last"))
    .order_by(events.c.position),
    "after",
    "last",
)
_of_episode = Statement(
    select(*events.c)
    .where(
        events.c.episode_key == bindparam("key"),
        events.c.position.between(bindparam("first"), bindparam("last")),
    )
    .order_by(events.c.position),
    "key",
    "first",
    "last",
)
_hashes = between(events, events.c.hash)
_episodes = Statement(select(episodes.c.key, episodes.c.uuid).order_by(episodes.c.key))
_keys = Statement(select(episodes.c.key).order_by(episodes.c.key))  # of the table, and no index
_first = Statement(select(events.c.position).order_by(events.c.position).limit(1))
_last = Statement(select(events.c.position).order_by(events.c.position.desc()).limit(1))


def is_text(value: Any) -> bool:
    """Whether a stored value is text, all of it UTF-8."""
    return isinstance(value, str) and _SURROGATE.search(value) is None


def rows(statement: Statement, conn: Session, *values: Any) -> list[Row]:
    """Return the rows of a query as they are stored.

    What of a text is no UTF-8 comes as surrogates, which no text has, and never as bytes: they
    could pass for what is stored as such.
    """
    try:
        return statement.rows(conn, *values)
    except sqlite3.OperationalError as error:
        if "decode" not in str(error):
            raise
    with _lenient(conn):
        return statement.rows(conn, *values)


def query(conn: Session) -> str:
    """Return the SQL for the events after one position up to another, in order.

    It is for a process that reads a file with the driver alone.
    """
    return _all_between.sql(conn)


def events_between(conn: Session, after: int, last: int, size: int = BATCH) -> Iterator[list[Row]]:
    """Yield the rows of the log after one position up to another, in order, in batches.

    What of a text is no UTF-8 comes as surrogates. Raises DamagedError where the file cannot be
    read.
    """
    if conn.dialect.name == "sqlite":  # a server would send all of them at once
        with (
            suppress(sqlite3.DatabaseError),
            few_pages(conn),
            closing(_all_between(conn, after, last)) as cursor,
        ):
            while found := cursor.fetchmany(size - (after + 1) % size):
                yield found
                after = found[-1][0]
            return
    else:
        size = max(size, AT_A_TIME)
    yield from _closely(conn, after, last, size)


def _closely(conn: Session, after: int, last: int, size: int) -> Iterator[list[Row]]:
    while True:
        try:
            found = rows(_events, conn, after, last, size)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF not in _DAMAGE:
                raise
            if size == 1:
                raise DamagedError(after) from error
            size = 1  # to find the place
            continue
        yield found
        if len(found) < size:
            return
        after = found[-1][0]


def event_from(conn: Session, position: int) -> Row:
    """Return the first row from a position on.

    Raises LookupError if there is none, DamagedError where the file cannot be read.
    """
    found = next(_closely(conn, position - 1, FURTHEST, 1))
    if not found:
        raise LookupError(position)
    return found[0]


def event_before(conn: Session, position: int) -> Row | None:
    """Return the row one before a position, None if there is none.

    Raises DamagedError where the file cannot be read.
    """
    found = next(_closely(conn, position - 2, position - 1, 1))
    return found[0] if found else None


def event_at(conn: Session, position: int) -> Row | None:
    """Return the row at a position, None if there is none."""
    found = rows(_events, conn, position - 1, position, 1)
    return found[0] if found else None


def events_of(conn: Session, key: int, first: int, last: int) -> list[Row]:
    """Return the rows of one episode from one position to another, in order.

    No other is read: it may be where the file is damaged.
    """
    return rows(_of_episode, conn, key, first, last)


def hashes_between(conn: Session, after: int, last: int) -> Iterator[Any]:
    """Yield the stored hashes after one position up to another, in the order of position."""
    while after < last:
        found = rows(_hashes, conn, after, last, AT_A_TIME)
        yield from (row[0] for row in found)
        if len(found) < AT_A_TIME:
            return
        after += AT_A_TIME


def uuids(conn: Session) -> Mapping[Any, Any]:
    """Return what is stored as the UUID of each episode, by its key."""
    return dict(rows(_episodes, conn))


def keys(conn: Session) -> set[Any]:
    """Return the keys of all episodes."""
    return {row[0] for row in _keys.rows(conn)}


def identified(conn: Session) -> dict[Any, str]:
    """Return the UUIDs that can be, by key: 32 hexadecimal digits that no lower key has."""
    return possible(rows(_episodes, conn))


def ends(conn: Session) -> tuple[int, int]:
    """Return the first and the last position of the log; 1 and 0 when it is empty."""
    # One query for both would be answered by an index, which may say otherwise than the table.
    first, last = _first.row(conn), _last.row(conn)
    return (1, 0) if first is None or last is None else (first[0], last[0])


@contextmanager
def _lenient(conn: Session) -> Iterator[None]:
    """Let what of a text is no UTF-8 come as surrogates."""
    raw: Any = conn.connection.driver_connection
    before = raw.text_factory
    raw.text_factory = _text
    try:
        yield
    finally:
        raw.text_factory = before


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
