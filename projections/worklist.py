"""The worklist: one row per episode in care, urgent ones first, then by what is due next."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from projections import due, parking
from projections.models import ReadModel, Row
from projections.tables import episode_index, worklist, worklist_counts
from projections.views import View
from tracker.store.instants import FAR, micros, optional_instant, optional_micros

t = worklist
n = worklist_counts
_FINISHED = frozenset({"closed"})


class WorklistRow(msgspec.Struct, frozen=True, kw_only=True):
    """An episode in the worklist, as it is at the instant that was asked for."""

    key: int
    uuid: str
    short_id: str | None
    reference: str | None
    patient: str | None
    stage: str
    leak: str
    urgent: bool
    listed: bool
    """Still in care: not closed, or closed and still owing something."""
    overdue: bool
    due_at: datetime.datetime | None
    """The earliest end of a window that is still owed."""
    due_kind: str | None
    """Kind of the reminder that is due then."""
    next_step: str | None
    owner: str | None
    reminders: int
    """How many are owed."""
    alerts: int
    """How many are active."""
    coordinator: str | None
    site: str | None
    protocol: str
    time_zone: str
    changes_at: datetime.datetime | None
    incomplete: bool
    """The row may lag behind the log (see `projections.parking`)."""

    @property
    def place(self) -> "Place":
        """Where the row stands in the order."""
        return Place(self.urgent, optional_micros(self.due_at) or FAR, self.key)


class Place(NamedTuple):
    """A place in the order of the worklist, after which a page may begin."""

    urgent: bool
    due_at: int
    key: int

    @property
    def order(self) -> tuple[bool, int, int]:
        """What sorts places: urgent first, then the earliest due."""
        return (not self.urgent, self.due_at, self.key)


class Filters(NamedTuple):
    """Which episodes are asked for; without a stage those in care."""

    overdue: bool = False
    due_before: int | None = None
    stage: str | None = None
    urgent: bool = False
    coordinator: str | None = None
    site: str | None = None

    def fits(self, row: WorklistRow) -> bool:
        """Whether a row is asked for."""
        due_at = row.place.due_at
        return (
            (row.listed if self.stage is None else row.stage == self.stage)
            and (row.overdue or not self.overdue)
            and (self.due_before is None or due_at <= self.due_before)
            and (row.urgent or not self.urgent)
            and self.coordinator in (None, row.coordinator)
            and self.site in (None, row.site)
        )


IN_CARE = Filters()
"""Every episode in care."""


class Totals(NamedTuple):
    """How many episodes fit the filters, whatever the page shows of them."""

    episodes: int
    urgent: int
    overdue: int


class Page(NamedTuple):
    """Some rows of the worklist, and how many there are."""

    rows: list[WorklistRow]
    totals: Totals
    more: bool
    """Whether another page follows; it begins after the place of the last row."""


EvaluateRows = Callable[[Sequence[int]], Iterable[View]]
"""Evaluates episodes anew, by key, from the log; leaves out those it cannot."""


def _rows(view: View) -> list[Row]:
    status = view.status
    owed = sorted((r for r in status.reminders if r.live), key=lambda r: (r.due_at, r.opens_at))
    step = status.next_steps[0] if status.next_steps else None
    return [
        (
            view.key,
            status.stage,
            status.leak,
            status.urgent,
            status.stage not in _FINISHED or bool(owed),
            any(r.status == "overdue" for r in owed),
            micros(owed[0].due_at) if owed else FAR,
            owed[0].kind if owed else None,
            step.text if step else None,
            step.owner if step else None,
            len(owed),
            sum(1 for alert in status.alerts if alert.active),
            status.coordinator,
            status.site,
            status.protocol,
            status.time_zone,
            optional_micros(status.changes_at),
            optional_micros(view.next_action_at),
        )
    ]


def _counted(row: Row) -> list[Row]:
    _, stage, _, urgent, listed, overdue, *_ = row
    coordinator, site = row[12], row[13]
    return [(stage, coordinator or "", site or "", bool(listed), bool(urgent), bool(overdue))]


MODEL = ReadModel(worklist, _rows, _counted, worklist_counts)


def shown(view: View, *, incomplete: bool = False) -> WorklistRow:
    """Return the row of an episode that was just evaluated."""
    status = view.status
    names = (view.episode.hex, status.short_id, status.reference, status.patient)
    return _shown(_rows(view)[0], names, incomplete=incomplete)


def _shown(row: Row, names: Row, *, incomplete: bool) -> WorklistRow:
    uuid, short_id, reference, patient = names
    values: dict[str, Any] = dict(zip((c.name for c in t.columns), row, strict=True))
    del values["next_action_at"]
    values["key"] = values.pop("episode_key")
    values["due_at"] = optional_instant(values["due_at"])
    values["changes_at"] = optional_instant(values["changes_at"])
    return WorklistRow(
        **values,
        uuid=uuid,
        short_id=short_id,
        reference=reference,
        patient=patient,
        incomplete=incomplete,
    )


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
    fresh = [shown(view, incomplete=view.key in parked) for view in evaluate_rows(stale)]
    known = {row.key for row in fresh}
    lagging = [key for key in stale if key not in known]
    fresh += _stored(conn, t.c.episode_key.in_(lagging)) if lagging else []
    fitting = [row for row in fresh if filters.fits(row)]
    later = [r for r in fitting if after is None or r.place.order > after.order]
    wanted = None if limit is None else limit + 1
    rows = [*later, *_live(conn, now, parked, filters, wanted, after)]
    rows.sort(key=lambda row: row.place.order)
    totals = _totals(conn, now, filters, stale, fitting)
    return Page(rows[:limit], totals, limit is not None and len(rows) > limit)


def in_stage(conn: Connection, keys: Sequence[int], stage: str) -> set[int]:
    """Return which of some episodes were in a stage when they were last evaluated."""
    query = select(t.c.episode_key).where(t.c.episode_key.in_(keys), t.c.stage == stage)
    return set(conn.execute(query).scalars())


def _select() -> Select[Any]:
    i = episode_index.c
    return select(*t.columns, i.uuid, i.short_id, i.reference, i.patient).join_from(
        t, episode_index, t.c.episode_key == i.episode_key
    )


def _stored(conn: Connection, condition: ColumnElement[bool]) -> list[WorklistRow]:
    found = conn.execute(_select().where(condition))
    return [_shown(tuple(row)[:-4], tuple(row)[-4:], incomplete=True) for row in found]


def _holding(now: datetime.datetime) -> ColumnElement[bool]:
    return or_(t.c.changes_at.is_(None), t.c.changes_at > micros(now))


def _conditions(filters: Filters) -> Iterator[ColumnElement[bool]]:
    yield t.c.listed if filters.stage is None else t.c.stage == filters.stage
    if filters.overdue:
        yield t.c.overdue
    if filters.due_before is not None:
        yield t.c.due_at <= filters.due_before
    if filters.coordinator is not None:
        yield t.c.coordinator == filters.coordinator
    if filters.site is not None:
        yield t.c.site == filters.site


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
            .where(*_conditions(filters), t.c.urgent == urgent, _holding(now))
            .order_by(t.c.due_at, t.c.episode_key)
            .limit(None if limit is None else limit + len(parked))
        )
        if filters.overdue:
            query = query.where(t.c.due_at < micros(now))
        if after is not None and after.urgent == urgent:
            query = query.where(_after(after))
        for row in conn.execute(query):
            if row[0] not in parked:
                yield _shown(tuple(row)[:-4], tuple(row)[-4:], incomplete=False)


def _after(place: Place) -> ColumnElement[bool]:
    same = and_(t.c.due_at == place.due_at, t.c.episode_key > place.key)
    return and_(t.c.due_at >= place.due_at, or_(t.c.due_at > place.due_at, same))


def _totals(
    conn: Connection,
    now: datetime.datetime,
    filters: Filters,
    stale: Sequence[int],
    fitting: Sequence[WorklistRow],
) -> Totals:
    counted = _counts(conn, filters) if filters.due_before is None else _scanned(conn, filters)
    counted.subtract(_of_stale(conn, filters, stale))
    for row in fitting:
        counted[row.urgent, row.overdue] += 1
    return Totals(
        counted.total(),
        sum(number for (urgent, _), number in counted.items() if urgent),
        sum(number for (_, overdue), number in counted.items() if overdue),
    )


_Groups = Counter[tuple[bool, bool]]


def _counts(conn: Connection, filters: Filters) -> _Groups:
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


def _scanned(conn: Connection, filters: Filters) -> _Groups:
    conditions = list(_conditions(filters)) + ([t.c.urgent] if filters.urgent else [])
    query = select(t.c.urgent, t.c.overdue, func.count()).where(*conditions)
    return _grouped(conn, query.group_by(t.c.urgent, t.c.overdue))


def _of_stale(conn: Connection, filters: Filters, stale: Sequence[int]) -> _Groups:
    """Count the rows as they are stored that no longer hold: they are in the counts."""
    counted: _Groups = Counter()
    conditions = list(_conditions(filters)) + ([t.c.urgent] if filters.urgent else [])
    for first in range(0, len(stale), 500):
        among = t.c.episode_key.in_(stale[first : first + 500])
        query = select(t.c.urgent, t.c.overdue, func.count()).where(among, *conditions)
        counted.update(_grouped(conn, query.group_by(t.c.urgent, t.c.overdue)))
    return counted


def _grouped(conn: Connection, query: Select[Any]) -> _Groups:
    return Counter({(bool(u), bool(o)): number for u, o, number in conn.execute(query)})
