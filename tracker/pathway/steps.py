"""Next steps in words: what is to be done, by whom, and where that is written."""

import datetime

from tracker.pathway.calendar import hours
from tracker.pathway.course import Course
from tracker.pathway.stage import stage_of
from tracker.pathway.status import Step
from tracker.pathway.wording import moment


def next_steps(course: Course, now: datetime.datetime) -> tuple[Step, ...]:
    """Return what is to be done next, the most pressing first.

    Never empty while the patient is symptomatic, in rebound or urgent: the stage always says what
    the next assessment is and who owes it.
    """
    if course.died:
        return ()
    return (*_urgent(course), *_owed(course, now), *_stage(course, now), *_ahead(course, now))


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
    for duty in sorted(course.book.current.values(), key=lambda d: (d.due, d.kind)):
        if duty.status(now) in ("open", "overdue"):
            kind = course.protocol.reminders[duty.kind]
            steps.append(
                Step(
                    text=kind.text,
                    rule=duty.kind,
                    source=kind.source,
                    owner=_owner(course, kind.owner),
                    due_at=duty.due,
                )
            )
    return steps


def _owner(course: Course, role: str) -> str:
    if role == "care coordinator" and course.coordinator:
        return f"{role} ({course.coordinator})"
    return role


def _stage(course: Course, now: datetime.datetime) -> list[Step]:
    stage = stage_of(course, now)
    words = course.protocol.stages[stage]
    steps = [
        Step(
            text=words.text,
            rule=stage,
            source=words.source,
            owner=_owner(course, words.owner),
        )
    ]
    embargo = embargo_said_until(course, now)
    if embargo is not None:
        rule = course.protocol.rules["patch-too-early"]
        text = f"No patch before {moment(embargo)}: {rule.text} is to be avoided"
        steps.append(Step(text=text, rule="patch-too-early", source=rule.source, owner=words.owner))
    return steps


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
    """Name the next reminder that has not opened yet, so that somebody expects it."""
    ahead = [d for d in course.book.current.values() if d.status(now) == "scheduled"]
    if not ahead:
        return []
    duty = min(ahead, key=lambda d: (d.opens, d.kind))
    kind = course.protocol.reminders[duty.kind]
    return [
        Step(
            text=f"From {moment(duty.opens)}: {kind.text}",
            rule=duty.kind,
            source=kind.source,
            owner=_owner(course, kind.owner),
            due_at=duty.due,
        )
    ]
