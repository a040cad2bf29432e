"""Reading episodes: their histories, one or many, and their keys. No framework needed."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection, and_, bindparam, func, select

from tracker.errors import StoreError, UnreadableError
from tracker.events import NewerSchemaError, Recorded, UnknownTopicError, decode
from tracker.store.sealing import ERASED, Seals, opened, seals_of
from tracker.store.statements import Session, Statement
from tracker.store.tables import episodes, events
from tracker.store.uuids import uuid_of

_of_episode = Statement(
    select(episodes.c.key, events.c.version, events.c.topic, events.c.state)
    .join_from(episodes, events, isouter=True)
    .where(episodes.c.uuid == bindparam("uuid"))
    .order_by(events.c.version),
    "uuid",
)
_of_key = Statement(
    select(episodes.c.uuid, events.c.version, events.c.topic, events.c.state)
    .join_from(episodes, events)
    .where(episodes.c.key == bindparam("key"))
    .order_by(events.c.version),
    "key",
)
# Ranges are said of both tables, or a server may read all episodes to join them.
_range = and_(
    *(
        key.between(bindparam("first"), bindparam("last"))
        for key in (events.c.episode_key, episodes.c.key)
    )
)
_between = Statement(
    select(events.c.episode_key, episodes.c.uuid, events.c.version, events.c.topic, events.c.state)
    .join_from(events, episodes)
    .where(_range)
    .order_by(events.c.episode_key, events.c.version),
    "first",
    "last",
)
_openings = Statement(
    select(events.c.episode_key, episodes.c.uuid, events.c.version, events.c.topic, events.c.state)
    .join_from(events, episodes)
    .where(_range, events.c.version == 1)
    .order_by(events.c.episode_key),
    "first",
    "last",
)
_count = Statement(select(func.count()).select_from(episodes))
_erased = Statement(
    select(episodes.c.uuid).join_from(events, episodes).where(events.c.topic == ERASED)
)
_key = Statement(select(episodes.c.key).where(episodes.c.uuid == bindparam("uuid")), "uuid")
_uuid = Statement(select(episodes.c.uuid).where(episodes.c.key == bindparam("key")), "key")
_last_key = Statement(select(func.max(episodes.c.key)))

_AT_ONCE = 500
"""Episodes that one query names at most."""


class History(NamedTuple):
    """An episode as the log has it, in recorded order."""

    key: int
    episode: UUID
    events: list[Recorded]


class StoredHistory(NamedTuple):
    """An episode as it is stored; each row ends in version, topic and state."""

    key: int
    episode: UUID
    rows: Sequence[tuple[Any, ...]]
    seals: Seals | None = None

    def decoded(self) -> History:
        """Read the events. Raises StoreError for one that this program cannot read."""
        return History(self.key, self.episode, _decoded(self.seals, self.episode, self.rows))


def _decoded(seals: Seals | None, episode: UUID, rows: Sequence[tuple[Any, ...]]) -> list[Recorded]:
    if rows and rows[-1][-2] == ERASED:
        rows = rows[-1:]  # what came before was erased
    try:
        return [
            decode(episode, version, topic, opened(seals, episode, version, topic, state))
            for *_, version, topic, state in rows
        ]
    except (UnknownTopicError, NewerSchemaError) as error:
        raise UnreadableError(
            f"episode {episode} has an event that this tracker does not know: {error};"
            " a newer version wrote it, or it was changed",
            "tracker audit verify says whether it was changed; if not, upgrade tracker",
        ) from error
    except msgspec.DecodeError as error:
        raise UnreadableError(
            f"episode {episode} has an event that cannot be read: {error}",
            "look for what changed the log outside tracker, and restore a backup",
        ) from error


def read_episode(conn: Session, episode: UUID) -> History | None:
    """Return the history of an episode, None if there is no such episode.

    Raises StoreError for an event that this program cannot read.
    """
    rows = _of_episode.rows(conn, episode.hex)
    if not rows or rows[0][1] is None:
        return None
    return History(rows[0][0], episode, _decoded(seals_of(conn), episode, rows))


def read_key(conn: Session, key: int) -> History | None:
    """Return the history of the episode with a key, None if there is none.

    Raises StoreError for an event that this program cannot read, or a row without a UUID.
    """
    rows = _of_key.rows(conn, key)
    if not rows:
        return None
    episode = uuid_of(key, rows[0][0])
    return History(key, episode, _decoded(seals_of(conn), episode, rows))


def read_range(conn: Session, first: int, last: int) -> Iterator[StoredHistory]:
    """Yield the histories of the episodes with keys from `first` to `last`, both included.

    Raises StoreError for one whose row holds no UUID.
    """
    rows, seals = _between.rows(conn, first, last), seals_of(conn)
    for (key, uuid), found in groupby(rows, itemgetter(0, 1)):
        yield StoredHistory(key, uuid_of(key, uuid), list(found), seals)


def read_openings(conn: Session, first: int, last: int) -> Iterator[History]:
    """Yield the first events of the episodes of a range, without those that cannot be read."""
    rows, seals = _openings.rows(conn, first, last), seals_of(conn)
    for key, uuid, *row in rows:
        with suppress(StoreError):
            yield StoredHistory(key, uuid_of(key, uuid), [tuple(row)], seals).decoded()


def read_keys(conn: Connection, keys: Sequence[int]) -> Iterator[StoredHistory]:
    """Yield the histories of the episodes with some keys, in the order of the keys' numbers.

    Raises StoreError for one whose row holds no UUID.
    """
    query = (
        select(
            events.c.episode_key, episodes.c.uuid, events.c.version, events.c.topic, events.c.state
        )
        .join_from(events, episodes)
        .order_by(events.c.episode_key, events.c.version)
    )
    keys, seals = sorted(keys), seals_of(conn)
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        named = query.where(events.c.episode_key.in_(some), episodes.c.key.in_(some))
        rows = conn.execute(named)
        for (key, uuid), found in groupby(map(tuple, rows), itemgetter(0, 1)):
            yield StoredHistory(key, uuid_of(key, uuid), list(found), seals)


def erased(conn: Session) -> list[UUID]:
    """Return the episodes that were erased."""
    return [UUID(row[0]) for row in _erased.rows(conn)]


def count_episodes(conn: Session) -> int:
    """Return how many episodes there are."""
    return int(_count.rows(conn)[0][0])


def topics(conn: Session, episode: UUID) -> list[str]:
    """Return the topics of an episode's events that were erased, in recorded order."""
    rows = _of_episode.rows(conn, episode.hex)
    return [topic for *_, topic, _state in rows if topic != ERASED]


def key_of(conn: Session, episode: UUID) -> int | None:
    """Return the key of an episode, None if there is no such episode."""
    row = _key.row(conn, episode.hex)
    return None if row is None else row[0]


def episode_of(conn: Session, key: int) -> UUID | None:
    """Return the UUID of the episode with a key, None if there is none.

    Raises StoreError for a row without one.
    """
    row = _uuid.row(conn, key)
    return None if row is None else uuid_of(key, row[0])


def last_key(conn: Session) -> int:
    """Return the highest episode key, 0 if there is no episode."""
    row = _last_key.row(conn)
    return (row[0] if row else None) or 0
