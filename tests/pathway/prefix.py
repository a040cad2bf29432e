"""The events that stood at an instant, by what was known at another, found the naive way."""

import datetime
from collections.abc import Sequence

from tracker.events import Recorded, data_fields, data_from


def standing(
    history: Sequence[Recorded], at: datetime.datetime, known_at: datetime.datetime
) -> list[Recorded]:
    """Return the events that had occurred by `at`, as known at `known_at`, rewritten as amended."""
    known = [e for e in history if e.recorded_at <= known_at]

    def holds(event: Recorded) -> bool:
        voidings = [v for v in known if v.topic == "event-voided" and v.data.target == event.id]
        return not any(holds(voiding) for voiding in voidings)

    rewritten = []
    for event in known:
        if event.topic in ("event-corrected", "event-voided") or not holds(event):
            continue
        occurred_at, fields = event.occurred_at, data_fields(event.data)
        for other in known:
            if other.topic == "event-corrected" and other.data.target == event.id and holds(other):
                for name, value in other.data.changes.items():
                    if name == "occurred_at":
                        occurred_at = datetime.datetime.fromisoformat(value)
                    else:
                        fields[name] = value
        if occurred_at <= at or event.topic == "episode-opened":
            rewritten.append(_as(event, occurred_at, fields))
    return rewritten


def _as(event: Recorded, occurred_at: datetime.datetime, fields: dict[str, object]) -> Recorded:
    return Recorded(
        id=event.id,
        occurred_at=occurred_at.astimezone(datetime.UTC),
        recorded_at=event.recorded_at,
        actor=event.actor,
        on_behalf_of=event.on_behalf_of,
        source=event.source,
        data=data_from(event.topic, fields),
        episode=event.episode,
        version=event.version,
    )
