"""What time alone brings: episodes the scheduler must act on, and rows that no longer hold."""

import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Integer, func, select

from projections.tables import episode_index, worklist
from tracker.store.instants import micros, optional_instant


def _keys(
    conn: Connection, column: ColumnElement[int | None], now: datetime.datetime, limit: int | None
) -> list[int]:
    query = (
        select(worklist.c.episode_key)
        .where(column <= micros(now))
        .order_by(column, worklist.c.episode_key)
        .limit(limit)
    )
    return list(conn.execute(query).scalars())


def due(conn: Connection, now: datetime.datetime, limit: int) -> list[UUID]:
    """Return episodes that have something to issue at `now`, the longest waiting first."""
    query = (
        select(episode_index.c.uuid)
        .join_from(worklist, episode_index, worklist.c.episode_key == episode_index.c.episode_key)
        .where(worklist.c.next_action_at <= micros(now))
        .order_by(worklist.c.next_action_at, worklist.c.episode_key)
        .limit(limit)
    )
    return [UUID(uuid) for uuid in conn.execute(query).scalars()]


def count(conn: Connection, now: datetime.datetime) -> int:
    """Return how many episodes have something to issue at `now`."""
    query = select(func.count()).where(worklist.c.next_action_at <= micros(now))
    return conn.execute(query).scalar_one()


def next_due(conn: Connection) -> datetime.datetime | None:
    """Return the earliest instant at which any episode has something to issue."""
    query = select(func.min(worklist.c.next_action_at, type_=Integer))
    return optional_instant(conn.execute(query).scalar())


def stale(conn: Connection, now: datetime.datetime, limit: int | None = None) -> list[int]:
    """Return keys of episodes whose rows no longer hold at `now`, the longest first."""
    return _keys(conn, worklist.c.changes_at, now, limit)
