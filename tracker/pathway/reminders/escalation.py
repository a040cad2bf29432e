"""Imaging, referral and the review of complications: what is asked for when things go wrong."""

import datetime

from tracker.events import Recorded
from tracker.events.imaging import ImagingPerformed
from tracker.events.lifecycle import SpecialistReferralMade
from tracker.pathway.board import Raised
from tracker.pathway.course import Course
from tracker.pathway.reminders.reviews import FAILED
from tracker.pathway.report import Report
from tracker.pathway.stage import failed

PERSISTENCE = "persistence"
RESTRICTIONS = "activity-restrictions"
_CRITERIA = ("neurological-deficit", "venous-thrombosis-suspected", "subdural-suspected")
_ATYPICAL = ("visual-change", "diplopia", "papilledema")


def after(course: Course, event: Recorded, report: Report, fresh: list[Raised]) -> None:
    """Follow one event; `fresh` are the alerts it raised."""
    data = event.data
    if data.is_finding:
        if any(raised.rule in _CRITERIA for raised in fresh) or _atypical(report):
            _ask_for_imaging(course, event.id, event.occurred_at, "finding", ())
        _end_persistence(course, event, by_act=False)
    elif isinstance(data, ImagingPerformed):
        _count(course, event, data)
    elif isinstance(data, SpecialistReferralMade):
        course.book.settle_if_open("specialist-referral", event)
    elif course.interventions and course.interventions[-1].id == event.id:
        _end_persistence(course, event, by_act=True)


def _atypical(report: Report) -> bool:
    return report.posture == "non-positional" or any(s in _ATYPICAL for s in report.present)


def _ask_for_imaging(
    course: Course, event: str, at: datetime.datetime, ground: str, because: tuple[str, ...]
) -> None:
    duty = course.book.current.get("imaging")
    if duty is None:
        course.book.open("imaging", event, at, at, at, because, [ground])
        course.imaged = frozenset()
        return
    duty.grounds.add(ground)
    duty.because.extend(i for i in (*because, event) if i not in duty.because)


def _count(course: Course, event: Recorded, data: ImagingPerformed) -> None:
    duty = course.book.current.get("imaging")
    if duty is None or event.occurred_at < duty.opens or data.modality != "MRI":
        return
    if "brain" in data.regions and data.contrast:
        course.imaged |= {"brain"}
    if "complete-spine" in data.regions:
        course.imaged |= {"complete-spine"}
    if len(course.imaged) == 2:
        course.book.settle("imaging", event)


def judge_failure(course: Course, at: datetime.datetime) -> None:
    """Ask for imaging and referral when an intervention turns out to have failed.

    While the patient is away or the episode closed neither stage is reached: asked on return.
    """
    if not failed(course, at):
        course.failing = False
        course.book.resume(RESTRICTIONS, FAILED)
        return
    course.book.suspend(RESTRICTIONS, FAILED, at)
    if course.failing or course.away:
        return
    course.failing = True
    latest, finding = course.interventions[-1], course.headache_reported
    found = finding.id if finding else latest.id
    if course.leak_since is not None and course.leak == "active":
        found = course.leak_since.id
    _ask_for_imaging(course, found, at, PERSISTENCE, (latest.id,))
    if _referral_missing(course):
        course.book.open("specialist-referral", found, at, at, at, (latest.id,))


def _referral_missing(course: Course) -> bool:
    return len(course.interventions) > 1 and course.referred is None


def failure_arises_at(course: Course, now: datetime.datetime) -> datetime.datetime | None:
    """Return when an intervention will be judged to have failed and more will then be owed."""
    due, owed = course.failure_due, course.book.current
    if due is None or due <= now or not course.still_leaking or course.away:
        return None
    asked = "imaging" in owed and ("specialist-referral" in owed or not _referral_missing(course))
    return None if asked else due


def _end_persistence(course: Course, event: Recorded, *, by_act: bool) -> None:
    """An intervention, resolution or rebound ends what rests on persistence alone."""
    if not by_act and course.leak not in ("resolved", "rebound"):
        return
    imaging = course.book.current.get("imaging")
    kinds = ["specialist-referral"]
    if imaging is not None and imaging.grounds == {PERSISTENCE}:
        kinds.append("imaging")
    for kind in kinds:
        if by_act:
            course.book.supersede(kind, event.id, event.occurred_at)
        else:
            course.book.cancel(kind, event.id, event.occurred_at, course.leak)


def review_complications(course: Course, at: datetime.datetime) -> None:
    """Owe one review of all urgent grounds that nobody has acknowledged."""
    if not course.board.dangers:
        return
    open_grounds = course.board.unacknowledged()
    duty = course.book.current.get("complication-review")
    if not open_grounds:
        if duty is not None and course.acknowledged_by is not None:
            course.book.settle("complication-review", course.acknowledged_by)
        return
    if duty is None and any(raised.id not in course.reviewed for raised in open_grounds):
        first = open_grounds[0]
        course.book.open("complication-review", first.event, at, at, at)
        duty = course.book.current.get("complication-review")
    if duty is not None:
        for raised in open_grounds:
            if raised.id not in course.reviewed and course.heard > duty.since:
                duty.renewed_at = course.heard
            course.reviewed.add(raised.id)
            duty.because.extend(i for i in raised.because if i not in duty.because)
