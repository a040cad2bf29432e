"""Where what a scheduler put on record differs from what was owed.

A gap is a stretch in which something was owed of a reminder and nothing of it was on record. A
stray is something put on record that was not owed.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tracker.audit.owing import Due, Issue, Key, Moment, issue_of, key_of
from tracker.events import Recorded
from tracker.events.ledger import ReminderSkipped
from tracker.pathway.issuing import WITHDRAWN
from tracker.pathway.phases import OPEN, level
from tracker.pathway.status import Reminder, Status


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which something was owed and nothing of it was on record."""

    first: Due
    """What was owed at its beginning."""
    last: Due
    """What was owed when it ended."""
    phases: tuple[str, ...]
    """What became owed in it, in that order."""
    since: datetime.datetime
    until: datetime.datetime
    """When it was put on record or owed no longer; of one that lasts, when the walk ended."""
    lasts: bool = False
    event: Recorded | None = None
    """What put it on record; None: nothing did."""
    reminder: Reminder | None = None
    """The reminder as it was in the end; None: it was there no more."""
    turned: bool = False
    """Whether it ended because what had been said before counted for nothing, or again."""

    @property
    def length(self) -> datetime.timedelta:
        """How long it was."""
        return self.until - self.since

    @property
    def skipped(self) -> bool:
        """Whether it was left out on record."""
        if self.event is None or not isinstance(self.event.data, ReminderSkipped):
            return False
        return self.event.data.phase != WITHDRAWN

    @property
    def told(self) -> bool:
        """Whether it was issued, or withdrawn, as was owed."""
        return self.event is not None and not self.skipped


@dataclass(frozen=True, slots=True)
class Stray:
    """Something that was put on record and was not owed."""

    event: Recorded
    at: datetime.datetime
    reminder: Reminder | None
    """What it was about, as that was then; None: it was not there."""
    due: Due | None
    """What was owed of it instead."""


@dataclass
class Gaps:
    """What was found on a walk."""

    gaps: list[Gap] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)
    _open: dict[Key, Gap] = field(default_factory=dict)

    def see(self, moments: Iterable[Moment], until: datetime.datetime) -> "Gaps":
        """Take in a walk that ends at `until`."""
        for moment in moments:
            if moment.turned:
                self._turned(moment)
            self._owed(moment.due, moment.at, moment.status, {}, {})
            told = [self._put_on_record(issue, moment) for issue in moment.issues]
            left_out = dict(filter(None, map(_left_out, moment.issues)))
            self._owed(moment.left, moment.at, moment.after, dict(filter(None, told)), left_out)
        for gap in self._open.values():
            self.gaps.append(replace(gap, until=until, lasts=True))
        self._open.clear()
        return self

    def _turned(self, moment: Moment) -> None:
        """End what is owed no more, or is owed only because it has to be said again."""
        for key, gap in list(self._open.items()):
            due = moment.due.get(key)
            if due is None or (due.again and not gap.last.again):
                reminder = _reminder(moment.status, key[0])
                ended = replace(gap, until=moment.at, reminder=reminder, turned=True)
                self.gaps.append(ended)
                del self._open[key]

    def _owed(
        self,
        due: Mapping[Key, Due],
        at: datetime.datetime,
        status: Status,
        told: Mapping[Key, datetime.datetime],
        left_out: Mapping[Key, Recorded],
    ) -> None:
        for key in [key for key in self._open if key not in due]:
            gap = self._open.pop(key)
            reminder, event = _reminder(status, key[0]), left_out.get(key)
            self.gaps.append(replace(gap, until=at, reminder=reminder, event=event))
        for key, item in due.items():
            before = told.get(key)
            # What stays owed after a part of it was told has been owed before now.
            since = at if before is None else max(item.since, before)
            gap = self._open.get(key) or Gap(item, item, (), since, at)
            # What is owed anew comes after what is owed no more; the last is what a tick issues.
            phases = (*(p for p in gap.phases if p not in item.phases), *item.phases)
            self._open[key] = replace(gap, last=item, phases=phases)

    def _put_on_record(self, issue: Issue, moment: Moment) -> tuple[Key, datetime.datetime] | None:
        """Return what was told, and since when it was owed; None if it was not owed."""
        counts_as = issue.counts_as
        if counts_as is None:
            self.strays.append(Stray(issue.event, moment.at, None, None))
            return None
        key, phase = key_of(counts_as), issue_of(counts_as).phase or OPEN
        # What was told in this very moment is owed no longer.
        due = moment.due.get(key) if key in self._open else None
        reminder = _reminder(moment.status, key[0])
        if due is None or not _answers(phase, due):
            self.strays.append(Stray(issue.event, moment.at, reminder, due))
            return None
        gap = self._open.pop(key)
        self.gaps.append(replace(gap, until=moment.at, event=issue.event, reminder=reminder))
        return key, gap.since


def _answers(phase: str, due: Due) -> bool:
    """Whether an issue says what was owed, or is a step of the ladder above it."""
    return phase in due.phases or level(phase) > level(due.phases[-1])


def _left_out(issue: Issue) -> tuple[Key, Recorded] | None:
    """Return what a skip of the same task, that rested on another event then, leaves out."""
    event, counts_as = issue
    if counts_as is None or not isinstance(event.data, ReminderSkipped):
        return None
    return None if key_of(event) == key_of(counts_as) else (key_of(counts_as), event)


def _reminder(status: Status, name: str) -> Reminder | None:
    return next((r for r in status.reminders if r.id == name), None)
