"""Counters people look at: kept with every change, so that reading them costs the same always."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Integer, String, column, func, select

from projections.counts import Row
from projections.models import ReadModel
from projections.tables import counters, tallies
from projections.views import View
from tracker.events.findings import ComplicationDiagnosed

if TYPE_CHECKING:
    from tracker.pathway.status import Status


def _cohort(status: "Status") -> Iterator[str]:
    """Yield what the episode counts for in figures to compare a cohort with.

    What counts as an intervention, a remission or a rebound is the pathway's to say.
    """
    if status.interventions:
        yield "cohort/intervention"
    if status.interventions > 1:
        yield "cohort/second-intervention"
    if status.patches:
        yield "cohort/patch"
        if status.first_patch_remission:
            yield "cohort/first-patch-remission"
        if status.had_rebound:
            yield "cohort/rebound-after-patch"
    if status.had_thrombosis:
        yield "cohort/venous-thrombosis"


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
    yield from _cohort(status)


def _rows(view: View) -> list[Row]:
    return [(view.key, "\n".join(sorted(set(_names(view)))))]


def _counted(row: Row) -> list[Row]:
    return [(name,) for name in row[1].split("\n")]


MODEL = ReadModel(tallies, _rows, _counted, counters)


def _counted_anew(conn: Connection) -> Counter[str]:
    """Count the episodes of whoever may not see the counters of all sites."""
    if conn.dialect.name != "postgresql" or not conn.scalar(select(func.to_regproc("my_tallies"))):
        return Counter()
    columns = column("name", String), column("value", Integer)
    rows = conn.execute(select(*columns).select_from(func.my_tallies()))
    return Counter({row.name: row.value for row in rows})


def counts(
    conn: Connection, overtaken: Iterable[View] = (), group: str | None = None
) -> dict[str, int]:
    """Return how many episodes count for each name; of one group, such as `stage`, or of all.

    `overtaken` are the episodes whose rows time has overtaken, as they are now: they count as
    they are and not as they were.

    `alert/<rule>` counts episodes that ever raised it, `active-alert/<rule>` those that do now;
    `reminder/<kind>/<status>` those with such a reminder; `cohort/...` are figures of outcome.
    """
    query = select(counters.c.name, counters.c.value).order_by(counters.c.name)
    if group is not None:
        query = query.where(counters.c.name >= f"{group}/", counters.c.name < f"{group}0")
    found = Counter({row.name: row.value for row in conn.execute(query)})
    if not found and conn.execute(select(counters.c.name).limit(1)).first() is None:
        found = _counted_anew(conn)
    for view in overtaken:
        stored = conn.scalar(select(tallies.c.names).where(tallies.c.episode_key == view.key))
        found.subtract(stored.split("\n") if stored else ())
        found.update(set(_names(view)))
    wanted = "" if group is None else f"{group}/"
    return {name: found[name] for name in sorted(found) if found[name] and name.startswith(wanted)}
