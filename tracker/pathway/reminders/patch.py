"""The patch decision: 72 h after conservative management started, and again after a refusal."""

import datetime

from tracker.events import Recorded
from tracker.events.procedures import BloodPatchDeclined, BloodPatchDeferred
from tracker.pathway.calendar import hours
from tracker.pathway.course import Course
from tracker.pathway.report import Report

KIND = "patch-decision"
REBOUND = "rebound"


def refused(course: Course, event: Recorded) -> None:
    """Settle the decision by a refusal after it opened, and plan the next one."""
    data = event.data
    if not isinstance(data, (BloodPatchDeclined, BloodPatchDeferred)):
        return
    if not course.book.settle_if_open(KIND, event):
        return
    course.decision_refused = True
    if data.planned_for is not None:
        opens = max(data.planned_for, event.occurred_at)
        _open(course, event, event.id, opens)


def after(course: Course, event: Recorded, report: Report) -> None:
    """Open, settle or suspend the decision as the leak and the clocks now stand."""
    if course.interventions or course.leak == "resolved":
        course.book.settle(KIND, event)
        course.decision_refused = False
        course.decision_anchor = None
        return
    if course.conservative is None or not course.symptomatic:
        return
    if course.decision_refused and report.posture == "orthostatic":
        course.decision_refused = False
        planned = course.book.current.get(KIND)
        if planned is None or event.occurred_at < planned.opens:
            _open(course, event, event.id, event.occurred_at)
    elif course.decision_anchor != course.conservative.id:
        course.decision_anchor, course.decision_refused = course.conservative.id, False
        opens = course.conservative.at + hours(course.settings.patch_decision_hours)
        _open(course, event, course.conservative.id, opens)
    if course.leak == "rebound":
        course.book.suspend(KIND, REBOUND, event.occurred_at)
    else:
        course.book.resume(KIND, REBOUND)


def _open(course: Course, event: Recorded, anchor: str, opens: datetime.datetime) -> None:
    due = opens + hours(course.settings.patch_decision_grace_hours)
    because = [course.leak_since.id] if course.leak_since else []
    course.book.open(KIND, anchor, opens, due, event.occurred_at, because)
