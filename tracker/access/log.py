"""Appending to the access log and reading it back in order."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import column, func, insert, select

from tracker.access.chain import GENESIS, Link, link
from tracker.access.entry import Access, encode
from tracker.access.tables import accesses as t
from tracker.errors import StoreError
from tracker.store import log, scan, sequence
from tracker.store.instants import micros
from tracker.store.statements import Session, Statement

_head = Statement(select(t.c.position, t.c.hash).order_by(t.c.position.desc()).limit(1))
_end = Statement(select(column("last"), column("hash")).select_from(func.accesses_end()))
LOCK = 0x6163_6365_7373_6573
"""Key of the advisory lock that who appends holds to the commit."""
_lock = Statement(select(func.pg_advisory_xact_lock(LOCK)))
_insert = Statement(insert(t), *(column.name for column in t.columns))
_rows = scan.between(t)
_BATCH = 10_000


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
    return position, sequence.as_hash(hash_)


def end(conn: Session) -> tuple[int, bytes]:
    """Return the last position ever given and the hash of the last access.

    Positions cut off from the end are not given again, so that they show as missing.
    """
    if conn.dialect.name == "postgresql":
        return sequence.last(conn, _end, GENESIS)
    position, hash_ = head(conn)
    return max(position, sequence.issued(conn, t.name)), hash_


def rows(
    conn: Session, after: int = 0, last: int = scan.FURTHEST, batch: int = _BATCH
) -> Iterator[scan.Row]:
    """Yield the rows after a position up to another as they are stored, in order."""
    while True:
        found = scan.rows(_rows, conn, after, last, batch)
        yield from found
        if len(found) < batch:
            return
        after = found[-1][0]


def links(conn: Session, last: int = scan.FURTHEST, batch: int = _BATCH) -> Iterator[Link]:
    """Yield the accesses up to a position as links of the chain."""
    uuids = _Uuids(conn)
    for position, at, actor, key, state, hash_ in rows(conn, last=last, batch=batch):
        yield Link(position, at, actor, key, uuids[key], state, hash_)


class _Uuids(dict[Any, UUID | None]):
    """The UUIDs of the episodes that were looked at, by key; read when the first is asked for."""

    def __init__(self, conn: Session) -> None:
        super().__init__()
        self._conn = conn
        self._digits: dict[Any, str] | None = None

    def __missing__(self, key: Any) -> UUID | None:
        if self._digits is None:
            self._digits = scan.identified(self._conn)
        digits = self._digits.get(key)
        made = self[key] = None if digits is None else UUID(hex=digits)
        return made
