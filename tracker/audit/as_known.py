"""The scheduler judged by what was known at each time: what is found is a fault of the system."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from tracker.audit.delivery import Deliveries
from tracker.audit.discrepancy import OF_THE_SYSTEM, Finding, How, Tolerance
from tracker.audit.final import turns
from tracker.audit.gaps import Gap, Gaps
from tracker.audit.owing import Turn, walk
from tracker.audit.presumed import MOST, lacking, put_back
from tracker.audit.reasons import of_system
from tracker.audit.replay import Judge
from tracker.audit.telling import (
    against,
    end_of,
    gap_finding,
    message_finding,
    stray_finding,
)
from tracker.events import Recorded
from tracker.events.ledger import ReminderIssued
from tracker.outbox.messages import Message
from tracker.pathway.wording import moment
from tracker.store.silences import Silence


@dataclass(frozen=True)
class Case:
    """One episode, and what its reminders are judged by."""

    history: Sequence[Recorded]
    messages: Sequence[Message]
    silences: Sequence[Silence]
    judge: Judge
    now: datetime.datetime
    tolerance: Tolerance

    @cached_property
    def deliveries(self) -> Deliveries:
        """What became of the messages."""
        return Deliveries(self.messages, self.silences, self.tolerance, self.now)


class AsKnown:
    """What the scheduler did, held against what was owed by what was known at the time."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._orphans = case.deliveries.without_event(case.history)
        self.history, seen, lacks, self.turns = _complete(case)
        """With what was put on record and is there no more, as far as that shows."""
        self.lacks = [self._lack(gap) for gap in lacks]
        self.strays = [stray_finding(stray, "fault", against(stray)) for stray in seen.strays]
        """What was put on record and not owed."""
        gaps = [found for gap in seen.gaps if (found := self._gap(gap)) is not None]
        self.gaps = [*self.lacks, *gaps]
        """What was owed and not put on record, or late."""

    def findings(self) -> Iterator[Finding]:
        """Yield everything that was not as it should have been."""
        yield from self.gaps
        yield from self.strays
        yield from self.without_event()
        for event in self._case.history:
            if isinstance(event.data, ReminderIssued):
                delivered = self._case.deliveries.findings(event)
                yield from (found for found in delivered if found.reason in OF_THE_SYSTEM)

    def without_event(self) -> Iterator[Finding]:
        """Yield messages of which the log has no event, and which no gap explains."""
        for message in self._orphans:
            yield message_finding(message)

    def _gap(self, gap: Gap) -> Finding | None:
        tolerance = self._case.tolerance.issue
        if gap.length > tolerance:
            reason, why = of_system(self._case.silences, gap.since, gap.until, tolerance)
        elif gap.skipped and gap.last.skip_reason is None:
            reason, why = "fault", "it was of use"
        else:
            return None
        how: How = "late" if gap.told else "missing"
        said = [why, None if gap.told or gap.lasts else end_of(gap), self._trace(gap)]
        return gap_finding(gap, how, reason, "; ".join(filter(None, said)))

    def _lack(self, gap: Gap) -> Finding:
        why = "what followed was put on record as if this had been: its event may have been removed"
        said = "; ".join(filter(None, [why, self._trace(gap)]))
        gap = replace(gap, phases=gap.first.phases, event=None)
        return gap_finding(gap, "missing", "fault", said)

    def _trace(self, gap: Gap) -> str | None:
        """Return that a message is there of an event that is not, and count it as explained."""
        traces = [
            m
            for m in self._orphans
            if m.reminder == gap.first.reminder and gap.since <= m.created_at <= gap.until
        ]
        if not traces:
            return None
        self._orphans = [m for m in self._orphans if m not in traces]
        return f"a message of {moment(traces[0].created_at)} is there, and not its event"


def _complete(case: Case) -> tuple[Sequence[Recorded], Gaps, list[Gap], list[Turn]]:
    """Walk until nothing is lacking any more.

    Return the history, what was seen, what lacked, and when what was said lost its ground.
    """
    history, lacks = case.history, list[Gap]()
    while True:
        found: list[Turn] = []
        seen = Gaps().see(turns(walk(history, case.judge, case.now), found), case.now)
        gap = lacking(seen)
        if gap is None or len(lacks) == MOST:
            return history, seen, lacks, found
        lacks.append(gap)
        history = put_back(history, gap)
