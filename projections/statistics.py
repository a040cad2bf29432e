"""Counters people look at: kept with every change, so that reading them costs the same always."""

import itertools
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from projections.models import ReadModel, Row
from projections.tables import counters, tallies
from projections.views import View
from tracker.events import EventData, Recorded, Role
from tracker.events.findings import (
    ComplicationDiagnosed,
    HeadacheAssessed,
    ReboundHeadacheDiagnosed,
    ReviewCompleted,
    SymptomsRecorded,
    TreatmentOutcomeRecorded,
)
from tracker.events.procedures import AspirationPerformed


def _is_intervention(data: EventData) -> bool:
    if isinstance(data, AspirationPerformed):
        return data.with_patch is True
    return Role.INTERVENTION in data.role


def _resolved(data: EventData) -> bool:
    if isinstance(data, TreatmentOutcomeRecorded):
        return data.outcome == "complete"
    if isinstance(data, ReviewCompleted):
        return data.outcome == "resolved"
    if isinstance(data, SymptomsRecorded):
        return "headache" in data.absent or data.posture == "none"
    return isinstance(data, HeadacheAssessed) and data.posture == "none"


def _rebounds(data: EventData) -> bool:
    if isinstance(data, HeadacheAssessed | SymptomsRecorded):
        return data.posture == "reverse-orthostatic"
    return isinstance(data, ReboundHeadacheDiagnosed)


def _cohort(events: Sequence[Recorded]) -> Iterator[str]:
    """Yield what the episode counts for in figures to compare a cohort with."""
    facts = [event.data for event in events]
    after = list(itertools.dropwhile(lambda data: not _is_intervention(data), facts))
    if not after:
        return
    yield "cohort/intervention"
    if Role.PATCH not in after[0].role:
        return
    yield "cohort/first-patch"
    until_next = list(itertools.takewhile(lambda data: not _is_intervention(data), after[1:]))
    if any(map(_resolved, until_next)):
        yield "cohort/first-patch-remission"
    if any(map(_rebounds, after)):
        yield "cohort/rebound-after-patch"
    if len(until_next) + 1 < len(after):
        yield "cohort/second-intervention"


def _names(view: View) -> Iterator[str]:
    status = view.status
    yield "episodes"
    yield f"stage/{status.stage}"
    yield f"leak/{status.leak}"
    yield f"protocol/{status.protocol}"
    if status.urgent:
        yield "urgent"
    for alert in status.alerts:
        yield f"alert/{alert.rule}"
        if alert.active:
            yield f"active-alert/{alert.rule}"
    for reminder in status.reminders:
        yield f"reminder/{reminder.kind}/{reminder.status}"
    for event in view.timeline:
        if isinstance(event.data, ComplicationDiagnosed):
            yield f"complication/{event.data.complication}"
    yield from _cohort(view.timeline)


def _rows(view: View) -> list[Row]:
    return [(view.key, "\n".join(sorted(set(_names(view)))))]


def _counted(row: Row) -> list[Row]:
    return [(name,) for name in row[1].split("\n")]


MODEL = ReadModel(tallies, _rows, _counted, counters)


def counts(conn: Connection, group: str | None = None) -> dict[str, int]:
    """Return how many episodes count for each name; of one group, such as `stage`, or of all.

    `alert/<rule>` counts episodes that ever raised it, `active-alert/<rule>` those that do now;
    `reminder/<kind>/<status>` those with such a reminder; `cohort/...` are figures of outcome.
    """
    query = select(counters.c.name, counters.c.value).order_by(counters.c.name)
    if group is not None:
        query = query.where(counters.c.name >= f"{group}/", counters.c.name < f"{group}0")
    return {row.name: row.value for row in conn.execute(query)}
