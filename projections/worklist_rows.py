"""Rows of the worklist: one per episode, and what they are made from."""

import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from projections.counts import Row
from projections.models import ReadModel
from projections.tables import worklist, worklist_counts
from projections.views import View
from tracker.store.instants import FAR, micros, optional_instant, optional_micros

_FINISHED = frozenset({"closed"})
_COLUMNS = tuple(column.name for column in worklist.columns)


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
    return stored(_rows(view)[0], names, incomplete=incomplete)


def unevaluated(key: int, episode: UUID) -> WorklistRow:
    """Return the row of an episode of which nothing is known but that it is there."""
    row = (key, "unknown", "unknown", False, True, False, FAR, *[None] * 3, 0, 0, *[None] * 2)
    return stored((*row, "", "UTC", None, None), (episode.hex, *[None] * 3), incomplete=True)


def stored(row: Row, names: Row, *, incomplete: bool) -> WorklistRow:
    """Return a row as it is in the table, with the names of its episode."""
    uuid, short_id, reference, patient = names
    values: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
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
