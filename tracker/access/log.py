"""Appending to the access log and reading it back in order."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, column, func, insert, select

from tracker.access.chain import GENESIS, Link, link
from tracker.access.entry import Access, encode
from tracker.access.tables import accesses as t
from tracker.errors import StoreError
from tracker.store import log
from tracker.store.instants import micros
from tracker.store.statements import Session, Statement
from tracker.store.tables import episodes

_head = Statement(select(t.c.position, t.c.hash).order_by(t.c.position.desc()).limit(1))
_end = Statement(select(column("last"), column("hash")).select_from(func.accesses_end()))
LOCK = 0x6163_6365_7373_6573
"""Key of the advisory lock that who appends holds to the commit."""
_lock = Statement(select(func.pg_advisory_xact_lock(LOCK)))
_insert = Statement(insert(t), *(column.name for column in t.columns))
_links = Statement(
    select(t.c.position, t.c.at, t.c.actor, t.c.episode_key, episodes.c.uuid, t.c.state, t.c.hash)
    .join_from(t, episodes, t.c.episode_key == episodes.c.key, isouter=True)
    .where(t.c.position > bindparam("after"))
    .order_by(t.c.position)
    .limit(bindparam("at_most")),
    "after",
    "at_most",
)


def append(conn: Session, accesses: Sequence[Access]) -> list[int]:
    """Append to the access log and return the positions; needs a transaction that writes.

    Raises StoreError for an episode that this database does not have, or when it keeps nothing.
    """
    keys = [_key(conn, access.episode) for access in accesses]
    lock(conn)
    position, previous = end(conn)
    rows, positions = [], []
    for key, access in zip(keys, accesses, strict=True):
        state = encode(access)
        position += 1
        previous = link(previous, position, state)
        positions.append(position)
        rows.append((position, micros(access.at), access.actor, key, state, previous))
    _insert.insert(conn, rows)
    return positions


def _key(conn: Session, episode: UUID | None) -> int | None:
    if episode is None:
        return None
    key = log.key_of(conn, episode)
    if key is None:
        raise StoreError(f"there is no episode {episode} in the database that keeps the access log")
    return key


def lock(conn: Session) -> None:
    """Wait until nobody else is appending, and keep others from it until the commit.

    A statement of its own, so that the next one sees what the others committed. SQLite's
    transactions that write exclude each other from their beginning.
    """
    if conn.dialect.name == "postgresql":
        _lock.row(conn)


def head(conn: Session) -> tuple[int, bytes]:
    """Return position and hash of the last access; 0 and the genesis hash before the first."""
    position, hash_ = _head.row(conn) or (0, GENESIS)
    return position, bytes(hash_)


def end(conn: Session) -> tuple[int, bytes]:
    """Return the last position ever given and the hash of the last access.

    Positions cut off from the end are not given again, so that they show as missing.
    """
    if conn.dialect.name == "postgresql":
        return log.last(conn, _end, GENESIS)
    position, hash_ = head(conn)
    return max(position, log.issued(conn, t.name)), hash_


def links(conn: Session, after: int = 0, batch: int = 10_000) -> Iterator[Link]:
    """Yield the accesses after a position as links of the chain."""
    while True:
        rows = _links.rows(conn, after, batch)
        for position, at, actor, key, uuid, state, hash_ in rows:
            yield Link(position, at, actor, key, _episode(uuid), _raw(state), _raw(hash_))
        if len(rows) < batch:
            return
        after = rows[-1][0]


def _episode(stored: Any) -> UUID | None:
    try:
        return UUID(stored)
    except (ValueError, TypeError, AttributeError):  # there is none, or it is none any more
        return None


def _raw(value: Any) -> Any:
    return bytes(value) if isinstance(value, bytearray | memoryview) else value
