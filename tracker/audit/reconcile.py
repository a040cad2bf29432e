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
from tracker.audit.reasons import latest, of_fact, of_system, standing, turning
from tracker.audit.telling import against, end_of, gap_finding, stray_finding
from tracker.events import Recorded
from tracker.events.ledger import ReminderIssued
from tracker.history import entries, taken_back
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
        held = finally_known(known.history)
        walked = walk(held, case.judge, case.now, addressed, known.turns)
        self._seen = Gaps().see(walked, case.now)
        self._void = {e.event.id for e in entries(case.history) if e.voided is not None}

    def findings(self) -> Iterator[Finding]:
        strays = [s for s in self._seen.strays if isinstance(s.event.data, ReminderIssued)]
        yield from self._known.lacks
        for gap in self._seen.gaps:
            if gap.length > self._case.tolerance.issue and WITHDRAWN not in gap.phases:
                yield self._gap(gap)
            elif gap.told and gap.last.again and gap.event is not None:
                strays.append(Stray(gap.event, gap.since, gap.reminder, None))
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
        how: How = "late" if gap.told else "missing"
        failed = _longest(self._known.gaps, gap)
        if failed is not None and _shared(failed, gap) >= learned:
            told = self._system(failed, gap)
            if cause is None:
                return gap_finding(gap, how, failed.reason, told)
            also, why = of_fact(cause, self._case.history)
            return gap_finding(gap, how, failed.reason, f"{told}; {why}", cause, also)
        # Without one it was told in time of another event, on which it no longer rests.
        cause = cause or self._turning(gap, of_task=False) or latest(self._case.history, gap.since)
        reason, why = of_fact(cause, self._case.history)
        if reason != "imported-history" and _left_out(gap):
            reason = "policy"
        said = [why] if gap.told or gap.lasts else [why, end_of(gap)]
        besides = self._besides(gap, failed)
        if besides is None:
            return gap_finding(gap, how, reason, "; ".join(said), cause)
        return gap_finding(gap, how, reason, "; ".join([*said, besides[1]]), cause, besides[0])

    def _system(self, failed: Finding, gap: Gap) -> str:
        """Return what failed, in words that are true of a gap."""
        if (failed.reminder, failed.until) == (gap.first.reminder, gap.until):
            return failed.why
        # By what was known then it was another reminder, or ended in another way.
        why = self._failure(failed)
        return why if gap.told or gap.lasts else f"{why}; {end_of(gap)}"

    def _failure(self, failed: Finding) -> str:
        case, since = self._case, failed.owed_at or failed.until
        return of_system(case.silences, since, failed.until, case.tolerance.issue)[1]

    def _besides(self, gap: Gap, failed: Finding | None) -> tuple[Reason, str] | None:
        """Return what of the system stood in a gap too, that has another reason."""
        if failed is not None:
            return failed.reason, self._failure(failed)
        case = self._case
        silent = standing(case.silences, gap.since, gap.until, case.tolerance.issue)
        return None if silent is None else ("outage", silent)

    def _cause_of(self, gap: Gap) -> Recorded | None:
        """Return the fact, recorded too late, that says that it was owed."""
        cause = self._turning(gap, of_task=True)
        if cause is not None and cause.id in self._void:
            # It says so no more: the task has rested on something else since that was known.
            return self._turning(gap, of_task=False) or cause
        return cause

    def _turning(self, gap: Gap, *, of_task: bool) -> Recorded | None:
        """Return the fact that says that the task was owed, or that this very reminder was."""
        at, first = gap.since, gap.first

        def owed(known: Sequence[Recorded]) -> bool:
            due = [d for d in self._due(known, at, first.kind) if first.phases[-1] in d.phases]
            return any(of_task or d.reminder == first.reminder for d in due)

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


def _left_out(gap: Gap) -> bool:
    """Whether this very reminder was left out, and not one of the same task."""
    if gap.event is None or not gap.skipped:
        return False
    return issue_of(gap.event).reminder == gap.first.reminder


def _longest(found: Iterable[Finding], gap: Gap) -> Finding | None:
    """Return the finding of the same kind that shares most of a gap."""
    same = [f for f in found if f.kind == gap.first.kind and f.phases != (WITHDRAWN,)]
    shared = [f for f in same if _shared(f, gap) > datetime.timedelta()]
    return max(shared, key=lambda f: _shared(f, gap), default=None)


def _shared(found: Finding, gap: Gap) -> datetime.timedelta:
    return min(found.until, gap.until) - max(found.owed_at or found.until, gap.since)
