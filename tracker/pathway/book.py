"""The book of what is owed: every reminder so far, of each kind at most one not yet ended."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from tracker.events import Recorded
from tracker.pathway.protocol import Protocol
from tracker.pathway.status import TICK, Issue, Reminder, ReminderStatus

TRANSFERRED = "transferred"
LOST = "lost to follow-up"
DUE_AWAY = "due while away"
EXCLUDED = "excluded"


@dataclass(slots=True)
class Duty:
    """A reminder while the timeline is walked."""

    id: str
    kind: str
    anchor: str
    opens: datetime.datetime
    due: datetime.datetime
    since: datetime.datetime
    because: list[str]
    grounds: set[str] = field(default_factory=set)
    """What it rests on, where more than one thing can be."""
    suspended: dict[str, datetime.datetime] = field(default_factory=dict)
    """Why it is suspended, and since when."""
    ended: ReminderStatus | None = None
    ended_at: datetime.datetime | None = None
    settled_by: str | None = None
    reason: str | None = None
    issued: list[Issue] = field(default_factory=list)
    acknowledged_by: str | None = None
    acknowledged_at: datetime.datetime | None = None
    renewed_at: datetime.datetime | None = None
    snoozed_until: datetime.datetime | None = None
    too_early: list[str] = field(default_factory=list)

    def status(self, now: datetime.datetime) -> ReminderStatus:
        """Return the status at `now`: a closed interval, overdue after its end."""
        if self.ended is not None:
            return self.ended
        if self.suspended:
            return "suspended"
        if now < self.opens:
            return "scheduled"
        return "open" if now <= self.due else "overdue"

    def changes_at(self, now: datetime.datetime) -> datetime.datetime | None:
        """Return when the status changes next by time alone."""
        if self.ended is not None or self.suspended:
            return None
        if now < self.opens:
            return self.opens
        return self.due + TICK if now <= self.due else None


class Book:
    """Reminders by id, and the one of each kind that has not ended."""

    def __init__(self) -> None:
        """Start with nothing owed."""
        self.duties: dict[str, Duty] = {}
        self.current: dict[str, Duty] = {}
        self.away: dict[str, datetime.datetime] = {}
        """Why the patient is away, and since when."""
        self.shut = False
        """Nothing more is owed: the patient died."""

    def open(
        self,
        kind: str,
        anchor: str,
        opens: datetime.datetime,
        due: datetime.datetime,
        since: datetime.datetime,
        because: Iterable[str] = (),
        grounds: Iterable[str] = (),
    ) -> None:
        """Owe a reminder of this kind; one that has not ended is superseded."""
        if self.shut:
            return
        self.supersede(kind, anchor, since)
        name, number = f"{kind}:{anchor}", 2
        while name in self.duties:
            name, number = f"{kind}:{anchor}.{number}", number + 1
        reasons = list(dict.fromkeys([*because, anchor]))
        duty = Duty(name, kind, anchor, opens, due, since, reasons, set(grounds))
        for reason, when in self.away.items():
            if _suspends(reason, kind):
                duty.suspended[reason] = when
        self.duties[name] = duty
        self.current[kind] = duty

    def settle(self, kind: str, event: Recorded) -> None:
        """Settle the reminder of this kind by an event; late if its due time has passed."""
        duty = self.current.get(kind)
        if duty is not None:
            late = event.occurred_at > duty.due
            self._end(duty, "done-late" if late else "done", event.occurred_at, event.id)

    def settle_if_open(self, kind: str, event: Recorded) -> bool:
        """Settle it only by an event at or after its opening."""
        duty = self.current.get(kind)
        if duty is None or event.occurred_at < duty.opens:
            return False
        self.settle(kind, event)
        return True

    def supersede(self, kind: str, by: str, at: datetime.datetime) -> None:
        """End the reminder of this kind because a later one takes its place."""
        duty = self.current.get(kind)
        if duty is not None:
            self._end(duty, "superseded", at, by, f"superseded by {by}")

    def cancel(self, kind: str, by: str, at: datetime.datetime, reason: str) -> None:
        """Cancel the reminder of this kind."""
        duty = self.current.get(kind)
        if duty is not None:
            self._end(duty, "cancelled", at, by, reason)

    def cancel_all(self, by: str, at: datetime.datetime, reason: str) -> None:
        """Cancel whatever is owed."""
        for kind in list(self.current):
            self.cancel(kind, by, at, reason)

    def restore(self, reason: str) -> None:
        """Bring back what was cancelled for a reason that no longer holds."""
        for duty in self.duties.values():
            if (
                duty.ended == "cancelled"
                and duty.reason == reason
                and duty.kind not in self.current
            ):
                duty.ended, duty.ended_at, duty.settled_by, duty.reason = None, None, None, None
                self.current[duty.kind] = duty

    def waive(self, name: str, by: str, at: datetime.datetime, reason: str | None) -> None:
        """Waive a reminder that has not ended, by id or by kind."""
        duty = self.find(name)
        if duty is not None and duty.ended is None:
            self._end(duty, "waived", at, by, reason)

    def _end(
        self,
        duty: Duty,
        status: ReminderStatus,
        at: datetime.datetime,
        by: str | None,
        reason: str | None = None,
    ) -> None:
        duty.ended, duty.ended_at, duty.settled_by, duty.reason = status, at, by, reason
        if self.current.get(duty.kind) is duty:
            del self.current[duty.kind]

    def find(self, name: str) -> Duty | None:
        """Return a reminder by id, or the one of a kind that has not ended."""
        return self.duties.get(name) or self.current.get(name)

    def suspend(self, kind: str, reason: str, at: datetime.datetime) -> None:
        """Suspend the reminder of this kind."""
        duty = self.current.get(kind)
        if duty is not None:
            duty.suspended.setdefault(reason, at)

    def resume(self, kind: str, reason: str) -> None:
        """Bring a suspended reminder back with its original window."""
        duty = self.current.get(kind)
        if duty is not None:
            duty.suspended.pop(reason, None)

    def leave(self, reason: str, at: datetime.datetime) -> None:
        """Suspend what is owed while the patient is away."""
        self.away.setdefault(reason, at)
        for kind in self.current:
            if _suspends(reason, kind):
                self.suspend(kind, reason, at)

    def come_back(self, reason: str, by: str, at: datetime.datetime) -> None:
        """Bring reminders back, but cancel those that came due while the patient was away.

        After a loss those that had come due before it are cancelled too.
        """
        left = self.away.pop(reason, None)
        for duty in list(self.current.values()):
            if left is None or reason not in duty.suspended:
                continue
            del duty.suspended[reason]
            if duty.due < at and (reason == LOST or left <= duty.due):
                self._end(duty, "cancelled", at, by, DUE_AWAY)

    def shown(self, protocol: Protocol, now: datetime.datetime) -> tuple[Reminder, ...]:
        """Return every reminder for people to read, in order of opening."""
        ordered = sorted(self.duties.values(), key=lambda d: (d.opens, d.since, d.id))
        return tuple(_shown(d, protocol, now) for d in ordered)


def _suspends(reason: str, kind: str) -> bool:
    return reason != LOST or kind != "late-review"


def _shown(duty: Duty, protocol: Protocol, now: datetime.datetime) -> Reminder:
    kind = protocol.reminders[duty.kind]
    return Reminder(
        id=duty.id,
        kind=duty.kind,
        anchor=duty.anchor,
        opens_at=duty.opens,
        due_at=duty.due,
        status=duty.status(now),
        ended_at=duty.ended_at,
        settled_by=duty.settled_by,
        reason=duty.reason or next(iter(duty.suspended), None),
        because=tuple(duty.because),
        source=kind.source,
        issued=tuple(duty.issued),
        acknowledged_by=duty.acknowledged_by,
        acknowledged_at=duty.acknowledged_at,
        renewed_at=duty.renewed_at,
        escalation=protocol.ladder(duty.kind) if duty.ended is None else (),
        skip_after_hours=kind.skip_after_hours,
        snoozed_until=duty.snoozed_until,
        too_early=tuple(duty.too_early),
        since=duty.since,
    )
