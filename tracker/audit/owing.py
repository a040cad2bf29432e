"""A walk through a history: what was owed at each instant, and what was put on record of it."""

import datetime
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from tracker.audit.replay import Judge
from tracker.events import Recorded
from tracker.events.ledger import ReminderIssued, ReminderSkipped
from tracker.pathway.issuing import WITHDRAWN, owed, owed_changes_at, withdrawals
from tracker.pathway.status import Status

Key = tuple[str, bool]
"""A reminder, and whether it is what was said of it that has to be withdrawn."""


class Due(NamedTuple):
    """What has to be put on record of one reminder."""

    reminder: str
    kind: str
    phases: tuple[str, ...]
    """What was not said yet; the last of them is what a scheduler issues now."""
    since: datetime.datetime
    skip_reason: str | None = None
    """Why it is to be skipped rather than issued."""
    source: str = ""
    again: bool = False
    """Whether it had been said, of the same task, and what was said lost its ground."""


class Issue(NamedTuple):
    """What a scheduler put on record."""

    event: Recorded
    counts_as: Recorded | None
    """The same event in the history that is walked; None: there it is about nothing."""


class Moment(NamedTuple):
    """One instant of a walk, at which what is owed may be other than before."""

    at: datetime.datetime
    status: Status
    """With the facts of this instant, before what a scheduler did in it."""
    due: Mapping[Key, Due]
    issues: tuple[Issue, ...]
    left: Mapping[Key, Due]
    """What is still owed after that."""
    after: Status
    turned: bool = False
    """Whether nothing else happened but that what had been said counts for nothing, or again."""


class Turn(NamedTuple):
    """An instant from which a scheduler counts what it said of a reminder for nothing."""

    at: datetime.datetime
    reminder: str
    back: bool = False
    """Whether it counts again instead."""


Addressed = Callable[[Recorded, Status], Recorded | None]
"""Says what an issue counts as in the history that is walked; None: it is about nothing in it."""


def is_issue(event: Recorded) -> bool:
    """Whether an event is one by which a scheduler issues, skips or withdraws."""
    return isinstance(event.data, ReminderIssued | ReminderSkipped)


def issue_of(event: Recorded) -> ReminderIssued | ReminderSkipped:
    """Return the data of an event of a scheduler. Raises TypeError for any other."""
    if not isinstance(event.data, ReminderIssued | ReminderSkipped):
        raise TypeError(f"{event.topic} issues nothing")
    return event.data


def key_of(event: Recorded) -> Key:
    """Return what an event of a scheduler is about."""
    data = issue_of(event)
    return data.reminder, data.phase == WITHDRAWN


def dues(status: Status, now: datetime.datetime, known: Iterable[Recorded]) -> dict[Key, Due]:
    """Return what a scheduler would put on record at `now`."""
    found: dict[Key, Due] = {}
    for item in owed(status, now, known):
        phases = (*item.stands_for, item.phase)
        of = item.reminder
        found[of.id, False] = Due(of.id, of.kind, phases, item.since, item.skip_reason, of.source)
    for gone in withdrawals(status):
        found[gone.reminder, True] = Due(gone.reminder, gone.kind, (WITHDRAWN,), gone.issue.at)
    return found


def walk(
    history: Sequence[Recorded],
    judge: Judge,
    until: datetime.datetime,
    addressed: Addressed = lambda event, _status: event,
    turns: Iterable[Turn] = (),
) -> Iterator[Moment]:
    """Yield every instant up to `until` at which what is owed may change.

    The history is taken in as it stands, at the times of its records. Where a clock went back,
    time is taken to stand still. Turns come after the facts of their instant and before what a
    scheduler did in it.
    """
    walking, ahead = _Walk(judge, addressed), deque(sorted(turns))
    for (at, issued), together in groupby(history, key=lambda e: (e.recorded_at, is_issue(e))):
        if at > until:
            break
        while ahead and (ahead[0].at, False) < (at, issued):
            yield from walking.turn(ahead.popleft())
        yield from walking.to(at)
        take = walking.issue if issued else walking.learn
        yield take(at, list(together))
    while ahead and ahead[0].at <= until:
        yield from walking.turn(ahead.popleft())
    yield from walking.to(until)


class _Walk:
    def __init__(self, judge: Judge, addressed: Addressed) -> None:
        self._now = datetime.datetime.min.replace(tzinfo=datetime.UTC)
        self._judge = judge
        self._addressed = addressed
        self._known: list[Recorded] = []
        self._said: dict[str, list[Recorded]] = {}
        self._for_nothing: dict[str, list[Recorded]] = {}
        self._again: set[tuple[str, str]] = set()
        self._status: Status | None = None

    def to(self, until: datetime.datetime) -> Iterator[Moment]:
        """Let time pass, up to and including an instant."""
        while self._status is not None:
            at = owed_changes_at(self._status, self._now)
            if at is None or at > until:
                return
            self._now = at
            yield self._quiet()

    def learn(self, at: datetime.datetime, facts: list[Recorded]) -> Moment:
        """Take in facts that were recorded at an instant."""
        self._now = max(self._now, at)
        self._known += facts
        self._status = None
        return self._quiet()

    def turn(self, turn: Turn) -> Iterator[Moment]:
        """Let what was said of a reminder count for nothing, or again."""
        yield from self.to(turn.at)
        before, after = self._said, self._for_nothing
        if turn.back:
            before, after = after, before
        moved = before.pop(turn.reminder, [])
        if not moved:
            return
        self._now = max(self._now, turn.at)
        owed_before = self._standing()[1]
        after.setdefault(turn.reminder, []).extend(moved)
        if turn.back:
            self._known += moved
        else:
            self._known = [event for event in self._known if event not in moved]
        self._status = None
        for key, due in self._standing()[1].items():
            before_it = owed_before.get(key)
            if before_it is None or due.phases[-1] not in before_it.phases:
                self._again.add((key[0], due.phases[-1]))
        yield self._quiet()._replace(turned=True)

    def issue(self, at: datetime.datetime, events: list[Recorded]) -> Moment:
        """Take in what a scheduler put on record at an instant by its clock."""
        self._now = max(self._now, at)
        status, due = self._standing()
        if at < self._now:
            due = {**dues(self._judge(self._known, at), at, self._known), **due}
        issues = tuple(Issue(event, self._addressed(event, status)) for event in events)
        for event, counts_as in issues:
            name, withdrawn = key_of(event)
            if withdrawn:
                self._for_nothing.pop(name, None)
            if counts_as is not None:
                self._known.append(counts_as)
                self._said.setdefault(name, []).append(counts_as)
        self._status = None
        after, left = self._standing()
        return Moment(self._now, status, due, issues, left, after)

    def _quiet(self) -> Moment:
        status, due = self._standing()
        return Moment(self._now, status, due, (), due, status)

    def _standing(self) -> tuple[Status, dict[Key, Due]]:
        """Return how it is now, evaluated again only if it may have changed."""
        status, now = self._status, self._now
        if status is None or any(
            at is not None and status.at < at <= now for at in (status.changes_at, status.arises_at)
        ):
            status = self._status = self._judge(self._known, now)
        found = dues(status, now, self._known)
        repeated = {key for key, due in found.items() if (key[0], due.phases[-1]) in self._again}
        return status, {k: d._replace(again=k in repeated) for k, d in found.items()}
