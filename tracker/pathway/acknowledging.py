"""What people and the scheduler did about reminders and alerts."""

import datetime

from tracker.events import Recorded, real_instant
from tracker.events.ledger import (
    AlertAcknowledged,
    ReminderAcknowledged,
    ReminderIssued,
    ReminderSkipped,
    ReminderSnoozed,
    ReminderWaived,
)
from tracker.pathway.course import Course
from tracker.pathway.phases import WITHDRAWN
from tracker.pathway.status import Issue, Orphan


def apply(course: Course, event: Recorded) -> None:
    """Take in an acknowledgement, a snooze, a waiver, or an issue of the scheduler."""
    data, now = event.data, event.occurred_at
    who = event.on_behalf_of or event.actor
    if isinstance(data, AlertAcknowledged):
        course.acknowledged_by = event
        course.board.acknowledge(data.alert, who, now)
    elif isinstance(data, ReminderWaived):
        course.book.waive(data.reminder, event.id, now, data.reason)
    elif isinstance(data, ReminderAcknowledged):
        _acknowledge(course, event, data, who)
    elif isinstance(data, ReminderSnoozed):
        duty = course.book.find(data.reminder)
        if duty is not None:
            duty.snoozed_until = data.until
    elif isinstance(data, (ReminderIssued, ReminderSkipped)):
        _issued(course, event, data)


def _acknowledge(course: Course, event: Recorded, data: ReminderAcknowledged, who: str) -> None:
    duty = course.book.find(data.reminder)
    if duty is None:
        return
    duty.acknowledged_by = who
    duty.acknowledged_at = event.occurred_at
    if duty.kind == "complication-review" and duty.ended is None:
        course.acknowledged_by = event
        for raised in course.board.unacknowledged():
            course.board.acknowledge(raised.id, who, event.occurred_at)


def _issued(course: Course, event: Recorded, data: ReminderIssued | ReminderSkipped) -> None:
    skipped = isinstance(data, ReminderSkipped)
    issue = Issue(data.phase or "open", event.occurred_at, _opening(data.window), skipped, event.id)
    # What is withdrawn was said of this very reminder, never of another of its kind.
    exact = issue.phase == WITHDRAWN
    duty = (course.book.duties.get if exact else course.book.find)(data.reminder)
    if duty is not None:
        duty.issued.append(issue)
    else:
        kind = data.kind or data.reminder.partition(":")[0]
        course.orphans.setdefault(data.reminder, (kind, []))[1].append(issue)


def find_homes(course: Course) -> None:
    """Give issues to reminders that came to be only after them, as a correction can make it."""
    for name in [name for name in course.orphans if name in course.book.duties]:
        course.book.duties[name].issued[:0] = course.orphans.pop(name)[1]


def orphans(course: Course) -> tuple[Orphan, ...]:
    """Return what people were told, nobody has withdrawn, and has no reminder any more."""
    found = []
    for name, (kind, issues) in course.orphans.items():
        told = [issue for issue in issues if issue.phase == WITHDRAWN or not issue.skipped]
        if told and told[-1].phase != WITHDRAWN:
            found.append(Orphan(name, kind, told[-1]))
    return tuple(found)


def _opening(window: str | None) -> datetime.datetime | None:
    if window is None:
        return None
    try:
        return real_instant(datetime.datetime.fromisoformat(window.split("/")[0]))
    except ValueError:
        return None
