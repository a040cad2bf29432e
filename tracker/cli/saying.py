"""What an event says beside what it changes: what it amends, leaves out or withdraws, and why."""

from collections.abc import Sequence

from tracker.cli.amendments import told
from tracker.events import Recorded
from tracker.events.ledger import MISTIMED, ProtocolAdopted, ReminderIssued, ReminderSkipped
from tracker.pathway.phases import OPEN, WITHDRAWN
from tracker.prefixes import short_names, shortened

_VERBS = {WITHDRAWN: "withdraws", MISTIMED: "takes back"}


def said(history: Sequence[Recorded], event: Recorded, zone: str) -> str | None:
    """Return that in words, with ids shortened; None when there is nothing to add."""
    names, data = short_names(e.id for e in history), event.data
    if isinstance(data, ProtocolAdopted):
        return data.reason and f"reason: {data.reason}"
    if isinstance(data, ReminderSkipped):
        return shortened(_of_reminder("skips", data), names)
    if isinstance(data, ReminderIssued):
        return data.reason and shortened(_of_reminder("issues", data), names)
    return told(history, event, names, zone)


def _of_reminder(verb: str, data: ReminderIssued | ReminderSkipped) -> str:
    """Return `skips imaging:6d434106 overdue: ...`; of what is withdrawn, no phase is left."""
    phase = data.phase or OPEN
    words = f"{_VERBS[phase]} {data.reminder}" if phase in _VERBS else ""
    words = words or f"{verb} {data.reminder} {phase}"
    return f"{words}: {data.reason}" if data.reason else words
