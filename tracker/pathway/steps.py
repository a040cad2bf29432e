"""Next steps in words: what is to be done, by whom, and where that is written."""

import datetime

from tracker.pathway.book import Duty
from tracker.pathway.calendar import hours
from tracker.pathway.course import Course
from tracker.pathway.phases import quiet_until
from tracker.pathway.reminders.patch import KIND as PATCH_DECISION
from tracker.pathway.stage import stage_of
from tracker.pathway.status import Step
from tracker.pathway.wording import moment

_LEADING = ("rebound", "patch-due", "persistent", "referral")
"""Stages of which the instruction weighs more than any reminder that is older."""


def next_steps(course: Course, now: datetime.datetime) -> tuple[Step, ...]:
    """Return what is to be done next, the most pressing first.

    Never empty while the patient is symptomatic, in rebound or urgent: the stage always says what
    the next assessment is and who owes it.
    """
    if course.died:
        return ()
    stage, owed = _stage(course, now), _owed(course, now)
    leads = stage[0].rule in _LEADING
    middle = (*stage, *owed) if leads else (*owed, *stage)
    return (*_urgent(course), *middle, *_ahead(course, now))


def _urgent(course: Course) -> list[Step]:
    owner = course.protocol.reminders["complication-review"].owner
    steps: dict[str, Step] = {}
    for raised in course.board.alerts.values():
        if raised.until is None and raised.severity == "urgent":
            rule = course.protocol.rules[raised.rule]
            steps[raised.rule] = Step(
                text=rule.text, rule=raised.rule, source=rule.source, owner=owner
            )
    return list(steps.values())


def _owed(course: Course, now: datetime.datetime) -> list[Step]:
    steps = []
    said_by_stage = PATCH_DECISION if stage_of(course, now) == "patch-due" else None
    for duty in sorted(course.book.current.values(), key=lambda d: (d.due, d.kind)):
        if duty.kind != said_by_stage and duty.status(now) in ("open", "overdue"):
            kind = course.protocol.reminders[duty.kind]
            steps.append(
                Step(
                    text=kind.text + _seen(duty, now),
                    rule=duty.kind,
                    source=kind.source,
                    owner=_owner(course, kind.owner),
                    due_at=duty.due,
                )
            )
    return steps


def _seen(duty: Duty, now: datetime.datetime) -> str:
    quiet = quiet_until(duty.kind, duty.snoozed_until, now)
    parts = [f"seen by {duty.acknowledged_by}"] if duty.acknowledged_by else []
    parts += [f"snoozed until {moment(quiet)}"] if quiet else []
    return f" ({'; '.join(parts)})" if parts else ""


def _owner(course: Course, role: str) -> str:
    if role == "care coordinator" and course.coordinator:
        return f"{role} ({course.coordinator})"
    return role


def _stage(course: Course, now: datetime.datetime) -> list[Step]:
    stage = stage_of(course, now)
    words = course.protocol.stages[stage]
    decision = course.book.current.get(PATCH_DECISION) if stage == "patch-due" else None
    steps = [
        Step(
            text=words.text + (_decided(course) if stage == "patch-due" else ""),
            rule=stage,
            source=words.source,
            owner=_owner(course, words.owner),
            due_at=decision.due if decision is not None else None,
        )
    ]
    embargo = embargo_said_until(course, now)
    if embargo is not None:
        rule = course.protocol.rules["patch-too-early"]
        text = f"No patch before {moment(embargo)}: {rule.text} is to be avoided"
        steps.append(Step(text=text, rule="patch-too-early", source=rule.source, owner=words.owner))
    return steps


def _decided(course: Course) -> str:
    """Say what was decided on the patch that is due."""
    if course.patch_orders:
        return f" (ordered for {moment(course.patch_orders[-1].judged_at)})"
    if course.refused is None:
        return ""
    until = course.refused_until
    again = f"asked again {moment(until)}" if until else "asked again if the headache stays"
    return f" (declined or deferred {moment(course.refused.at)}; {again})"


def embargo_said_until(course: Course, now: datetime.datetime) -> datetime.datetime | None:
    """Return the end of an embargo that outlasts the wait for the decision and still runs."""
    embargo, start = course.embargo_until, course.conservative
    if embargo is None or start is None or now >= embargo:
        return None
    if stage_of(course, now) not in ("conservative", "patch-due"):
        return None
    decision = start.at + hours(course.settings.patch_decision_hours)
    return embargo if embargo > decision else None


def _ahead(course: Course, now: datetime.datetime) -> list[Step]:
    """Name the next reminder that has not opened yet, and the patch decision, as to be expected."""
    ahead = [d for d in course.book.current.values() if d.status(now) == "scheduled"]
    if not ahead:
        return []
    following = min(ahead, key=lambda d: (d.opens, d.kind))
    named = [d for d in ahead if d is following or d.kind == PATCH_DECISION]
    return [_expected(course, duty) for duty in sorted(named, key=lambda d: (d.opens, d.kind))]


def _expected(course: Course, duty: Duty) -> Step:
    kind = course.protocol.reminders[duty.kind]
    return Step(
        text=f"From {moment(duty.opens)}: {kind.text}",
        rule=duty.kind,
        source=kind.source,
        owner=_owner(course, kind.owner),
        due_at=duty.due,
    )
