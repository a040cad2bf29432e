"""What was entered in error, told to who asks why a reminder is as it is."""

import datetime
from collections.abc import Container, Iterator, Mapping, Sequence

from tracker.events import Recorded
from tracker.events.ledger import EventCorrected, EventVoided
from tracker.history import entries, timeline
from tracker.pathway.book import Duty
from tracker.pathway.evaluate import walk
from tracker.pathway.protocol import Protocol
from tracker.pathway.wording import moment


def told(
    history: Sequence[Recorded],
    protocol: Protocol,
    at: datetime.datetime,
    known_at: datetime.datetime,
    topic: str,
) -> list[str]:
    """Return which voided events a kind of reminder, or one of its id, would rest on or be done by.

    One line for each: `seen: review-completed, ..., it settled the reminder; it was voided at ...`.
    """
    known = [event for event in history if event.recorded_at <= known_at]
    voidings = _of_facts(known)
    if not voidings:
        return []
    line = timeline([event for event in known if not _voids(event, voidings)], at=at)
    parts: dict[str, str] = {}
    for duty in walk(line, protocol, at).book.duties.values():
        if topic in (duty.id, duty.kind):
            parts.update(_parts(duty))
    lines = []
    for event in line:
        if event.id in parts and event.id in voidings:
            by = voidings[event.id]
            what = f"{event.id}: {event.topic}, {moment(event.occurred_at)}, {parts[event.id]}"
            reason = getattr(by.data, "reason", "")
            lines.append(f"{what}; it was voided at {moment(by.recorded_at)}: {reason}")
    return lines


def _of_facts(known: Sequence[Recorded]) -> Mapping[str, Recorded]:
    """Return, by the id of each voided fact, the voiding that holds."""
    by_id = {event.id: event for event in known}
    return {
        entry.event.id: by_id[entry.voided]
        for entry in entries(known)
        if entry.voided is not None
        and not isinstance(entry.event.data, EventCorrected | EventVoided)
    }


def _voids(event: Recorded, voided: Container[str]) -> bool:
    return isinstance(event.data, EventVoided) and event.data.target in voided


def _parts(duty: Duty) -> Iterator[tuple[str, str]]:
    """Yield what an event was to a reminder, as long as it held."""
    for id_ in duty.because:
        yield id_, "a reminder rested on it"
    for id_ in duty.too_early:
        yield id_, "it came before the opening"
    if duty.settled_by is not None:
        yield duty.settled_by, "it settled the reminder"
