"""Reminders of the first hours: the pattern, the wound, conservative management."""

from tracker.events import Recorded
from tracker.events.findings import WoundExamined
from tracker.pathway.calendar import hours
from tracker.pathway.course import Course, Mark
from tracker.pathway.report import Report


def after(course: Course, event: Recorded, report: Report, suspected: Mark | None) -> None:
    """Follow one event; `suspected` is the suspicion as it was before it."""
    now = event.occurred_at
    newly = course.suspected is not None and course.suspected != suspected
    if newly:
        due = now + hours(course.settings.wound_examination_due_hours)
        course.book.open("wound-examination", event.id, now, due, now)
    if isinstance(event.data, WoundExamined):
        course.book.settle_if_open("wound-examination", event)
    _pattern(course, event, report, newly=newly)


def _pattern(course: Course, event: Recorded, report: Report, *, newly: bool) -> None:
    now, book = event.occurred_at, course.book
    if report.posture is not None:
        book.settle("pattern-assessment", event)
    elif course.leak == "resolved" and (report.outcome or report.absent):
        book.cancel("pattern-assessment", event.id, now, "resolved")
    elif "pattern-assessment" in book.current:
        return
    elif report.pattern_unknown or (newly and not course.posture_found):
        book.open("pattern-assessment", event.id, now, now, now)


def conservative_start(course: Course, event: Recorded) -> None:
    """Ask for conservative management while its start is unknown and it is what is needed."""
    missing = (
        course.suspected is not None
        and course.conservative is None
        and not course.interventions
        and course.leak not in ("resolved", "rebound")
    )
    owed = course.conservative_asked
    course.conservative_asked = missing
    if missing and not owed:
        now = event.occurred_at
        course.book.open("conservative-start", event.id, now, now, now)
    elif not missing:
        course.book.settle("conservative-start", event)
