"""Where events go: the keys of their episodes, and positions in the log with their hashes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    LargeBinary,
    Text,
    bindparam,
    func,
    insert,
    select,
)

from tracker.store import sequence
from tracker.store.chain import link
from tracker.store.errors import ConstraintError
from tracker.store.failures import unkept
from tracker.store.statements import Answer, Session, Statement
from tracker.store.tables import episodes, events

_insert_episode = Statement(
    insert(episodes).values(uuid=bindparam("hex")).returning(episodes.c.key), "hex"
)
_insert_event = Statement(insert(events), *(column.name for column in events.columns))
_place = Statement(
    select(episodes.c.key, func.max(events.c.version))
    .join_from(episodes, events, isouter=True)
    .where(episodes.c.uuid == bindparam("uuid"))
    .group_by(episodes.c.key),
    "uuid",
)
_ARRAYS = {
    "keys": BigInteger,
    "uuids": Text,
    "versions": Integer,
    "topics": Text,
    "states": LargeBinary,
}
_append = Statement(
    select(func.append_events(*(bindparam(n, type_=ARRAY(t)) for n, t in _ARRAYS.items()))),
    *_ARRAYS,
)

Asked = Mapping[UUID, Answer]
Positions = Callable[[], list[int]]
"""Tells the positions that were given, once the transaction is over."""


def ask(conn: Session, wanted: Iterable[UUID]) -> Asked:
    """Ask which keys and versions episodes have."""
    return {episode: _place(conn, episode.hex) for episode in wanted}


def keys(conn: Session, asked: Asked, first: Mapping[UUID, int]) -> dict[UUID, int]:
    """Return the keys of episodes; those that are not there yet are made.

    `first` is the version that is to come next in each. Raises ConstraintError where an episode
    has it already.
    """
    found = {episode: cursor.fetchone() for episode, cursor in asked.items()}
    for episode, row in found.items():
        if row is not None and row[1] is not None and row[1] >= first[episode]:
            raise ConstraintError(events.name)
    made = {e: _insert_episode(conn, e.hex) for e, row in found.items() if row is None}
    rows = {e: made[e].fetchone() if row is None else row for e, row in found.items()}
    return {e: _kept(row)[0] for e, row in rows.items()}


def _kept(row: tuple[Any, ...] | None) -> tuple[Any, ...]:
    """Return what was inserted. Raises StoreError when the database did not take it."""
    if row is None:
        raise unkept()
    return row


def put(conn: Session, stored: Sequence[StoredEvent], key_of: Mapping[Any, int]) -> Positions:
    """Give events the next positions in the log, each with its hash.

    From here to the commit nobody else gives any. A server does this by a function of its own:
    while a program is asked for the next hash, all others would wait.
    """
    if conn.dialect.name == "postgresql":
        return _put_by_server(conn, stored, key_of)
    position, previous = sequence.end(conn)
    rows, positions = [], []
    for event in stored:
        episode: UUID = event.originator_id  # type: ignore[assignment]
        version, topic, state = event.originator_version, event.topic, event.state
        position += 1
        previous = link(previous, position, episode, version, topic, state)
        positions.append(position)
        rows.append((position, key_of[episode], version, topic, state, previous))
    _insert_event.insert(conn, rows)
    return lambda: positions


def _put_by_server(
    conn: Session, stored: Sequence[StoredEvent], key_of: Mapping[Any, int]
) -> Positions:
    cursor = _append(
        conn,
        [key_of[event.originator_id] for event in stored],
        [event.originator_id.hex for event in stored],  # type: ignore[union-attr]
        [event.originator_version for event in stored],
        [event.topic for event in stored],
        [event.state for event in stored],
    )

    def positions() -> list[int]:
        ((last,),) = cursor.fetchall()
        return list(range(last - len(stored) + 1, last + 1))

    return positions
