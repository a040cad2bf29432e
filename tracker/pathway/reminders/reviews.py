"""Follow-up reviews and activity restrictions (L117-L123, L134-L140)."""

import datetime

from tracker.events import Recorded
from tracker.events.findings import ReviewCompleted
from tracker.pathway.calendar import end_of_day, hours, plus_days, plus_months
from tracker.pathway.course import Act, Course, Mark

REVIEWS = ("early-review", "intermediate-review", "late-review")
FAILED = "intervention not successful"


def after_intervention(course: Course, act: Act) -> None:
    """Restart the reviews; those of the intervention before that are not done are superseded."""
    book, settings, zone = course.book, course.settings, course.zone
    book.open(
        "early-review",
        act.id,
        act.at + hours(settings.early_review_opens_hours),
        act.at + hours(settings.early_review_due_hours),
        act.at,
    )
    book.supersede("intermediate-review", act.id, act.at)
    if act.patch:
        book.open(
            "intermediate-review",
            act.id,
            plus_days(act.at, settings.intermediate_review_opens_days, zone),
            end_of_day(act.at, settings.intermediate_review_due_days, zone),
            act.at,
        )
    _late(course, Mark(act.at, act.id), act.at)
    book.open(
        "activity-restrictions",
        act.id,
        plus_days(act.at, settings.restrictions_opens_days, zone),
        plus_days(act.at, settings.restrictions_due_days, zone),
        act.at,
    )


def late_without_intervention(course: Course, event: Recorded) -> None:
    """Owe the late review from the resolution, else from the start of conservative management."""
    anchor = course.resolved or course.conservative
    if course.interventions or anchor is None or anchor.id == course.late_anchor:
        return
    _late(course, anchor, event.occurred_at)


def _late(course: Course, anchor: Mark, since: datetime.datetime) -> None:
    course.late_anchor = anchor.id
    course.book.open(
        "late-review",
        anchor.id,
        plus_months(anchor.at, course.settings.late_review_opens_months, course.zone),
        plus_months(anchor.at, course.settings.late_review_due_months, course.zone),
        since,
    )


def after(course: Course, event: Recorded) -> None:
    """Settle by a completed review of the same kind, at or after the opening."""
    data = event.data
    if not isinstance(data, ReviewCompleted):
        return
    kind = f"{data.review}-review"
    if not course.book.settle_if_open(kind, event) and kind in course.book.current:
        course.book.current[kind].too_early.append(event.id)
    if data.restrictions == "lifted":
        course.book.settle_if_open("activity-restrictions", event)
