"""The worklist: episodes in care, urgent ones first, then by what is due next."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from projections import due, parking
from projections.counts import Row
from projections.tables import episode_index, worklist
from projections.views import View
from projections.worklist_rows import (
    IN_CARE,
    MODEL,
    Filters,
    Place,
    Totals,
    WorklistRow,
    shown,
    stored,
    unevaluated,
)
from projections.worklist_totals import conditions, sites, totals
from tracker.store import log
from tracker.store.instants import micros
from tracker.store.sealing import Seals, seals_of

__all__ = [
    "IN_CARE",
    "MODEL",
    "Filters",
    "Page",
    "Place",
    "Totals",
    "WorklistRow",
    "in_stage",
    "page",
    "rows",
    "sites",
]

t = worklist


class Page(NamedTuple):
    """Some rows of the worklist, and how many there are."""

    rows: list[WorklistRow]
    totals: Totals
    more: bool
    """Whether another page follows; it begins after the place of the last row."""


EvaluateRows = Callable[[Sequence[int]], Iterable[View]]
"""Evaluates episodes anew, by key, from the log; leaves out those it cannot."""


def page(
    conn: Connection,
    now: datetime.datetime,
    evaluate_rows: EvaluateRows,
    *,
    filters: Filters = IN_CARE,
    limit: int | None = 50,
    after: Place | None = None,
) -> Page:
    """Return a page of the worklist as it is at `now`, and the totals.

    Rows that no longer hold are evaluated anew in memory first, and nothing is written, so that
    filters, order and totals see what is. Without a limit it is the whole list.
    """
    parked = set(parking.keys(conn))
    stale = sorted(parked.union(due.stale(conn, now)))
    evaluated = evaluate_rows(stale) if stale else ()
    fresh = [shown(view, incomplete=view.key in parked) for view in evaluated]
    fresh += _lagging(conn, set(stale) - {row.key for row in fresh})
    fitting = [row for row in fresh if filters.fits(row)]
    later = [r for r in fitting if after is None or r.place.order > after.order]
    wanted = None if limit is None else limit + 1
    rows = [*later, *_live(conn, now, parked, filters, wanted, after)]
    rows.sort(key=lambda row: row.place.order)
    counted = totals(conn, now, filters, stale, fitting)
    return Page(rows[:limit], counted, limit is not None and len(rows) > limit)


def in_stage(conn: Connection, keys: Sequence[int], stage: str) -> set[int]:
    """Return which of some episodes were in a stage when they were last evaluated."""
    query = select(t.c.episode_key).where(t.c.episode_key.in_(keys), t.c.stage == stage)
    return set(conn.execute(query).scalars())


def rows(
    conn: Connection, now: datetime.datetime, evaluate_rows: EvaluateRows, keys: Sequence[int]
) -> dict[int, WorklistRow]:
    """Return the rows of some episodes by key, as they are at `now`, closed ones included."""
    parked = set(parking.keys(conn))
    stale = sorted(parked.union(due.stale(conn, now)).intersection(keys))
    evaluated = evaluate_rows(stale) if stale else ()
    fresh = [shown(view, incomplete=view.key in parked) for view in evaluated]
    fresh += _lagging(conn, set(stale) - {row.key for row in fresh})
    query = _select().where(t.c.episode_key.in_(set(keys).difference(stale)))
    held = _stored(conn, query, incomplete=False)
    return {row.key: row for row in (*fresh, *held)}


_NAMES = 5
"""How many of the columns that are selected name the episode."""


def _select() -> Select[Any]:
    i = episode_index.c
    return select(*t.columns, i.uuid, i.short_id, i.reference, i.patient, i.sealed).join_from(
        t, episode_index, t.c.episode_key == i.episode_key
    )


def _stored(conn: Connection, query: Select[Any], *, incomplete: bool) -> list[WorklistRow]:
    """Return the rows of a query, with their names as people know them."""
    rows, seals = [tuple(row) for row in conn.execute(query)], seals_of(conn)
    if seals is not None:
        seals.load([UUID(row[-_NAMES]) for row in rows])
    return [stored(r[:-_NAMES], _names(seals, r[-_NAMES:]), incomplete=incomplete) for r in rows]


def _names(seals: Seals | None, names: Row) -> Row:
    uuid, short_id, reference, patient, sealed = names
    if seals is not None:
        reference, patient = seals.reveal(UUID(uuid), sealed)
    return uuid, short_id, reference, patient


def _lagging(conn: Connection, keys: set[int]) -> list[WorklistRow]:
    """Return what can be said of episodes that cannot be evaluated: the last row, or a name."""
    if not keys:
        return []
    rows = _stored(conn, _select().where(t.c.episode_key.in_(keys)), incomplete=True)
    bare = keys - {row.key for row in rows}
    return rows + [unevaluated(key, uuid) for key in bare if (uuid := log.episode_of(conn, key))]


def _holding(now: datetime.datetime) -> ColumnElement[bool]:
    return or_(t.c.changes_at.is_(None), t.c.changes_at > micros(now))


def _live(
    conn: Connection,
    now: datetime.datetime,
    parked: set[int],
    filters: Filters,
    limit: int | None,
    after: Place | None,
) -> Iterator[WorklistRow]:
    """Yield rows that hold, in order: first the urgent ones, then the others."""
    for urgent in (True, False) if not filters.urgent else (True,):
        if after is not None and after.urgent < urgent:
            continue
        query = (
            _select()
            .where(*conditions(filters), t.c.urgent == urgent, _holding(now))
            .order_by(t.c.due_at, t.c.episode_key)
            .limit(None if limit is None else limit + len(parked))
        )
        if filters.overdue:
            query = query.where(t.c.due_at < micros(now))
        if after is not None and after.urgent == urgent:
            query = query.where(_after(after))
        for row in _stored(conn, query, incomplete=False):
            if row.key not in parked:
                yield row


def _after(place: Place) -> ColumnElement[bool]:
    same = and_(t.c.due_at == place.due_at, t.c.episode_key > place.key)
    return and_(t.c.due_at >= place.due_at, or_(t.c.due_at > place.due_at, same))
