"""How many episodes fit: from kept counts, whatever the number of episodes."""

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from projections.tables import worklist as t
from projections.tables import worklist_counts as n
from projections.worklist_rows import Filters, Totals, WorklistRow
from tracker.store.instants import micros

_Groups = Counter[tuple[bool, bool]]
"""Numbers of episodes by urgent and overdue."""


def conditions(filters: Filters) -> Iterator[ColumnElement[bool]]:
    """Yield what rows of the worklist fit, but for urgency."""
    yield t.c.listed if filters.stage is None else t.c.stage == filters.stage
    if filters.overdue:
        yield t.c.overdue
    if filters.due_before is not None:
        yield t.c.due_at <= filters.due_before
    if filters.coordinator is not None:
        yield t.c.coordinator == filters.coordinator
    if filters.site is not None:
        yield t.c.site == filters.site


def sites(conn: Connection) -> set[str]:
    """Return every site that an episode is at, closed ones too, as far as whoever asks sees it."""
    return set(conn.execute(select(t.c.site).where(t.c.site.is_not(None)).distinct()).scalars())


def totals(
    conn: Connection,
    now: datetime.datetime,
    filters: Filters,
    stale: Sequence[int],
    fitting: Sequence[WorklistRow],
) -> Totals:
    """Count what fits: what is kept, with `fitting` in place of the stored rows of `stale`."""
    counted = _counted(conn, filters, now)
    counted.subtract(_of_stale(conn, filters, now, stale))
    for row in fitting:
        counted[row.urgent, row.overdue] += 1
    return Totals(
        counted.total(),
        sum(number for (urgent, _), number in counted.items() if urgent),
        sum(number for (_, overdue), number in counted.items() if overdue),
    )


def _counted(conn: Connection, filters: Filters, now: datetime.datetime) -> _Groups:
    if filters.due_before is None:
        return _kept(conn, filters)
    if filters.due_before < micros(now):
        return _scanned(conn, filters)
    # All that is overdue is due by then; of the others only those in the window are looked at.
    counted = _kept(conn, filters._replace(overdue=True))
    if not filters.overdue:
        counted.update(_scanned(conn, filters, t.c.due_at >= micros(now)))
    return counted


def _kept(conn: Connection, filters: Filters) -> _Groups:
    query = select(n.c.urgent, n.c.overdue, func.sum(n.c.episodes))
    query = query.where(n.c.listed if filters.stage is None else n.c.stage == filters.stage)
    if filters.overdue:
        query = query.where(n.c.overdue)
    if filters.urgent:
        query = query.where(n.c.urgent)
    if filters.coordinator is not None:
        query = query.where(n.c.coordinator == filters.coordinator)
    if filters.site is not None:
        query = query.where(n.c.site == filters.site)
    return _grouped(conn, query.group_by(n.c.urgent, n.c.overdue))


def _scanned(conn: Connection, filters: Filters, *more: ColumnElement[bool]) -> _Groups:
    # Naming both values lets the index go on to the instants.
    urgency = t.c.urgent.in_([True] if filters.urgent else [True, False])
    query = select(t.c.urgent, t.c.overdue, func.count())
    query = query.where(urgency, *conditions(filters), *more)
    return _grouped(conn, query.group_by(t.c.urgent, t.c.overdue))


def _of_stale(
    conn: Connection, filters: Filters, now: datetime.datetime, stale: Sequence[int]
) -> _Groups:
    """Count the stored rows of `stale`, as far as they were counted."""
    among: list[ColumnElement[bool]] = [t.c.urgent] if filters.urgent else []
    if filters.due_before is not None and filters.due_before >= micros(now):
        among.append(or_(t.c.overdue, t.c.due_at >= micros(now)))
    counted: _Groups = Counter()
    for first in range(0, len(stale), 500):
        keys = t.c.episode_key.in_(stale[first : first + 500])
        # Only the keys choose rows: by any other condition an index would be walked through.
        fits = and_(*conditions(filters), *among)
        rows = conn.execute(select(t.c.urgent, t.c.overdue, fits).where(keys))
        counted.update((bool(u), bool(o)) for u, o, fitting in rows if fitting)
    return counted


def _grouped(conn: Connection, query: Select[Any]) -> _Groups:
    return Counter({(bool(u), bool(o)): number for u, o, number in conn.execute(query)})
