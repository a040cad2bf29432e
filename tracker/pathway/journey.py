"""The episode itself: opened, transferred, lost, closed, and what brings a patient back."""

from tracker.events import Recorded
from tracker.events import lifecycle as lc
from tracker.events.ledger import ProtocolAdopted
from tracker.pathway.book import EXCLUDED, LOST, TRANSFERRED
from tracker.pathway.course import Course, Handler, Mark


def bring_back(course: Course, event: Recorded) -> None:
    """Put a lost or closed episode back when something clinical occurs after that."""
    data, now = event.data, event.occurred_at
    readmitted = isinstance(data, lc.PatientReadmitted)
    if not (data.is_clinical or readmitted):
        return
    if course.lost is not None and now > course.lost.at:
        course.lost = None
        course.book.come_back(LOST, event.id, now)
    if course.closed is not None and now > course.closed.at:
        _open_again(course)
    if readmitted and course.transferred is not None:
        course.transferred = None
        course.book.come_back(TRANSFERRED, event.id, now)


def _referred(course: Course, event: Recorded, data: lc.SpecialistReferralMade) -> None:
    course.referred = course.referred or event.id


def _transferred(course: Course, event: Recorded, data: lc.PatientTransferred) -> None:
    course.transferred = Mark(event.occurred_at, event.id)
    course.book.leave(TRANSFERRED, event.occurred_at)


def _lost(course: Course, event: Recorded, data: lc.LostToFollowUp) -> None:
    course.lost = Mark(event.occurred_at, event.id)
    course.book.leave(LOST, event.occurred_at)


def _died(course: Course, event: Recorded, data: object) -> None:
    course.died = course.died or Mark(event.occurred_at, event.id)
    course.book.cancel_all(event.id, event.occurred_at, "died")
    course.book.shut = True


def _closed(course: Course, event: Recorded, data: lc.EpisodeClosed) -> None:
    course.closed = Mark(event.occurred_at, event.id)
    if data.outcome == "died":
        _died(course, event, data)
    elif data.outcome == "excluded":
        course.book.cancel_all(event.id, event.occurred_at, EXCLUDED)


def _erased(course: Course, event: Recorded, data: lc.EpisodeErased) -> None:
    course.closed = Mark(event.occurred_at, event.id)


def _reopened(course: Course, event: Recorded, data: lc.EpisodeReopened) -> None:
    _open_again(course)


def _open_again(course: Course) -> None:
    course.closed = None
    course.book.restore(EXCLUDED)


def _opened(course: Course, event: Recorded, data: lc.EpisodeOpened) -> None:
    course.opened = event
    course.coordinator = data.coordinator
    course.site = data.site
    course.adopted = data.protocol


def _assigned(course: Course, event: Recorded, data: lc.EpisodeAssigned) -> None:
    course.coordinator = data.to


def _adopted(course: Course, event: Recorded, data: ProtocolAdopted) -> None:
    course.adopted = data.protocol or course.adopted


HANDLERS: dict[type, Handler] = {
    lc.SpecialistReferralMade: _referred,
    lc.PatientTransferred: _transferred,
    lc.LostToFollowUp: _lost,
    lc.PatientDied: _died,
    lc.EpisodeClosed: _closed,
    lc.EpisodeErased: _erased,
    lc.EpisodeReopened: _reopened,
    lc.EpisodeOpened: _opened,
    lc.EpisodeAssigned: _assigned,
    ProtocolAdopted: _adopted,
}
