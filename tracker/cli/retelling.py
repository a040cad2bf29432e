"""What an audit found, line by line, in words and in the zone of the patient."""

import datetime
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tracker.audit.at_once import recorded_before
from tracker.cli.clocks import in_zone
from tracker.cli.saying import said
from tracker.events import Recorded
from tracker.events.lifecycle import EpisodeErased
from tracker.history import erasure
from tracker.pathway.phases import WITHDRAWN
from tracker.prefixes import short_names, shortened
from tracker.times import local

if TYPE_CHECKING:
    from tracker.audit.changes import Change
    from tracker.audit.diff import Difference
    from tracker.audit.replay import Step
    from tracker.pathway.status import Status


def step_lines(step: "Step", history: Sequence[Recorded], zone: str) -> Iterator[str]:
    """Yield a step of a replay: when and what it was, and what it changed."""
    when, stage = local(step.at, zone), _stage(step.status)
    if step.event is None:
        yield f"{step.number:>4}  {when}  time passes  [{stage}]"
    else:
        event = step.event
        who = f"{_who(event)}{_at_once(event, history)}{_late(event, step.at, zone)}"
        yield f"{step.number:>4}  {when}  {event.topic} {event.id} by {who}  [{stage}]"
    words = None if step.event is None else said(history, step.event, zone)
    if words is not None:
        yield f"        {words}"
    if step.event is not None and isinstance(step.event.data, EpisodeErased):
        yield "        erased: nothing else of it can be known any more"
        return
    for change in step.changes:
        yield f"        {_told(change, zone)}{_grounds(change, step, history)}"
    if not step.changes and not _withdraws(step.event):
        yield "        nothing changes"
    if step.cut:
        yield "        (more changes by time alone are left out here)"


def _stage(status: "Status") -> str:
    return f"{status.stage}, URGENT" if status.urgent else status.stage


def _who(event: Recorded) -> str:
    return f"{event.actor} for {event.on_behalf_of}" if event.on_behalf_of else event.actor


def _withdraws(event: Recorded | None) -> bool:
    """Whether an event withdraws what was issued, of which no status shows anything any more."""
    return event is not None and getattr(event.data, "phase", None) == WITHDRAWN


def _at_once(event: Recorded, history: Sequence[Recorded]) -> str:
    urgent = recorded_before(history, event)
    if urgent is None:
        return ""
    return f", at once after {urgent.topic} {short_names(e.id for e in history)[urgent.id]}"


def _grounds(change: "Change", step: "Step", history: Sequence[Recorded]) -> str:
    """Return what else came about in a step rests on, beside the event of the step."""
    own = step.event.id if step.event else None
    others = [id_ for id_ in change.because if id_ != own] if change.how == "came" else []
    told = shortened(", ".join(others), short_names(event.id for event in history))
    return f"; rests on {told}" if told else ""


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
    erased = erasure(history) is not None
    for word, point, status in (("From", one, found.first), ("To", other, found.second)):
        state = "erased" if erased else f"leak {status.leak}"
        known = "" if point.known_at == point.at else f", known at {local(point.known_at, zone)}"
        yield f"{word:<5} {local(point.at, zone)}{known}: {_stage(status)}, {state}"
    for event in found.learned:
        yield f"  recorded {local(event.recorded_at, zone)}: {event.topic} {event.id}"
        words = said(history, event, zone)
        if words is not None:
            yield f"    {words}"
    for change in found.changes:
        yield f"  {_told(change, zone)}"
    if not found.changes:
        yield "  nothing differs"
