"""Short ways to record into a database in tests."""

import datetime
from collections.abc import Callable, Sequence
from uuid import uuid4

from tracker.events import NewEvent, Recorded, data_from

START = datetime.datetime(2026, 2, 2, 8, tzinfo=datetime.UTC)
NOW = datetime.datetime(2026, 2, 10, 8, tzinfo=datetime.UTC)

Decide = Callable[[list[Recorded]], Sequence[NewEvent]]


def now() -> datetime.datetime:
    """Return the instant at which this clock stands."""
    return NOW


def new(
    topic: str,
    hours: float = 0,
    *,
    event_id: str | None = None,
    recorded_at: datetime.datetime = NOW,
    **fields: object,
) -> NewEvent:
    """Return an event that occurred some hours after the operation."""
    return NewEvent(
        id=event_id or uuid4().hex,
        occurred_at=START + datetime.timedelta(hours=hours),
        recorded_at=recorded_at,
        actor="anna",
        source="cli",
        data=data_from(topic, fields),
    )


def opening(name: str = "1", **fields: object) -> NewEvent:
    """Return the opening of an episode."""
    named = {"reference": f"case-{name}", "short_id": f"E-{name:0>5}", "patient": f"P{name}"}
    return new("episode-opened", **{**named, **fields})


def saying(*events: NewEvent) -> Decide:
    """Return a decision that does not depend on the history."""
    return lambda history: events
