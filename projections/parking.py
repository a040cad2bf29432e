"""Episodes whose rows could not be written. The facts are in the log; the views say they lag."""

import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from projections.tables import parked as t
from tracker.store.instants import instant, micros
from tracker.store.statements import Session, Statement


class ParkedEpisode(NamedTuple):
    """An episode whose rows lag behind the log, since which position, and why."""

    episode_key: int
    position: int
    reason: str
    parked_at: datetime.datetime


_insert = Statement(insert(t), "episode_key", "position", "reason", "parked_at")
_known = Statement(select(t.c.position).where(t.c.episode_key == bindparam("key")), "key")
_again = Statement(
    update(t).values(reason=bindparam("why")).where(t.c.episode_key == bindparam("key")),
    "why",
    "key",
)
_release = Statement(delete(t).where(t.c.episode_key == bindparam("key")), "key")
_keys = Statement(select(t.c.episode_key).order_by(t.c.episode_key))


def park(conn: Session, key: int, position: int, reason: str, now: datetime.datetime) -> None:
    """Mark an episode as lagging; one that already is keeps its position."""
    if _known.row(conn, key) is None:
        _insert(conn, key, position, reason, micros(now))
    else:
        _again(conn, reason, key)


def release(conn: Session, key: int) -> None:
    """Take the mark off an episode whose rows are right again."""
    _release(conn, key)


def keys(conn: Session) -> list[int]:
    """Return the keys of all parked episodes."""
    return [row[0] for row in _keys.rows(conn)]


def parked(conn: Connection) -> list[ParkedEpisode]:
    """Return every parked episode, the longest parked first."""
    query = select(t).order_by(t.c.position, t.c.episode_key)
    return [
        ParkedEpisode(key, position, reason, instant(at))
        for key, position, reason, at in conn.execute(query)
    ]
