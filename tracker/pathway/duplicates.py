"""Procedures that may have been recorded twice: the later one counts for nothing else."""

from collections.abc import Iterable, Sequence

from tracker.events import Recorded
from tracker.events.imaging import ImagingPerformed
from tracker.events.ledger import AlertAcknowledged
from tracker.pathway.calendar import hours
from tracker.pathway.settings import Settings

RULE = "possible-duplicate"


def _sameness(event: Recorded) -> tuple[object, ...]:
    """Return what two records of one procedure have in common."""
    data = event.data
    if isinstance(data, ImagingPerformed):
        return (event.topic, data.modality, frozenset(data.regions))
    return (event.topic,)


def possible_duplicates(
    timeline: Sequence[Recorded], settings: Settings
) -> dict[str, tuple[Recorded, bool]]:
    """Return, by id, each repeat with the procedure it repeats, and whether it is acknowledged."""
    counted: dict[tuple[object, ...], Recorded] = {}
    repeats: dict[str, tuple[Recorded, bool]] = {}
    within = hours(settings.duplicate_hours)
    for place, event in enumerate(timeline):
        if not event.data.is_procedure:
            continue
        key = _sameness(event)
        first = counted.get(key)
        if first is not None and event.occurred_at - first.occurred_at <= within:
            two = _acknowledged(event, timeline[place + 1 :])
            repeats[event.id] = (first, two)
            if not two:
                continue
        counted[key] = event
    return repeats


def _acknowledged(event: Recorded, later: Iterable[Recorded]) -> bool:
    names = (RULE, f"{RULE}:{event.id}")
    return any(isinstance(e.data, AlertAcknowledged) and e.data.alert in names for e in later)
