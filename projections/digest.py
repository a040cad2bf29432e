"""What a coordinator has to do: reminders and alerts by coordinator, from the read models."""

import datetime
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Table, select

from projections.tables import alerts, episode_index, reminders, worklist, worklist_counts
from tracker.store.instants import instant, micros


class Task(NamedTuple):
    """A reminder that is due, or an alert."""

    episode: str
    """Short id, or uuid without one; never the client's reference."""
    site: str | None
    what: str
    at: datetime.datetime
    """When it is due, or since when the alert stands."""


def _task(row: Sequence[Any]) -> Task:
    short_id, uuid, site, what, at = row
    return Task(short_id or uuid, site, what, instant(at))


def coordinators(conn: Connection) -> list[str | None]:
    """Return everybody who coordinates an episode in care; None: there are some without."""
    t = worklist_counts
    query = select(t.c.coordinator).where(t.c.listed, t.c.episodes > 0).distinct()
    return [name or None for name in conn.execute(query.order_by(t.c.coordinator)).scalars()]


def due_until(
    conn: Connection, coordinator: str | None, until: datetime.datetime, limit: int
) -> list[Task]:
    """Return open and overdue reminders of a coordinator that are due by then."""
    t = reminders
    query = _tasks(t, t.c.kind, t.c.due_at, coordinator).where(t.c.due_at <= micros(until))
    return [_task(row) for row in conn.execute(query.limit(limit))]


def alerts_since(
    conn: Connection, coordinator: str | None, since: datetime.datetime, limit: int
) -> list[Task]:
    """Return active alerts of a coordinator that stand since then or later, unseen by anybody."""
    t = alerts
    query = _tasks(t, t.c.rule, t.c.since, coordinator).where(
        t.c.since >= micros(since), t.c.acknowledged_by.is_(None)
    )
    return [_task(row) for row in conn.execute(query.limit(limit))]


def _tasks(
    t: Table, what: ColumnElement[str], at: ColumnElement[int], coordinator: str | None
) -> Select[Any]:
    """Choose what a read model has of the episodes of a coordinator, the oldest first."""
    return (
        select(episode_index.c.short_id, episode_index.c.uuid, worklist.c.site, what, at)
        .join_from(t, worklist, worklist.c.episode_key == t.c.episode_key)
        .join(episode_index, episode_index.c.episode_key == t.c.episode_key)
        .where(worklist.c.coordinator.is_not_distinct_from(coordinator))
        .order_by(at, t.c.episode_key)
    )
