"""Which phases of reminders are owed to be issued, and when that question is worth asking again.

A reminder is issued when it opens, when it becomes overdue, and then up a ladder until somebody
acknowledges it. Snoozed, it is quiet and returns on time. When a correction takes the ground of
what was issued away, that is put on record.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from tracker.events import Recorded, real_instant
from tracker.pathway.status import TICK, Issue, Reminder, Status

OPEN, OVERDUE, RETURNED, RENEWED, WITHDRAWN = "open", "overdue", "returned", "renewed", "withdrawn"
ESCALATED = "escalated-"

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
        return int(self.phase[len(ESCALATED) :]) if self.phase.startswith(ESCALATED) else 0


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What was issued and has lost its ground."""

    reminder: str
    kind: str
    issue: Issue
    reason: str


@dataclass(frozen=True, slots=True)
class _Phase:
    start: datetime.datetime
    name: str
    to: str | None = None


def owed(status: Status, now: datetime.datetime, history: Iterable[Recorded] = ()) -> list[Owed]:
    """Return what is to be issued at `now`: each phase once per opening of the window.

    Of several phases that are owed only the latest is issued and stands for the others. What was
    overdue when its ground was imported, or is too old to be of use, is skipped on record.
    """
    due = [
        _latest(reminder, ready)
        for reminder in status.reminders
        if reminder.live
        and (ready := [p for p in _unsaid(reminder) if p.start <= now])
        and reminder.opens_at <= now
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
        Withdrawal(reminder.id, reminder.kind, issue, "its window has moved")
        for reminder in status.reminders
        for issue in _issued(reminder)
        if issue.at < reminder.opens_at and not _withdrawn_since(reminder.issued, issue)
    ]
    latest = {withdrawal.reminder: withdrawal for withdrawal in (*gone, *moved)}
    return list(latest.values())


def next_action_at(status: Status) -> datetime.datetime | None:
    """Return the earliest instant at which something is, or becomes, owed or withdrawn."""
    instants = [] if status.arises_at is None else [status.arises_at]
    if withdrawals(status):
        instants.append(status.at)
    for reminder in status.reminders:
        if reminder.live:
            instants += [phase.start for phase in _unsaid(reminder)]
    return min(instants, default=None)


def _latest(reminder: Reminder, ready: list[_Phase]) -> Owed:
    latest = max(ready, key=lambda phase: phase.start)
    for phase in ready:
        if phase.start == latest.start:
            latest = phase  # the last of one instant
    others = tuple(phase.name for phase in ready if phase is not latest)
    return Owed(reminder, latest.name, latest.start, None, others, latest.to)


def _unsaid(reminder: Reminder) -> list[_Phase]:
    """Return the phases not said yet for the window as it now stands, in their order."""
    said = _said(reminder)
    phases: list[_Phase] = []
    if OVERDUE not in said:
        if OPEN not in said:
            phases.append(_Phase(reminder.opens_at, OPEN))
        phases.append(_Phase(reminder.due_at + TICK, OVERDUE))
    latest = max((issue.at for issue in _issued(reminder)), default=None)
    if latest is not None and said:
        for instant, name in ((reminder.renewed_at, RENEWED), (reminder.snoozed_until, RETURNED)):
            if instant is not None and latest < instant:
                phases.append(_Phase(instant, name))
    phases += _ladder(reminder)
    return [_woken(phase, reminder) for phase in phases]


def _ladder(reminder: Reminder) -> list[_Phase]:
    """Return the levels of the ladder not climbed yet, from when it was said to be overdue."""
    base = _said_overdue_at(reminder)
    seen = reminder.acknowledged_at
    if base is None or (seen is not None and seen > reminder.due_at):
        return []
    climbed = {issue.phase for issue in reminder.issued if issue.at >= base}
    return [
        _Phase(base + datetime.timedelta(hours=level.after_hours), name, level.to)
        for number, level in enumerate(reminder.escalation, 1)
        if (name := f"{ESCALATED}{number}") not in climbed
    ]


def _said_overdue_at(reminder: Reminder) -> datetime.datetime | None:
    told = [
        issue.at
        for issue in _issued(reminder)
        if issue.phase in (OVERDUE, RETURNED) and issue.at > reminder.due_at
    ]
    return max(told, default=None)


def _woken(phase: _Phase, reminder: Reminder) -> _Phase:
    """Put a phase off while its reminder is snoozed; what is urgent cannot be."""
    until = reminder.snoozed_until
    if until is None or until <= phase.start or reminder.kind == "complication-review":
        return phase
    return _Phase(until, phase.name, phase.to)


def _issued(reminder: Reminder) -> list[Issue]:
    """Return what people were told, without what was skipped."""
    return [issue for issue in reminder.issued if not issue.skipped]


def _said(reminder: Reminder) -> set[str]:
    """Return whether open and overdue were said, or skipped, for the window as it now stands.

    What was said before the present opening, or of overdue before the present due time, is void:
    the window has moved since.
    """
    said: set[str] = set()
    for issue in reminder.issued:
        if issue.phase == WITHDRAWN or issue.at < reminder.opens_at:
            continue
        said.add(OPEN)
        if issue.phase != OPEN and issue.at > reminder.due_at:
            said.add(OVERDUE)
    return said


def _withdrawn_since(issues: Iterable[Issue], issue: Issue) -> bool:
    return any(i.phase == WITHDRAWN and i.at >= issue.at for i in issues)


def _skipped(item: Owed, now: datetime.datetime, recorded: dict[str, Recorded]) -> Owed:
    reason = _too_old(item, now)
    if item.phase == OVERDUE:
        reason = _overdue_on_import(item.reminder, recorded) or reason
    if reason is None:
        return item
    return Owed(item.reminder, item.phase, item.since, reason, item.stands_for, item.to)


def _too_old(item: Owed, now: datetime.datetime) -> str | None:
    hours = item.reminder.skip_after_hours
    if hours is None or now <= item.reminder.due_at + datetime.timedelta(hours=hours):
        return None
    return f"more than {hours} h after it was due it is of no use"


def _overdue_on_import(reminder: Reminder, recorded: dict[str, Recorded]) -> str | None:
    grounds = [recorded[i] for i in reminder.because if i in recorded]
    if not grounds:
        return None
    latest = max(grounds, key=lambda e: e.recorded_at)
    history_from = reminder.due_at + (FRESH if reminder.opens_at == reminder.due_at else _NONE)
    if not latest.source.startswith(IMPORTED) or latest.recorded_at <= history_from:
        return None
    if latest.source.startswith(_REMIND_SINCE):
        since = real_instant(datetime.datetime.fromisoformat(latest.source[len(_REMIND_SINCE) :]))
        if reminder.due_at >= since:
            return None
    return "overdue when its history was imported"
