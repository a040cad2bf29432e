"""What a coordinator has to do: reminders and alerts by coordinator, from the read models."""

import datetime
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, and_, case, func, join, select

from projections.tables import alerts, episode_index, reminders, worklist, worklist_counts
from tracker.pathway.phases import URGENT_KIND
from tracker.store.instants import instant, micros

URGENT = "urgent"


class Task(NamedTuple):
    """A reminder that is due, or an alert."""

    episode: str
    """Short id, or uuid without one; never the client's reference."""
    site: str | None
    what: str
    at: datetime.datetime
    """When it is due, or since when the alert stands."""
    severity: str | None = None
    """Of an alert; of a reminder urgent, or None."""
    seen: bool = False
    """Whether somebody has acknowledged it."""


def _task(row: Sequence[Any]) -> Task:
    short_id, uuid, site, what, at, severity, seen_by = row
    return Task(short_id or uuid, site, what, instant(at), severity, seen_by is not None)


def coordinators(conn: Connection) -> list[str | None]:
    """Return everybody who coordinates an episode in care; None: there are some without."""
    t = worklist_counts
    query = select(t.c.coordinator).where(t.c.listed, t.c.episodes > 0).distinct()
    return [name or None for name in conn.execute(query.order_by(t.c.coordinator)).scalars()]


class Tasks(NamedTuple):
    """The first of some tasks, urgent ones that nobody has seen first, and how many there are."""

    first: list[Task]
    total: int


class Whose(NamedTuple):
    """Whose episodes: a coordinator's, or of nobody; at one site or at any."""

    coordinator: str | None
    site: str | None = None


def due(
    conn: Connection,
    whose: Whose,
    since: datetime.datetime | None,
    before: datetime.datetime,
    limit: int,
) -> Tasks:
    """Return what is still owed and due in a span of time; since None: since ever."""
    t = reminders
    within = [t.c.due_at < micros(before)]
    if since is not None:
        within.append(t.c.due_at >= micros(since))
    severity = case((t.c.kind == URGENT_KIND, URGENT))
    return _tasks(conn, t, (t.c.kind, t.c.due_at, severity), whose, within, limit)


def alerts_since(conn: Connection, whose: Whose, since: datetime.datetime, limit: int) -> Tasks:
    """Return active alerts that stand since then or later, unseen by anybody."""
    t = alerts
    new = [t.c.since >= micros(since), t.c.acknowledged_by.is_(None)]
    return _tasks(conn, t, (t.c.rule, t.c.since, t.c.severity), whose, new, limit)


def _tasks(
    conn: Connection,
    t: Table,
    told: tuple[ColumnElement[str], ColumnElement[int], ColumnElement[str]],
    whose: Whose,
    conditions: Sequence[ColumnElement[bool]],
    limit: int,
) -> Tasks:
    """Choose what a read model has of somebody's episodes: `told` is what, when, how severe."""
    of_them = [worklist.c.coordinator.is_not_distinct_from(whose.coordinator), *conditions]
    if whose.site is not None:
        of_them.append(worklist.c.site == whose.site)
    there = join(t, worklist, worklist.c.episode_key == t.c.episode_key)
    total = select(func.count()).select_from(there).where(*of_them)
    i, (_, at, severity) = episode_index.c, told
    loud = case((and_(severity == URGENT, t.c.acknowledged_by.is_(None)), 0), else_=1)
    query = (
        select(i.short_id, i.uuid, worklist.c.site, *told, t.c.acknowledged_by)
        .select_from(there.join(episode_index, i.episode_key == t.c.episode_key))
        .where(*of_them)
        .order_by(loud, at, t.c.episode_key)
        .limit(limit)
    )
    first = [_task(row) for row in conn.execute(query)]
    return Tasks(first, conn.execute(total).scalar_one() if len(first) == limit else len(first))
