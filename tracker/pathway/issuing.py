"""Which phases of reminders are owed to be issued, and when that question is worth asking again.

A reminder is issued when it opens, when it becomes overdue, and then up a ladder until somebody
acknowledges it. Snoozed, it is quiet and returns on time. When a correction takes the ground of
what was issued away, that is put on record.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tracker.events import Recorded, real_instant
from tracker.pathway import phases
from tracker.pathway.phases import OVERDUE, RENEWED, WITHDRAWN, Phase, standing, unsaid
from tracker.pathway.status import Issue, Reminder, Status

__all__ = [
    "WITHDRAWN",
    "Owed",
    "Withdrawal",
    "next_action_at",
    "owed",
    "owed_changes_at",
    "withdrawals",
]

IMPORTED = "import"
FRESH = datetime.timedelta(hours=24)
"""What is due at once is overdue a moment later: so long it is no history when it is imported."""
_NONE = datetime.timedelta(0)
_REMIND_SINCE = "import:remind-since="


@dataclass(frozen=True, slots=True)
class Owed:
    """A phase of a reminder that is to be issued, or skipped on record."""

    reminder: Reminder
    phase: str
    since: datetime.datetime
    """From when it is owed; with the phase and the window it tells one issue from another."""
    skip_reason: str | None = None
    stands_for: tuple[str, ...] = ()
    """Earlier phases that were not issued in time and that this one stands for."""
    to: str | None = None
    """Who is told, when it is not the usual people."""

    @property
    def level(self) -> int:
        """Level of the ladder: 0 for the usual people."""
        return phases.level(self.phase)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What was issued and has lost its ground."""

    reminder: str
    kind: str
    issue: Issue
    reason: str


def owed(status: Status, now: datetime.datetime, history: Iterable[Recorded] = ()) -> list[Owed]:
    """Return what is to be issued at `now`: each phase once per opening of the window.

    Of several phases that are owed only the latest is issued and stands for the others. But
    news of another urgent ground, for the usual people, stands for no level of the ladder, which is
    for others. What was overdue when its ground was imported, or is too old to be of use, is
    skipped on record.
    """
    due = [
        item
        for reminder in status.reminders
        if reminder.live and reminder.opens_at <= now
        for item in _latest(reminder, [p for p in unsaid(reminder) if p.start <= now])
    ]
    if not due:
        return due
    recorded = {event.id: event for event in history}
    return [_skipped(item, now, recorded) for item in due]


def withdrawals(status: Status) -> list[Withdrawal]:
    """Return what was issued and has lost its ground to a correction or a voiding."""
    gone = [
        Withdrawal(orphan.reminder, orphan.kind, orphan.issue, "its ground was corrected or voided")
        for orphan in status.orphans
    ]
    moved = [
        Withdrawal(reminder.id, reminder.kind, told[-1], "its window has moved")
        for reminder in status.reminders
        if (told := [issue for issue in standing(reminder) if not issue.skipped])
        and told[-1].at < reminder.opens_at
    ]
    return gone + moved


def next_action_at(status: Status) -> datetime.datetime | None:
    """Return the earliest instant at which something is, or becomes, owed or withdrawn."""
    instants = [] if status.arises_at is None else [status.arises_at]
    # At once; an instant that does not move with the clock, as rows are compared when rebuilt.
    instants += [withdrawal.issue.at for withdrawal in withdrawals(status)]
    for reminder in status.reminders:
        if reminder.live:
            instants += [phase.start for phase in unsaid(reminder)]
    return min(instants, default=None)


def owed_changes_at(status: Status, now: datetime.datetime) -> datetime.datetime | None:
    """Return the next instant after `now` at which time alone may change what is owed."""
    instants = [at for at in (status.changes_at, status.arises_at) if at is not None]
    for reminder in status.reminders:
        if reminder.live:
            instants += [phase.start for phase in unsaid(reminder)]
    return min((at for at in instants if at > now), default=None)


def _latest(reminder: Reminder, ready: list[Phase]) -> list[Owed]:
    if not ready:
        return []
    latest = max(reversed(ready), key=lambda phase: phase.start)  # the last of one instant
    alone = latest.name == RENEWED
    rungs = [phase for phase in ready if alone and phases.level(phase.name)]
    others = tuple(p.name for p in ready if p is not latest and p not in rungs)
    item = Owed(reminder, latest.name, latest.start, None, others, latest.to)
    return [item, *_latest(reminder, rungs)]


def _skipped(item: Owed, now: datetime.datetime, recorded: dict[str, Recorded]) -> Owed:
    reason = _overdue_on_import(item, recorded) or _too_old(item, now)
    return item if reason is None else replace(item, skip_reason=reason)


def _too_old(item: Owed, now: datetime.datetime) -> str | None:
    hours = item.reminder.skip_after_hours
    due = item.since if item.phase == RENEWED else item.reminder.due_at
    if hours is None or now <= due + datetime.timedelta(hours=hours):
        return None
    return f"more than {hours:g} h after it was due it is of no use"


def _overdue_on_import(item: Owed, recorded: dict[str, Recorded]) -> str | None:
    """Return why it is history: it was overdue when an import brought the latest of its grounds."""
    reminder = item.reminder
    grounds = [recorded[i] for i in reminder.because if i in recorded]
    if not grounds or item.phase not in (OVERDUE, RENEWED):
        return None
    latest = max(grounds, key=lambda e: e.recorded_at)
    due = latest.occurred_at if item.phase == RENEWED else reminder.due_at
    history_from = due + (FRESH if reminder.opens_at == reminder.due_at else _NONE)
    if not latest.source.startswith(IMPORTED) or latest.recorded_at <= history_from:
        return None
    if latest.source.startswith(_REMIND_SINCE):
        since = real_instant(datetime.datetime.fromisoformat(latest.source[len(_REMIND_SINCE) :]))
        if due >= since:
            return None
    return "overdue when its history was imported"
