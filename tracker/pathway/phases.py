"""Which phases of a reminder have not been said yet, and from when each is owed."""

import datetime
from dataclasses import dataclass

from tracker.pathway.status import TICK, Issue, Reminder

OPEN, OVERDUE, RETURNED, RENEWED, WITHDRAWN = "open", "overdue", "returned", "renewed", "withdrawn"
ESCALATED = "escalated-"
URGENT_KIND = "complication-review"
"""The kind that no snooze keeps quiet."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase that has not been said."""

    start: datetime.datetime
    name: str
    to: str | None = None
    """Who is told, when it is not the usual people."""


def unsaid(reminder: Reminder) -> list[Phase]:
    """Return the phases not said yet for the window as it now stands.

    Of two that start in one instant the later in the list counts.
    """
    issues = standing(reminder)
    said = _said(reminder, issues)
    phases: list[Phase] = []
    if OVERDUE not in said:
        if OPEN not in said:
            phases.append(Phase(reminder.opens_at, OPEN))
        phases.append(Phase(reminder.due_at + TICK, OVERDUE))
    if said:
        phases += _again(reminder, issues)
    if not any(phase.name == RETURNED for phase in phases):
        phases += _ladder(reminder, issues)
    return [_put_off(phase, reminder) for phase in phases]


def standing(reminder: Reminder) -> list[Issue]:
    """Return what was said or skipped; what was withdrawn counts as never said."""
    return list(reminder.issued[_withdrawn(reminder) :])


def quiet_until(
    kind: str, snoozed_until: datetime.datetime | None, now: datetime.datetime
) -> datetime.datetime | None:
    """Return until when a snooze keeps a reminder quiet; None: it is over, or it cannot."""
    if snoozed_until is None or snoozed_until <= now or kind == URGENT_KIND:
        return None
    return snoozed_until


def level(phase: str) -> int:
    """Return the level of the ladder that a phase climbs: 0 for the usual people."""
    return int(phase[len(ESCALATED) :]) if phase.startswith(ESCALATED) else 0


def _withdrawn(reminder: Reminder) -> int:
    """Return how many issues are over by the latest withdrawal, itself included."""
    places = [n for n, issue in enumerate(reminder.issued, 1) if issue.phase == WITHDRAWN]
    return max(places, default=0)


def _said(reminder: Reminder, issues: list[Issue]) -> set[str]:
    """Return whether open and overdue were said, or skipped, for the window as it now stands.

    What was said before the present opening, or of overdue before the present due time, is void:
    the window has moved since.
    """
    said = {OPEN for issue in issues if issue.at >= reminder.opens_at}
    return said | {OVERDUE for issue in issues if _says_overdue(issue, reminder)}


def _says_overdue(issue: Issue, reminder: Reminder) -> bool:
    return issue.phase != OPEN and issue.at > reminder.due_at


def _again(reminder: Reminder, issues: list[Issue]) -> list[Phase]:
    """Return why a reminder is said once more: another urgent ground, or a snooze that ends."""
    latest = max(issue.at for issue in issues)
    grounds = ((reminder.renewed_at, RENEWED), (_quiet_until(reminder), RETURNED))
    return [Phase(start, name) for start, name in grounds if start is not None and latest < start]


def _ladder(reminder: Reminder, issues: list[Issue]) -> list[Phase]:
    """Return the levels not climbed yet, from when it was said to be overdue.

    A return from a snooze begins the ladder anew. Another urgent ground lets what was climbed be
    climbed again, and delays nothing. An acknowledgement after the due time stops it.
    """
    seen = reminder.acknowledged_at
    said = [i for i in issues if _says_overdue(i, reminder) and not i.skipped]
    if not said or (seen is not None and seen > reminder.due_at):
        return []
    base = max((i.at for i in said if i.phase == RETURNED), default=said[0].at)
    renewed = max((i.at for i in said if i.phase == RENEWED), default=base)
    phases: list[Phase] = []
    for number, rung in enumerate(reminder.escalation, 1):
        climbed = [i.at for i in issues if level(i.phase) >= number and i.at >= base]
        if climbed and max(climbed) >= renewed:
            continue
        start = renewed if climbed else base
        name = f"{ESCALATED}{number}"
        phases.append(Phase(start + datetime.timedelta(hours=rung.after_hours), name, rung.to))
    return phases


def _quiet_until(reminder: Reminder) -> datetime.datetime | None:
    return None if reminder.kind == URGENT_KIND else reminder.snoozed_until


def _put_off(phase: Phase, reminder: Reminder) -> Phase:
    """Put a phase off while its reminder is snoozed, and until what it repeats was withdrawn."""
    starts, quiet = [phase.start], _quiet_until(reminder)
    if quiet is not None:
        starts.append(quiet)
    if place := _withdrawn(reminder):
        starts.append(reminder.issued[place - 1].at)
    return Phase(max(starts), phase.name, phase.to)
