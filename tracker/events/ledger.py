"""Events about the record and the follow-up: corrections, reminders, alerts, the protocol."""

from typing import Annotated, Any

from msgspec import Meta

from tracker.events import fields as f
from tracker.events.base import EventData, Role, event
from tracker.events.lifecycle import ProtocolId

ReminderRef = Annotated[
    f.Name, Meta(description="id of the reminder, or its kind: the live one of that kind")
]


@event("event-corrected", Role.LEDGER)
class EventCorrected(EventData):
    """A recorded event was corrected: its time, fields of its data, or both."""

    target: f.EventId
    changes: Annotated[
        dict[str, Any],
        Meta(min_length=1, description="new values by field; null removes one"),
    ]
    reason: f.Reason


@event("event-voided", Role.LEDGER)
class EventVoided(EventData):
    """A recorded event was entered in error and no longer counts."""

    target: f.EventId
    reason: f.Reason


MISTIMED = "mistimed"
"""Phase of a skip that takes back what a clock that was ahead had put on record of a reminder."""


class _Reminder(EventData):
    reminder: ReminderRef
    kind: Annotated[f.Name, Meta(description="kind of the reminder")] | None = None
    phase: Annotated[f.Name, Meta(description="open, overdue, or escalated-1 and on")] | None = None
    window: (
        Annotated[f.Name, Meta(description="opens/due, ISO 8601 interval, as it then was")] | None
    ) = None
    until: Annotated[f.Instant, Meta(description="when it is to come back")] | None = None
    reason: f.Reason | None = None


@event("reminder-issued", Role.LEDGER | Role.SCHEDULER)
class ReminderIssued(_Reminder):
    """The scheduler issued a reminder."""


@event("reminder-skipped", Role.LEDGER | Role.SCHEDULER)
class ReminderSkipped(_Reminder):
    """The scheduler did not issue a reminder, and says why."""


@event("reminder-acknowledged", Role.LEDGER)
class ReminderAcknowledged(_Reminder):
    """Somebody saw the reminder."""


@event("reminder-snoozed", Role.LEDGER)
class ReminderSnoozed(_Reminder):
    """The reminder is quiet until a later time."""


@event("reminder-waived", Role.LEDGER)
class ReminderWaived(_Reminder):
    """What the reminder asks for will not be done, for a reason."""


@event("alert-acknowledged", Role.LEDGER)
class AlertAcknowledged(EventData):
    """Somebody saw the alert."""

    alert: Annotated[
        f.Name, Meta(description="id of the alert, or its rule: all active ones of that rule")
    ]
    note: f.Note | None = None


@event("protocol-adopted", Role.LEDGER)
class ProtocolAdopted(EventData):
    """From now on another protocol version judges the episode."""

    protocol: ProtocolId | None = None
    reason: f.Reason | None = None
