"""The stage: the first that fits, from the top (section 4 of the specification)."""

import datetime

from tracker.pathway.calendar import hours
from tracker.pathway.course import Course
from tracker.pathway.status import TICK, Stage


def failed(course: Course, now: datetime.datetime) -> bool:
    """Whether the latest intervention is judged to have failed by `now` (L58, L77)."""
    due = course.failure_due
    return due is not None and now >= due and course.still_leaking


def stage_of(course: Course, now: datetime.datetime) -> Stage:
    """Return the stage at `now`, which is not before anything the course has seen."""
    if course.died or course.closed:
        return "closed"
    if course.lost:
        return "lost"
    if course.transferred:
        return "transferred"
    if course.leak == "rebound":
        return "rebound"
    if failed(course, now):
        return "referral" if len(course.interventions) > 1 else "persistent"
    if course.interventions:
        return _after_intervention(course, now)
    return _before_intervention(course, now)


def _after_intervention(course: Course, now: datetime.datetime) -> Stage:
    latest = course.interventions[-1]
    watched_until = latest.at + hours(course.settings.early_review_due_hours)
    review = course.book.duties.get(f"early-review:{latest.id}")
    reviewed = review is not None and review.ended in ("done", "done-late")
    if reviewed or now > watched_until:
        return "follow-up"
    return "post-patch" if latest.epidural else "post-intervention"


def _before_intervention(course: Course, now: datetime.datetime) -> Stage:
    if course.leak in ("resolved", "improved"):
        return "follow-up"
    if course.suspected is not None and (not course.determined or course.conservative is None):
        return "assessment"
    if course.leak == "active" and course.conservative is not None:
        due = course.conservative.at + hours(course.settings.patch_decision_hours)
        return "patch-due" if now >= due else "conservative"
    return "at-risk"


def stage_changes_at(course: Course, now: datetime.datetime) -> datetime.datetime | None:
    """Return the next instant at which the stage differs by time alone."""
    settings = course.settings
    candidates = []
    if course.interventions:
        start = course.interventions[-1].at
        candidates.append(start + hours(settings.failed_patch_hours))
        candidates.append(start + hours(settings.early_review_due_hours) + TICK)
    elif course.conservative is not None:
        candidates.append(course.conservative.at + hours(settings.patch_decision_hours))
    present = stage_of(course, now)
    ahead = (c for c in sorted(candidates) if c > now and stage_of(course, c) != present)
    return next(ahead, None)
