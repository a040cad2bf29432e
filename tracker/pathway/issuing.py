"""Which reminders are owed to be issued, and when that question is worth asking again."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tracker.events import Recorded, real_instant
from tracker.pathway.status import TICK, Reminder, Status

Phase = Literal["open", "overdue"]

IMPORTED = "import"
FRESH = datetime.timedelta(hours=24)
"""What is due at once is overdue a moment later: so long it is no history when it is imported."""
NONE = datetime.timedelta(0)
_REMIND_SINCE = "import:remind-since="


@dataclass(frozen=True, slots=True)
class Owed:
    """A reminder and the phase of it that is to be issued, or skipped on record."""

    reminder: Reminder
    phase: Phase
    skip_reason: str | None = None


def owed(status: Status, now: datetime.datetime, history: Iterable[Recorded] = ()) -> list[Owed]:
    """Return what is to be issued at `now`: each phase once per opening of the window.

    When opening and overdue are both owed only the latter is. A reminder that was already overdue
    when its ground was imported is skipped on record, unless the import asked to be reminded.
    """
    due = [
        Owed(reminder, phase)
        for reminder in status.reminders
        if reminder.status in ("open", "overdue") and (phase := _phase(reminder, now)) is not None
    ]
    if not due:
        return due
    recorded = {event.id: event for event in history}
    return [
        Owed(o.reminder, o.phase, _overdue_on_import(o.reminder, recorded))
        if o.phase == "overdue"
        else o
        for o in due
    ]


def _phase(reminder: Reminder, now: datetime.datetime) -> Phase | None:
    phase: Phase = "overdue" if now > reminder.due_at else "open"
    said = _said(reminder)
    return None if phase in said else phase


def _said(reminder: Reminder) -> set[str]:
    """Return the phases said for the window as it now stands.

    What was said before the present opening, or of overdue before the present due time, is void:
    the window has moved since.
    """
    said: set[str] = set()
    for issue in reminder.issued:
        if issue.at >= reminder.opens_at:
            said.add("open")
            if issue.phase == "overdue" and issue.at > reminder.due_at:
                said.add("overdue")
    return said


def next_action_at(status: Status) -> datetime.datetime | None:
    """Return the earliest instant at which `owed` is, or becomes, other than empty."""
    instants = [] if status.arises_at is None else [status.arises_at]
    for reminder in status.reminders:
        if not reminder.live:
            continue
        said = _said(reminder)
        if "overdue" in said:
            continue
        opening = "open" not in said and status.at <= reminder.due_at
        instants.append(reminder.opens_at if opening else reminder.due_at + TICK)
    return min(instants, default=None)


def _overdue_on_import(reminder: Reminder, recorded: dict[str, Recorded]) -> str | None:
    grounds = [recorded[i] for i in reminder.because if i in recorded]
    if not grounds:
        return None
    latest = max(grounds, key=lambda e: e.recorded_at)
    history_from = reminder.due_at + (FRESH if reminder.opens_at == reminder.due_at else NONE)
    if not latest.source.startswith(IMPORTED) or latest.recorded_at <= history_from:
        return None
    if latest.source.startswith(_REMIND_SINCE):
        since = real_instant(datetime.datetime.fromisoformat(latest.source[len(_REMIND_SINCE) :]))
        if reminder.due_at >= since:
            return None
    return "overdue when its history was imported"
