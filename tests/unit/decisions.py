"""Given a history, when a command is decided on, then these events."""

import datetime
from collections.abc import Sequence
from typing import Any

from tests.pathway.histories import in_order, opened
from tracker import episode
from tracker.episode import Meta
from tracker.events import NewEvent, Recorded, data_fields
from tracker.history import timeline
from tracker.pathway import Status, builtin_protocol, evaluate

NOW = datetime.datetime(2026, 2, 6, 9, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


def meta(**fields: Any) -> Meta:
    """Return who says it and when: anna, now, at the command line."""
    return Meta(**({"now": NOW, "actor": "anna"} | fields))


def judge(history: Sequence[Recorded]) -> Status:
    """Evaluate a history now by the built-in protocol."""
    return evaluate(timeline(history), builtin_protocol(), NOW)


def given(*events: list[Recorded]) -> list[Recorded]:
    """Return the history of an open episode with these events."""
    return in_order([e for part in (opened("UTC"), *events) for e in part])


def record(
    history: Sequence[Recorded], topic: str, by: Meta | None = None, **fields: Any
) -> list[NewEvent]:
    """Decide to record one event."""
    data = episode.checked(topic, fields)
    return episode.record(history, data, by or meta(), judge=judge)


def told(events: Sequence[NewEvent]) -> list[tuple[str, dict[str, Any]]]:
    """Return what events say: topic and data."""
    return [(event.topic, data_fields(event.data)) for event in events]
