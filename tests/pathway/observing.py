"""Schedulers that only think: they tick at given instants and note what they issue."""

import datetime
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.pathway.histories import at, in_order
from tracker.events import Recorded, data_fields
from tracker.history import timeline
from tracker.pathway import Status, builtin_protocol, evaluate
from tracker.pathway.issuing import Owed, Withdrawal, next_action_at, owed, withdrawals
from tracker.reminders.issuer import issuing, withdrawing

EPISODE = uuid.UUID("00000000-0000-4000-8000-000000000001")
LONG = datetime.timedelta(days=30)
"""So long it goes on after the last thing was recorded."""
Key = tuple[str, str]
"""Reminder and phase."""


def to_do(
    status: Status, now: datetime.datetime, history: Iterable[Recorded] = ()
) -> list[Owed | Withdrawal]:
    """Return what a tick has to put on record."""
    return [*withdrawals(status), *owed(status, now, history)]


def issues(status: Status, now: datetime.datetime, history: Sequence[Recorded]) -> list[Recorded]:
    """Return the events of a tick, withdrawals first, as the program makes them."""
    made = [withdrawing(EPISODE, gone, now) for gone in withdrawals(status)]
    made += [issuing(EPISODE, item, now) for item in owed(status, now, history)]
    return [
        event
        for new in made
        for event in at(now, new.topic, id=new.id, source=new.source, **data_fields(new.data))
    ]


@dataclass
class Observer:
    """Ticks through a history as it comes to be known."""

    arriving: list[Recorded]
    """What people record, in the order in which they do."""
    known: list[Recorded] = field(default_factory=list)
    issued: list[Recorded] = field(default_factory=list)
    covered: set[Key] = field(default_factory=set)
    """What was issued or skipped, and what that stood for."""

    def status(self, now: datetime.datetime) -> Status:
        """Return how the episode is, by what is known."""
        return evaluate(timeline(self.known, at=now), builtin_protocol(), now)

    def tick(self, now: datetime.datetime) -> None:
        """Take in what has been recorded by now, and put on record what is owed."""
        while self.arriving and self.arriving[0].recorded_at <= now:
            self.known.append(self.arriving.pop(0))
        self.known = in_order(self.known)
        status = self.status(now)
        for item in owed(status, now, self.known):
            self.covered |= {(item.reminder.id, p) for p in (item.phase, *item.stands_for)}
        made = issues(status, now, self.known)
        self.issued += made
        self.known = in_order([*self.known, *made])

    def next_at(self, now: datetime.datetime) -> datetime.datetime | None:
        """Return when there is something to do, or to hear, after `now`."""
        action = next_action_at(self.status(now))
        heard = self.arriving[0].recorded_at if self.arriving else None
        return min((i for i in (action, heard) if i is not None), default=None)


def perfect(history: Sequence[Recorded], also: Iterable[datetime.datetime] = ()) -> Observer:
    """Return one that ticks at the very instants at which something is recorded or owed.

    `also`: further instants at which it looks.
    """
    observer, now, until = Observer(list(history)), history[0].recorded_at, _end(history)
    while now <= until:
        observer.tick(now)
        following = observer.next_at(now)
        assert following is None or following > now, "after a tick there is nothing left to do"
        ahead = [i for i in (following, *also, until) if i is not None and i > now]
        now = min(ahead, default=until + LONG)
    return observer


def sleepy(history: Sequence[Recorded], awake: Iterable[datetime.datetime]) -> Observer:
    """Return one that ticks at these instants alone, and once at the end."""
    observer = Observer(list(history))
    for now in sorted({*awake, _end(history)}):
        if history[0].recorded_at <= now <= _end(history):
            observer.tick(now)
    return observer


def _end(history: Sequence[Recorded]) -> datetime.datetime:
    return history[-1].recorded_at + LONG


def naive(history: Sequence[Recorded], awake: Sequence[datetime.datetime]) -> set[Key]:
    """Return what must have been said at the latest at these instants, by looking at each.

    It knows of openings, due times, the ladder and acknowledgements; nothing is snoozed, moved or
    withdrawn in such a history.
    """
    told: dict[Key, datetime.datetime] = {}
    for now in awake:
        known = in_order([e for e in history if e.recorded_at <= now])
        for reminder in evaluate(timeline(known, at=now), builtin_protocol(), now).reminders:
            if reminder.status in ("open", "overdue"):
                told.setdefault((reminder.id, "open"), now)
            if reminder.status == "overdue":
                said = told.setdefault((reminder.id, "overdue"), now)
                seen = reminder.acknowledged_at
                for number, level in enumerate(reminder.escalation, 1):
                    late = now - said >= datetime.timedelta(hours=level.after_hours)
                    if late and (seen is None or seen <= reminder.due_at):
                        told.setdefault((reminder.id, f"escalated-{number}"), now)
    return set(told)
