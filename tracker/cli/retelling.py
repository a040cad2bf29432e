"""What an audit found, line by line, in words and in the zone of the patient."""

import datetime
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tracker.cli.amendments import told
from tracker.cli.clocks import in_zone
from tracker.events import Recorded
from tracker.prefixes import short_names
from tracker.times import local

if TYPE_CHECKING:
    from tracker.audit.changes import Change
    from tracker.audit.diff import Difference
    from tracker.audit.replay import Step


def step_lines(step: "Step", history: Sequence[Recorded], zone: str) -> Iterator[str]:
    """Yield a step of a replay: when and what it was, and what it changed."""
    when = local(step.at, zone)
    if step.event is None:
        yield f"{step.number:>4}  {when}  time passes"
    else:
        event = step.event
        who = event.on_behalf_of or event.actor
        late = _late(event, step.at, zone)
        yield f"{step.number:>4}  {when}  {event.topic} {event.id} by {who}{late}"
        yield from _amends(event, history, zone, " " * 8)
    for change in step.changes:
        yield f"        {_told(change, zone)}"
    if not step.changes:
        yield "        nothing changes"
    if step.cut:
        yield "        (more changes by time alone are left out here)"


def _amends(event: Recorded, history: Sequence[Recorded], zone: str, indent: str) -> Iterator[str]:
    words = told(history, event, short_names(e.id for e in history), zone)
    if words is not None:
        yield f"{indent}{words}"


def _late(event: Recorded, at: datetime.datetime, zone: str) -> str:
    if event.occurred_at == event.recorded_at:
        return ""
    if at == event.recorded_at:
        return f", true at {local(event.occurred_at, zone)}"
    return f", recorded at {local(event.recorded_at, zone)}"


def _told(change: "Change", zone: str) -> str:
    source = f" [{change.source}]" if change.source.strip("-–") else ""
    text = in_zone(change.text, zone)
    if change.subject in ("reminder", "alert"):
        return f"{change.subject} {text}{source}"
    return f"{text}{source}"


def difference_lines(
    found: "Difference", one: Any, other: Any, history: Sequence[Recorded], zone: str
) -> Iterator[str]:
    """Yield what differs between two points: each of them, what was recorded, what changed."""
    for word, point, status in (("From", one, found.first), ("To", other, found.second)):
        known = "" if point.known_at == point.at else f", known at {local(point.known_at, zone)}"
        state = f"{status.stage}, leak {status.leak}" + (", URGENT" if status.urgent else "")
        yield f"{word:<5} {local(point.at, zone)}{known}: {state}"
    for event in found.learned:
        yield f"  recorded {local(event.recorded_at, zone)}: {event.topic} {event.id}"
        yield from _amends(event, history, zone, " " * 4)
    for change in found.changes:
        yield f"  {_told(change, zone)}"
    if not found.changes:
        yield "  nothing differs"
