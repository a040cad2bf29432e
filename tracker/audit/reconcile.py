"""Reminders as they were issued and delivered, against those that an episode's history implies.

By what is finally known of it a reminder may have been missing or late, wrong or unneeded. Each
finding has a reason: somebody entered something late, or corrected or voided it; it was imported;
it was left out on record; nobody ticked; or the system failed.
"""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from tracker.audit.as_known import AsKnown, Case
from tracker.audit.discrepancy import Finding, How, Reason
from tracker.audit.final import addressed, finally_known
from tracker.audit.gaps import Gap, Gaps, Stray
from tracker.audit.owing import Due, dues, issue_of, walk
from tracker.audit.reasons import latest, of_fact, standing, turning
from tracker.audit.telling import against, end_of, gap_finding, stray_finding
from tracker.events import Recorded
from tracker.events.ledger import ReminderIssued
from tracker.history import taken_back
from tracker.pathway.issuing import WITHDRAWN
from tracker.pathway.phases import OPEN

__all__ = ["Case", "reconcile"]


def reconcile(case: Case, *, as_known: bool = False) -> list[Finding]:
    """Return what is found of an episode's reminders, in the order of time.

    `as_known`: judged by what was known at each time, so that only faults of the system remain.
    """
    case = _in_time(case)
    known = AsKnown(case)
    found = known.findings() if as_known else _Finally(case, known).findings()
    return sorted(found, key=lambda f: (f.owed_at or f.until, f.until, f.kind, f.how))


def _in_time(case: Case) -> Case:
    """Return a case without what a clock that was ahead had put on record, and was taken back."""
    nothing = taken_back(case.history)
    if not nothing:
        return case
    history = [event for event in case.history if event.id not in nothing]
    messages = [message for message in case.messages if message.event not in nothing]
    return replace(case, history=history, messages=messages)


class _Finally:
    """What the scheduler did, held against what is finally known."""

    def __init__(self, case: Case, known: AsKnown) -> None:
        self._case = case
        self._known = known
        walked = walk(finally_known(known.history), case.judge, case.now, addressed)
        self._seen = Gaps().see(walked, case.now)

    def findings(self) -> Iterator[Finding]:
        strays = [s for s in self._seen.strays if isinstance(s.event.data, ReminderIssued)]
        yield from self._known.lacks
        for gap in self._seen.gaps:
            if gap.length > self._case.tolerance.issue and WITHDRAWN not in gap.phases:
                yield self._gap(gap)
        for stray in strays:
            yield self._stray(stray)
        yield from self._known.without_event()
        needless = {stray.event.id for stray in strays}
        for event in self._case.history:
            if isinstance(event.data, ReminderIssued) and event.id not in needless:
                yield from self._case.deliveries.findings(event)

    def _gap(self, gap: Gap) -> Finding:
        cause = self._cause_of(gap)
        learned = min(cause.recorded_at, gap.until) - gap.since if cause else datetime.timedelta()
        failed = _longest(self._known.gaps, gap)
        if failed is not None and _shared(failed, gap) >= learned:
            if cause is None:
                return gap_finding(gap, failed.how, failed.reason, failed.why)
            also, why = of_fact(cause, self._case.history)
            both = f"{failed.why}; {why}"
            return gap_finding(gap, failed.how, failed.reason, both, cause, also)
        # Without one it was told in time of another event, on which it no longer rests.
        cause = cause or latest(self._case.history, gap.since)
        reason, why = of_fact(cause, self._case.history)
        if gap.skipped and reason != "imported-history":
            reason = "policy"
        how: How = "late" if gap.told else "missing"
        said = [why] if gap.told or gap.lasts else [why, end_of(gap)]
        besides = self._besides(gap, failed)
        if besides is None:
            return gap_finding(gap, how, reason, "; ".join(said), cause)
        return gap_finding(gap, how, reason, "; ".join([*said, besides[1]]), cause, besides[0])

    def _besides(self, gap: Gap, failed: Finding | None) -> tuple[Reason, str] | None:
        """Return what of the system stood in a gap too, that has another reason."""
        if failed is not None:
            return failed.reason, failed.why
        case = self._case
        silent = standing(case.silences, gap.since, gap.until, case.tolerance.issue)
        return None if silent is None else ("outage", silent)

    def _cause_of(self, gap: Gap) -> Recorded | None:
        """Return the fact, recorded too late, that says that it was owed."""
        at, phase = gap.since, gap.first.phases[-1]

        def owed(known: Sequence[Recorded]) -> bool:
            return any(phase in due.phases for due in self._due(known, at, gap.first.kind))

        return turning(self._case.history, at, owed)

    def _stray(self, stray: Stray) -> Finding:
        same = next((f for f in self._known.strays if f.event == stray.event.id), None)
        if same is not None:
            return same
        at, data = stray.event.recorded_at, issue_of(stray.event)
        kind = data.kind or data.reminder.partition(":")[0]

        def not_owed(known: Sequence[Recorded]) -> bool:
            due = self._due(known, at, kind)
            return not any((data.phase or OPEN) in item.phases for item in due)

        cause = turning(self._case.history, at, not_owed)
        said = against(stray)
        if cause is None:  # it had been said of another event, on which it no longer rests
            cause, said = latest(self._case.history, at), "it was said again on another ground"
        reason, why = of_fact(cause, self._case.history)
        return stray_finding(stray, reason, f"{why}; {said}", cause)

    def _due(self, known: Sequence[Recorded], at: datetime.datetime, kind: str) -> Iterable[Due]:
        """Return what was owed of a kind at an instant, by what is known."""
        held = finally_known(known)
        found = dues(self._case.judge(held, at), at, held)
        return [due for (_, gone), due in found.items() if due.kind == kind and not gone]


def _longest(found: Iterable[Finding], gap: Gap) -> Finding | None:
    """Return the finding of the same kind that shares most of a gap."""
    same = [f for f in found if f.kind == gap.first.kind and f.phases != (WITHDRAWN,)]
    shared = [f for f in same if _shared(f, gap) > datetime.timedelta()]
    return max(shared, key=lambda f: _shared(f, gap), default=None)


def _shared(found: Finding, gap: Gap) -> datetime.timedelta:
    return min(found.until, gap.until) - max(found.owed_at or found.until, gap.since)
