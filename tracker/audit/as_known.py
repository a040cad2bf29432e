"""The scheduler judged by what was known at each time: what is found is a fault of the system."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from tracker.audit.delivery import Deliveries
from tracker.audit.findings import Finding, How, Tolerance
from tracker.audit.gaps import Gap, Gaps
from tracker.audit.reasons import of_system
from tracker.audit.replay import Judge
from tracker.audit.telling import (
    against,
    end_of,
    gap_finding,
    message_finding,
    stray_finding,
)
from tracker.audit.walking import issue_of, walk
from tracker.events import Recorded
from tracker.events.ledger import ReminderIssued
from tracker.outbox.messages import Message
from tracker.pathway.phases import OPEN
from tracker.pathway.wording import moment
from tracker.reminders.issuer import stands_for
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
        walked = walk(case.history, case.judge, case.now)
        self._seen = Gaps().see(walked, case.now)
        self._orphans = case.deliveries.without_event(case.history)
        self.strays = [stray_finding(stray, "fault", against(stray)) for stray in self._seen.strays]
        """What was put on record and not owed."""
        self.gaps = [found for gap in self._seen.gaps if (found := self._gap(gap)) is not None]
        """What was owed and not put on record, or late."""

    def findings(self) -> Iterator[Finding]:
        """Yield everything that was not as it should have been."""
        yield from self.gaps
        yield from self.strays
        yield from self.without_event()
        for event in self._case.history:
            if isinstance(event.data, ReminderIssued):
                yield from self._case.deliveries.findings(event)

    def without_event(self) -> Iterator[Finding]:
        """Yield messages of which the log has no event, and which no gap explains."""
        for message in self._orphans:
            yield message_finding(message)

    def _gap(self, gap: Gap) -> Finding | None:
        late = gap.length > self._case.tolerance.issue
        misled = self._forgotten(gap) if late else None
        how: How = "missing" if misled or not gap.told else "late"
        if late:
            reason, why = of_system(
                self._case.silences, gap.since, gap.until, self._case.tolerance.issue
            )
        elif gap.skipped and gap.last.skip_reason is None:
            reason, why = "fault", "it was of use"
        else:
            return None
        said = [why, end_of(gap), misled, self._trace(gap)]
        return gap_finding(gap, how, reason, "; ".join(filter(None, said)))

    def _forgotten(self, gap: Gap) -> str | None:
        """Return that a later phase was issued as if an earlier one had been, if it was."""
        owed = gap.first.phases[-1]
        if gap.event is None or gap.skipped:
            return None
        data = issue_of(gap.event)
        if (data.phase or OPEN) == owed or stands_for(data.reason, owed):
            return None
        return f"as if {owed} had been issued: its event may have been removed"

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
