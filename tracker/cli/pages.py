"""The page that `tracker show` draws for a person."""

from collections.abc import Mapping
from typing import Any

import msgspec

from tracker.cli.column import Column
from tracker.cli.moments import Look
from tracker.cli.sections import ALERTS, EVENTS, REMINDERS, STEPS
from tracker.cli.tables import paragraph, table
from tracker.cli.timeline import rows
from tracker.history import erasure
from tracker.pathway.phases import quiet_until
from tracker.pathway.status import Reminder, Status
from tracker.prefixes import short_names, shortened
from tracker.times import local

_LATEST = 8
"""Events that are shown unless all are asked for."""


def page(seen: Look, incomplete: bool, all_events: bool = False) -> None:
    """Draw an episode: its head, next steps, what is owed and wrong, and its latest events."""
    status = seen.status
    _head(seen, incomplete)
    planned = () if erasure(seen.history) else status.next_steps
    steps = [_row(step, status) for step in planned]
    if steps:
        _section(steps, STEPS)
    names = short_names(event.id for event in seen.history)
    live = [_reminder(r, status, names) for r in status.reminders if r.live]
    ended = [_reminder(r, status, names) for r in status.reminders if not r.live]
    if live + ended:
        _section(live + ended, REMINDERS)
    active = [
        _row(a, status) | {"text": shortened(a.text, names)} for a in status.alerts if a.active
    ]
    if active:
        _section(active, ALERTS)
    past = [a.rule for a in status.alerts if not a.active]
    if past:
        paragraph("")
        paragraph(f"Alerts that have ended: {', '.join(dict.fromkeys(past))}")
    _events(seen, all_events)


def _events(seen: Look, all_events: bool) -> None:
    events = list(rows(seen))
    earlier = 0 if all_events else max(len(events) - _LATEST, 0)
    _section(events[earlier:], [c for c in EVENTS if c.key != "recorded_at"])
    if earlier:
        paragraph("")
        paragraph(f"{earlier} earlier events: --all-events, or tracker timeline {seen.ref.name}")


def _section(found: list[dict[str, Any]], columns: list[Column]) -> None:
    paragraph("")
    table(found, columns)


def _head(seen: Look, incomplete: bool) -> None:
    status = seen.status
    names = [n for n in (seen.ref.name, status.reference, status.patient) if n]
    paragraph("  ".join(dict.fromkeys(names)), "bold")
    urgent = "  URGENT" if status.urgent else ""
    state = "erased" if erasure(seen.history) else f"leak {status.leak}"
    paragraph(f"Stage {status.stage}, {state}{urgent}", "red" if urgent else "")
    at, known = local(seen.at, status.time_zone), local(seen.known_at, status.time_zone)
    what = "Forecast for" if seen.forecast else "At"
    paragraph(f"{what} {at} {status.time_zone}, as known at {known}, by {status.protocol}")
    people = [
        f"{k} {v}" for k, v in (("coordinator", status.coordinator), ("site", status.site)) if v
    ]
    if people:
        paragraph(", ".join(people))
    if incomplete:
        paragraph("INCOMPLETE: the lists lag behind this episode", "bold red")


def _row(item: msgspec.Struct, status: Status) -> dict[str, Any]:
    return msgspec.structs.asdict(item) | {"time_zone": status.time_zone}


def _reminder(reminder: Reminder, status: Status, names: Mapping[str, str]) -> dict[str, Any]:
    zone = status.time_zone
    remarks = []
    if reminder.ended_at is not None:
        remarks.append(f"at {local(reminder.ended_at, zone)}")
    if reminder.reason:
        remarks.append(shortened(reminder.reason, names))
    if reminder.acknowledged_by:
        remarks.append(f"seen by {reminder.acknowledged_by}")
    quiet = quiet_until(reminder.kind, reminder.snoozed_until, status.at)
    if reminder.live and quiet is not None:
        remarks.append(f"quiet until {local(quiet, zone)}")
    if reminder.issued:
        last = reminder.issued[-1]
        verb = "skipped" if last.skipped else "issued"
        remarks.append(f"{verb} {last.phase} {local(last.at, zone)}")
    if reminder.too_early:
        remarks.append(f"too early: {', '.join(reminder.too_early)}")
    return _row(reminder, status) | {"remark": "; ".join(remarks)}
