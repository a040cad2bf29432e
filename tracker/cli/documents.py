"""Events, reminders and alerts as JSON shows them."""

from typing import Any

from tracker.cli.encoding import plain
from tracker.events import Recorded, data_fields
from tracker.history import Entry
from tracker.pathway.status import Alert, Reminder


def event_document(event: Recorded) -> dict[str, Any]:
    """Return a stored event as JSON shows it."""
    return {
        "id": event.id,
        "event": event.topic,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "actor": event.actor,
        "on_behalf_of": event.on_behalf_of,
        "source": event.source,
        "version": event.version,
        "data": data_fields(event.data),
    }


def entry_document(entry: Entry) -> dict[str, Any]:
    """Return an event as it stands: with its corrections, and whether it is void."""
    return event_document(entry.event) | {
        "voided": entry.voided is not None,
        "voided_by": entry.voided,
        "corrected_by": list(entry.corrected_by),
    }


_ALWAYS = frozenset(
    {"id", "kind", "anchor", "opens_at", "due_at", "status", "issued", "because", "source"}
)


def reminder_document(reminder: Reminder) -> dict[str, Any]:
    """Return a reminder as JSON shows it; what does not apply to it is left out."""
    fields = plain(reminder)
    return {k: v for k, v in fields.items() if k in _ALWAYS or v not in (None, (), [])}


def alert_document(alert: Alert) -> dict[str, Any]:
    """Return an alert as JSON shows it; what does not apply to it is left out."""
    fields = plain(alert)
    return {k: v for k, v in fields.items() if v is not None}
