"""The log in the order of positions: its end, what came after one, the links of its chain."""

import datetime
from collections.abc import Iterator
from contextlib import suppress
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, column, func, select, table

from tracker.errors import StoreError
from tracker.store import scan
from tracker.store.chain import GENESIS, Link
from tracker.store.log import StoredHistory
from tracker.store.sealing import seals_of
from tracker.store.statements import Session, Statement
from tracker.store.tables import episodes, events

_head = Statement(
    select(events.c.position, events.c.hash).order_by(events.c.position.desc()).limit(1)
)
_end = Statement(select(column("last"), column("hash")).select_from(func.events_end()))
"""For who appends on a server, and may not see the last event."""
_latest = Statement(
    select(events.c.position, episodes.c.uuid, events.c.version, events.c.topic, events.c.state)
    .join_from(events, episodes)
    .where(events.c.position > bindparam("after"))
    .order_by(events.c.position.desc())
    .limit(20),
    "after",
)
_issued = Statement(
    select(column("seq"))
    .select_from(table("sqlite_sequence"))
    .where(column("name") == bindparam("name")),
    "name",
)
_touched = Statement(
    select(events.c.position, events.c.episode_key)
    .where(events.c.position > bindparam("after"))
    .order_by(events.c.position)
    .limit(bindparam("at_most")),
    "after",
    "at_most",
)
_links = Statement(
    select(
        events.c.position,
        episodes.c.uuid,
        events.c.version,
        events.c.topic,
        events.c.state,
        events.c.hash,
    )
    .join_from(events, episodes)
    .where(events.c.position > bindparam("after"))
    .order_by(events.c.position)
    .limit(bindparam("at_most")),
    "after",
    "at_most",
)


def head(conn: Session) -> tuple[int, bytes]:
    """Return position and hash of the last event; 0 and the genesis hash before the first."""
    position, hash_ = _head.row(conn) or (0, GENESIS)
    return position, as_hash(hash_)


def as_hash(stored: Any) -> bytes:
    """Return the hash at the end of a log. Raises StoreError for what is not even bytes."""
    if isinstance(stored, bytes):
        return stored
    raise StoreError(
        "the hash at the end of a log was changed: it is stored as something else than bytes",
        "tracker audit verify says where; find out what changed it, and restore a backup",
    )


def hash_at(conn: Connection, position: int) -> bytes | None:
    """Return the hash of the event at a position, None if there is none."""
    return next((link.hash for link in links(conn, position - 1, 1)), None)


def end(conn: Session) -> tuple[int, bytes]:
    """Return the last position ever given and the hash of the last event.

    Positions cut off from the end of the log are not given again, so that they show as missing.
    """
    if conn.dialect.name == "postgresql":
        return last(conn, _end, GENESIS)
    position, hash_ = head(conn)
    return max(position, issued(conn, events.name)), hash_


def last_position(conn: Session) -> int:
    """Return the last position of the log, also for who may not see what is there."""
    return (end if conn.dialect.name == "postgresql" else head)(conn)[0]


def last(conn: Session, end_: Statement, genesis: bytes) -> tuple[int, bytes]:
    """Return what a server's function says of the end of a log."""
    row = end_.row(conn)
    if row is None or row[0] is None:
        return 0, genesis
    return row[0], as_hash(row[1])


def issued(conn: Session, name: str) -> int:
    """Return the last position that SQLite remembers to have given in a table, else 0.

    Raises StoreError when what it remembers is no number.
    """
    given = counted(conn, name)
    if isinstance(given, int):
        return given
    raise StoreError(f"what counts the positions of {name} was changed", "tracker audit verify")


def counted(conn: Session, name: str) -> Any:
    """Return the same, whatever it is."""
    rows = scan.rows(_issued, conn, name) if conn.dialect.name == "sqlite" else []
    return rows[0][0] if rows else 0


class Dated(NamedTuple):
    """An event, and when it says that it was recorded."""

    at: datetime.datetime
    position: int
    episode: UUID
    actor: str


def newest_event(conn: Session, after: int = 0) -> Dated | None:
    """Return the event after a position that was recorded last, None if there is none.

    Clocks of several machines differ a little, so the last few events are compared.
    """
    found = []
    for position, uuid, *row in _latest.rows(conn, after):
        with suppress(StoreError):  # what cannot be read tells no time
            read = StoredHistory(0, UUID(uuid), [tuple(row)], seals_of(conn)).decoded()
            found += [Dated(e.recorded_at, position, e.episode, e.actor) for e in read.events]
    return max(found, default=None, key=itemgetter(0))


def newest(conn: Session, after: int = 0) -> datetime.datetime | None:
    """Return when it was recorded, None if there is none."""
    found = newest_event(conn, after)
    return None if found is None else found.at


def touched(conn: Session, after: int, at_most: int = 2**63 - 1) -> list[tuple[int, int]]:
    """Return position and episode key of up to `at_most` events after a position."""
    return [(row[0], row[1]) for row in _touched.rows(conn, after, at_most)]


def links(conn: Session, after: int = 0, batch: int = 10_000) -> Iterator[Link]:
    """Yield the events after a position as links of the chain."""
    while True:
        rows = scan.rows(_links, conn, after, batch)
        for position, uuid, version, topic, state, hash_ in rows:
            yield Link(position, UUID(uuid), version, topic, state, hash_)
        if len(rows) < batch:
            return
        after = rows[-1][0]
