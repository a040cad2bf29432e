"""What would be other if another protocol judged an episode."""

import datetime
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Literal

import msgspec

from tracker.audit.replay import Judge
from tracker.events import Recorded
from tracker.events.fields import Instant
from tracker.history import timeline
from tracker.pathway import Protocol, evaluate
from tracker.pathway.status import Alert, Reminder, Status
from tracker.pathway.wording import moment

Subject = Literal["stage", "leak", "urgent", "reminder", "alert"]
How = Literal["added", "removed", "moved", "changed"]

MOST = 1_000
"""Instants at which one episode is compared at most."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the other protocol would say otherwise."""

    subject: Subject
    how: How
    """Added and removed: by the other one it would, or would not, be owed or raised."""
    name: str
    """The kind of the reminder, the rule of the alert, else the subject."""
    id: str | None = None
    """Of the reminder or the alert."""
    before: str | None = None
    """By the protocol that judges the episode."""
    after: str | None = None
    at: Instant | None = None
    """The first instant at which it differs, of those that were looked at."""
    now: bool = True
    """Whether it differs now too."""

    @property
    def key(self) -> tuple[str, str, str | None]:
        """What tells it from others of the same episode."""
        return self.subject, self.how, self.id


def differences(own: Status, other: Status) -> Iterator[Difference]:
    """Yield what differs between two statuses of one episode at one instant."""
    for subject in _PLAIN:
        before, after = (_word(getattr(status, subject)) for status in (own, other))
        if before != after:
            yield Difference(
                subject=subject, how="changed", name=subject, before=before, after=after
            )
    yield from _reminders(own, other)
    yield from _alerts(own, other)


_PLAIN: tuple[Subject, ...] = ("stage", "leak", "urgent")


def _word(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _reminders(own: Status, other: Status) -> Iterator[Difference]:
    mine, theirs = ({r.id: r for r in status.reminders} for status in (own, other))
    for id_ in dict.fromkeys([*mine, *theirs]):
        yield from _of_reminder(mine.get(id_), theirs.get(id_))


def _of_reminder(before: Reminder | None, after: Reminder | None) -> Iterator[Difference]:
    live = (before is not None and before.live) or (after is not None and after.live)
    if before is None or after is None:
        if live:
            yield _reminder("added" if before is None else "removed", before, after, _state)
        return
    if before.status != after.status:
        yield _reminder("changed", before, after, _status)
    moved = [name for name in _WINDOW if getattr(before, name) != getattr(after, name)]
    if live and moved:
        yield _reminder("moved", before, after, partial(_window, moved))


def _reminder(
    how: How, before: Reminder | None, after: Reminder | None, told: Callable[[Reminder], str]
) -> Difference:
    one = before or after
    return Difference(
        subject="reminder",
        how=how,
        name=one.kind if one else "",
        id=one.id if one else None,
        before=told(before) if before else None,
        after=told(after) if after else None,
    )


def _status(reminder: Reminder) -> str:
    return reminder.status


_WINDOW = ("opens_at", "due_at")


def _window(names: Sequence[str], reminder: Reminder) -> str:
    told = (f"{n.removesuffix('_at')} {moment(getattr(reminder, n))}" for n in names)
    return ", ".join(told)


def _state(reminder: Reminder) -> str:
    return f"{reminder.status}, {_window(_WINDOW, reminder)}"


def _alerts(own: Status, other: Status) -> Iterator[Difference]:
    mine, theirs = ({a.id: a for a in status.alerts if a.active} for status in (own, other))
    for id_ in dict.fromkeys([*mine, *theirs]):
        before, after = mine.get(id_), theirs.get(id_)
        if before is None and after is not None:
            yield _alert("added", after, None, f"{after.severity}: {after.text}")
        elif after is None and before is not None:
            yield _alert("removed", before, f"{before.severity}: {before.text}", None)
        elif before and after and before.severity != after.severity:
            yield _alert("changed", after, before.severity, after.severity)


def _alert(how: How, of: Alert, before: str | None, after: str | None) -> Difference:
    return Difference(subject="alert", how=how, name=of.rule, id=of.id, before=before, after=after)


def simulate(
    history: Sequence[Recorded],
    judge: Judge,
    protocol: Protocol,
    now: datetime.datetime,
    since: datetime.datetime | None = None,
) -> list[Difference]:
    """Return what differs now, and with `since` what differed at any instant from then on.

    It is looked at whenever something was true and whenever time alone changes an answer, by all
    that is known now; the earliest instant of each difference is kept.
    """
    events = timeline(history)
    stops = sorted({e.occurred_at for e in events})
    found: dict[tuple[str, str, str | None], Difference] = {}
    at, left = now if since is None else min(since, now), MOST
    while True:
        own, other = judge(history, at), evaluate(events, protocol, at)
        here = {difference.key: difference for difference in differences(own, other)}
        for key, difference in here.items():
            found.setdefault(key, msgspec.structs.replace(difference, at=at))
        if at >= now:
            return [
                msgspec.structs.replace(difference, now=key in here)
                for key, difference in found.items()
            ]
        left -= 1
        ahead = [own.changes_at, other.changes_at, *_next(stops, at)]
        at = min((i for i in ahead if i is not None and i < now), default=now) if left else now


def _next(stops: Sequence[datetime.datetime], at: datetime.datetime) -> list[datetime.datetime]:
    return [stop for stop in stops if stop > at][:1]
