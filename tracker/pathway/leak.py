"""Leak state: the latest finding by occurred time decides (section 3 of the specification)."""

from tracker.events import Recorded
from tracker.pathway.course import Course, Mark
from tracker.pathway.report import Report
from tracker.pathway.status import Leak

_BY_POSTURE: dict[str, Leak] = {
    "orthostatic": "active",
    "reverse-orthostatic": "rebound",
    "none": "resolved",
    "non-positional": "unknown",
}
_STAY = ("active", "improved", "rebound")


def apply_report(course: Course, event: Recorded, report: Report) -> None:
    """Take in what a finding says: symptoms, suspicion, leak state."""
    here = Mark(event.occurred_at, event.id)
    _take_symptoms(course, event, report)
    if report.suspicious and course.suspected is None:
        course.suspected = here
    before = course.leak
    after = _state_after(course, report)
    if before == "resolved" and after not in (None, before) and not course.interventions:
        _return_of_the_leak(course, here)
    if report.headache or report.outcome == "persistent":
        course.headache_reported = here
    if after is not None:
        _become(course, after, here, report)
    if report.posture is not None:
        course.posture_found = True
        course.determined = report.posture != "non-positional"
    if report.posture == "orthostatic":
        course.refused, course.refused_until = None, None


def _state_after(course: Course, report: Report) -> Leak | None:
    if report.posture is not None:
        if report.posture == "orthostatic" and report.trend == "improved":
            return "improved"
        return _BY_POSTURE[report.posture]
    if report.rebound:
        return "rebound"
    if report.outcome == "resolved":
        return "resolved"
    if report.outcome == "improved":
        return None if course.leak in ("rebound", "resolved") else "improved"
    if report.headache or report.outcome == "persistent":
        return None if course.leak in _STAY else "unknown"
    if "headache" in report.absent and course.headache_told:
        return "resolved"
    return "active" if report.clear_drainage else None


def _become(course: Course, leak: Leak, here: Mark, report: Report) -> None:
    if leak != course.leak:
        if leak == "resolved":
            course.resolved = here
            if len(course.patches) == 1 and course.interventions[-1].patch:
                course.first_patch_remission = True
        if leak == "rebound" and course.patches:
            course.had_rebound = True
        if leak == "unknown" or (report.clear_drainage and course.leak not in _STAY):
            course.determined = False
        course.leak = leak
        course.leak_since = here
    if leak == "resolved":
        course.headache_reported = None


def _return_of_the_leak(course: Course, here: Mark) -> None:
    """After a remission without intervention the clock C is unknown until started anew (A4).

    The headache that returns may be told of by an outcome, or the leak be seen at the wound.
    """
    course.conservative = None
    course.suspected = here
    course.refused, course.refused_until = None, None


def _take_symptoms(course: Course, event: Recorded, report: Report) -> None:
    for symptom in report.absent:
        course.present.pop(symptom, None)
    for symptom in report.present:
        course.present.setdefault(symptom, event.id)
    course.headache_told = course.headache_told or "headache" in report.present
    if report.location:
        course.location = report.location
    if report.severity is not None:
        course.severity = report.severity
    if report.trend == "worsening" and (report.headache or "headache" in course.present):
        course.worsening = True
    elif report.ends_worsening:
        course.worsening = False


def after_intervention(course: Course) -> None:
    """Forget the leak state: what was found before an intervention no longer counts."""
    course.leak = "unknown"
    course.leak_since = None
    course.determined = False
    course.headache_reported = None
