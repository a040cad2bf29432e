"""Reminders about rest: thromboprophylaxis, bed rest, the observation after a patch."""

from tracker.events import Recorded
from tracker.events.lifecycle import PatientDischarged
from tracker.events.treatment import (
    PatientMobilized,
    PositionChanged,
    ThromboprophylaxisDecided,
)
from tracker.pathway.calendar import hours
from tracker.pathway.course import Act, Course, Mark

_RECUMBENT = ("supine", "trendelenburg", "unknown", None)


def after(course: Course, event: Recorded, rest: Mark | None) -> None:
    """Follow one event; `rest` is the bed rest as it was before it."""
    data, now, book = event.data, event.occurred_at, course.book
    settings = course.settings
    if course.bed_rest is not None and course.bed_rest is not rest:
        prophylaxis_due = now + hours(settings.thromboprophylaxis_due_hours)
        book.open("thromboprophylaxis-decision", event.id, now, prophylaxis_due, now)
        review = now + hours(settings.bed_rest_max_hours)
        book.open("bed-rest-review", event.id, review, review, now)
    if isinstance(data, ThromboprophylaxisDecided) and data.decision is not None:
        book.settle_if_open("thromboprophylaxis-decision", event)
    if course.bed_rest is None or isinstance(data, PatientMobilized):
        book.settle("bed-rest-review", event)
    if ends_observation(event):
        book.settle_if_open("observation-end", event)


def ends_observation(event: Recorded) -> bool:
    """Whether the event ends lying down after a patch."""
    data = event.data
    if isinstance(data, PositionChanged):
        return data.position not in _RECUMBENT
    return isinstance(data, (PatientMobilized, PatientDischarged))


def after_patch(course: Course, patch: Act) -> None:
    """Observe for 2 to 24 h after a patch (L53)."""
    settings = course.settings
    opens = patch.observed_from + hours(settings.observation_min_hours)
    due = patch.at + hours(settings.observation_max_hours)
    course.book.open("observation-end", patch.id, opens, max(opens, due), patch.at)
