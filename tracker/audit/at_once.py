"""What was put on record of reminders by a command that recorded something urgent."""

import datetime
from collections.abc import Sequence

from tracker.audit.owing import is_issue, issue_of
from tracker.events import Recorded
from tracker.events.ledger import ReminderIssued
from tracker.pathway.phases import URGENT_KIND, level

SOON = datetime.timedelta(seconds=5)
"""So long after a record at most a command issues; the next tick comes later, as a rule."""


def recorded_before(history: Sequence[Recorded], event: Recorded) -> Recorded | None:
    """Return what was recorded just before a scheduler's event, if that was so urgent.

    Whoever records what is urgent issues at once all that its episode owes. None: a tick issued it.
    """
    known = history[: event.version]
    facts = [n for n, e in enumerate(known) if not is_issue(e)]
    if not is_issue(event) or not facts:
        return None
    fact = known[facts[-1]]
    together = [e for e in history[facts[-1] + 1 :] if e.recorded_at == event.recorded_at]
    told = any(is_issue(e) and _tells_of_urgent(e) for e in together)
    return fact if told and event.recorded_at - fact.recorded_at <= SOON else None


def _tells_of_urgent(event: Recorded) -> bool:
    data = issue_of(event)
    if not isinstance(data, ReminderIssued) or level(data.phase or ""):
        return False
    return (data.kind or data.reminder.partition(":")[0]) == URGENT_KIND
