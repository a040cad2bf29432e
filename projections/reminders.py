"""Reminders that are still owed, one row each."""

import datetime
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from projections.counts import Row
from projections.models import ReadModel
from projections.tables import reminders as t
from projections.tables import worklist
from projections.views import View
from tracker.store.instants import instant, micros, optional_instant, optional_micros


class OwedReminder(NamedTuple):
    """A reminder of an episode; open from `opens_at` to `due_at`, overdue after."""

    episode_key: int
    id: str
    kind: str
    anchor: str
    opens_at: datetime.datetime
    due_at: datetime.datetime
    acknowledged_by: str | None
    snoozed_until: datetime.datetime | None


def _rows(view: View) -> list[Row]:
    return [
        (
            view.key,
            item.id,
            item.kind,
            item.anchor,
            micros(item.opens_at),
            micros(item.due_at),
            item.acknowledged_by,
            optional_micros(item.snoozed_until),
        )
        for item in view.status.reminders
        if item.live
    ]


MODEL = ReadModel(t, _rows)


def _owed(row: Row) -> OwedReminder:
    key, id_, kind, anchor, opens, due, who, until = row
    return OwedReminder(
        key, id_, kind, anchor, instant(opens), instant(due), who, optional_instant(until)
    )


def late(conn: Connection, now: datetime.datetime, limit: int) -> list[OwedReminder]:
    """Return reminders overdue at `now`, the longest overdue first."""
    order = (t.c.due_at, t.c.episode_key, t.c.id)
    query = select(t).where(t.c.due_at < micros(now)).order_by(*order).limit(limit)
    return [_owed(tuple(row)) for row in conn.execute(query)]


def count_late(conn: Connection, now: datetime.datetime) -> int:
    """Return how many reminders are overdue at `now`."""
    query = select(func.count()).select_from(t).where(t.c.due_at < micros(now))
    return conn.execute(query).scalar_one()


def time_zones(conn: Connection, keys: Iterable[int]) -> dict[int, str]:
    """Return the time zone of each of these episodes that has a row."""
    query = select(worklist.c.episode_key, worklist.c.time_zone)
    rows = conn.execute(query.where(worklist.c.episode_key.in_(set(keys))))
    return {row.episode_key: row.time_zone for row in rows}
