"""Asking the access log: who looked at whom, and when."""

import datetime
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    FunctionElement,
    LargeBinary,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles

from tracker.access.entry import Access, decode
from tracker.access.tables import accesses as t
from tracker.errors import StoreError
from tracker.store.instants import micros
from tracker.store.tables import episodes

_BROKEN = b'%"break_glass":%'
"""What the bytes of a look hold by their form; in a text of somebody's the marks are escaped."""


class _Holds(FunctionElement[bool]):
    """Whether the bytes of a column hold those bytes; LIKE takes some for others on SQLite."""

    type = Boolean()
    inherit_cache = True


@compiles(_Holds, "sqlite")
def _instr(element: _Holds, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)}) > 0"


@compiles(_Holds, "postgresql")
def _position(element: _Holds, compiler: Any, **options: Any) -> str:
    whole, part = (compiler.process(clause, **options) for clause in element.clauses)
    return f"position({part} IN {whole}) > 0"


def _for(name: str) -> ColumnElement[bool]:
    """Return whether a look was one for somebody; only by its form do bytes hold the marks."""
    return _Holds(t.c.state, literal(b'"on_behalf_of":' + msgspec.json.encode(name), LargeBinary))


def _by(command: str) -> ColumnElement[bool]:
    """Return whether a look was by a command."""
    return _Holds(t.c.state, literal(b'"command":' + msgspec.json.encode(command), LargeBinary))


class Wanted(NamedTuple):
    """Which accesses are asked for; None asks for all."""

    episodes: Sequence[UUID] | None = None
    """Looks at these."""
    lists: bool = False
    """Only lists and searches, which show no single episode."""
    broken: bool = False
    """Only where somebody saw more than their sites: that they did, and all looks of then."""
    actor: str | None = None
    """Looks by this user, and by others for this one."""
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    commands: Sequence[str] = ()
    """Looks by one of these commands; none: by any."""

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
            found.append(or_(t.c.actor == self.actor, _for(self.actor)))
        if self.commands:
            found.append(or_(*map(_by, self.commands)))
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


def count_for(conn: Connection, wanted: Wanted) -> int:
    """Return how many accesses of an actor were typed by somebody else for them."""
    query = (
        select(func.count()).select_from(t).where(*wanted.conditions(), t.c.actor != wanted.actor)
    )
    return int(conn.execute(query).scalar_one())


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
