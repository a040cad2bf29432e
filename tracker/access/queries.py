"""Asking the access log: who looked at whom, and when."""

import datetime
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select

from tracker.access.entry import Access, decode
from tracker.access.tables import accesses as t
from tracker.errors import StoreError
from tracker.store.instants import micros
from tracker.store.tables import episodes

_BROKEN = b'%"break_glass":%'
"""What the bytes of a look hold by their form; in a text of somebody's the marks are escaped."""


class Wanted(NamedTuple):
    """Which accesses are asked for; None asks for all."""

    episodes: Sequence[UUID] | None = None
    """Looks at these."""
    lists: bool = False
    """Only lists and searches, which show no single episode."""
    broken: bool = False
    """Only where somebody saw more than their sites: that they did, and all looks of then."""
    actor: str | None = None
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what a row has to fulfil."""
        found: list[ColumnElement[bool]] = []
        if self.episodes is not None:
            uuids = [uuid.hex for uuid in self.episodes]
            keys = select(episodes.c.key).where(episodes.c.uuid.in_(uuids))
            found.append(t.c.episode_key.in_(keys))
        if self.lists:
            found.append(t.c.episode_key.is_(None))
        if self.broken:
            found.append(t.c.state.bool_op("LIKE")(_BROKEN))
        if self.actor is not None:
            found.append(t.c.actor == self.actor)
        if self.since is not None:
            found.append(t.c.at >= micros(self.since))
        if self.until is not None:
            found.append(t.c.at <= micros(self.until))
        return found


class Kept(NamedTuple):
    """An access as the log keeps it."""

    position: int
    access: Access


def find(conn: Connection, wanted: Wanted, limit: int | None) -> list[Kept]:
    """Return accesses, the latest first. Raises StoreError for one that cannot be read."""
    query = (
        select(t.c.position, t.c.state)
        .where(*wanted.conditions())
        .order_by(t.c.position.desc())
        .limit(limit)
    )
    return [Kept(position, _read(position, state)) for position, state in conn.execute(query)]


def count(conn: Connection, wanted: Wanted) -> int:
    """Return how many accesses there are."""
    query = select(func.count()).select_from(t).where(*wanted.conditions())
    return int(conn.execute(query).scalar_one())


def _read(position: int, state: bytes) -> Access:
    try:
        return decode(state)
    except msgspec.DecodeError as error:
        raise StoreError(
            f"access {position} cannot be read", "tracker audit verify says what was changed"
        ) from error
