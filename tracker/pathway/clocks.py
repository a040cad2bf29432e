"""What events other than findings change: clocks, treatment under way, the episode itself."""

from tracker.events import Recorded, Role
from tracker.events import imaging as im
from tracker.events import lifecycle as lc
from tracker.events import procedures as pr
from tracker.events import treatment as tr
from tracker.events.findings import (
    ComplicationDiagnosed,
    ComplicationResolved,
    LeakSiteIdentified,
    WoundExamined,
)
from tracker.events.ledger import ProtocolAdopted
from tracker.pathway import leak
from tracker.pathway.book import LOST, TRANSFERRED
from tracker.pathway.course import Act, Course, Mark, Order
from tracker.pathway.levels import interspaces

_CLINICAL = Role.FINDING | Role.PROCEDURE | Role.DRUG
_INFERS_CONSERVATIVE = ("acetaminophen", "nsaid", "caffeine")


def is_intervention(event: Recorded, course: Course) -> bool:
    """Whether the event is an intervention; an aspiration only with a patch."""
    data = event.data
    if isinstance(data, pr.AspirationPerformed):
        return data.with_patch is True
    if isinstance(data, pr.CsfDrainagePerformed):
        return course.settings.csf_drainage_is_intervention
    return Role.INTERVENTION in data.role


def is_patch(event: Recorded) -> bool:
    """Whether the event is a patch of any kind."""
    data = event.data
    if isinstance(data, pr.AspirationPerformed):
        return data.with_patch is True
    return Role.PATCH in data.role


def bring_back(course: Course, event: Recorded) -> None:
    """Put a lost or closed episode back when something clinical occurs after that."""
    data, now = event.data, event.occurred_at
    readmitted = isinstance(data, lc.PatientReadmitted)
    if not (data.role & _CLINICAL or readmitted):
        return
    if course.lost is not None and now > course.lost.at:
        course.lost = None
        course.book.come_back(LOST, event.id, now)
    if course.closed is not None and now > course.closed.at:
        course.closed = None
    if readmitted and course.transferred is not None:
        course.transferred = None
        course.book.come_back(TRANSFERRED, event.id, now)


def apply(course: Course, event: Recorded) -> None:
    """Take in an event: procedures, treatment, orders, the episode's own course."""
    handler = _HANDLERS.get(type(event.data))
    if handler is not None:
        handler(course, event, event.data)
    if event.data.is_procedure:
        _take_procedure(course, event)


def _take_procedure(course: Course, event: Recorded) -> None:
    data, here = event.data, Mark(event.occurred_at, event.id)
    punctured = getattr(data, "dural_puncture", None) == "yes"
    if Role.BREACH in data.role or punctured:
        course.breaches.append(here)
    if not is_intervention(event, course):
        return
    act = Act(event.occurred_at, event.id, event, is_patch(event))
    course.interventions.append(act)
    leak.after_intervention(course)
    if act.patch:
        course.patches.append(act)
        course.refused, course.refused_until = None, None


def _conservative(course: Course, event: Recorded, *, inferred: bool) -> None:
    known = course.conservative
    if inferred and (course.suspected is None or known is not None):
        return
    if known is None or known.inferred:
        course.conservative = Mark(event.occurred_at, event.id, inferred)


def _started(course: Course, event: Recorded, data: tr.ConservativeManagementStarted) -> None:
    _conservative(course, event, inferred=False)
    if "bed-rest" in data.measures:
        _rest(course, event)


def _rest(course: Course, event: Recorded) -> None:
    if course.bed_rest is None:
        course.bed_rest = Mark(event.occurred_at, event.id)


def _rest_started(course: Course, event: Recorded, data: tr.BedRestStarted) -> None:
    _conservative(course, event, inferred=True)
    _rest(course, event)


def _rest_ended(course: Course, event: Recorded, data: tr.BedRestEnded) -> None:
    course.bed_rest = None


def _ended(course: Course, event: Recorded, data: tr.ConservativeManagementEnded) -> None:
    if not data.measures or "bed-rest" in data.measures:
        course.bed_rest = None


def _positioned(course: Course, event: Recorded, data: tr.PositionChanged) -> None:
    if data.position in ("supine", "trendelenburg"):
        _conservative(course, event, inferred=True)


def _dosed(
    course: Course, event: Recorded, data: tr.MedicationGiven | tr.MedicationStarted
) -> None:
    if any(c in _INFERS_CONSERVATIVE for c in course.drug_classes(event)):
        _conservative(course, event, inferred=True)
    if isinstance(data, tr.MedicationStarted):
        course.running[event.id] = event


def _stopped(course: Course, event: Recorded, data: tr.MedicationStopped) -> None:
    name = data.drug and data.drug.strip().casefold()
    classes = set(course.drug_classes(event))
    for key, started in list(course.running.items()):
        other = getattr(started.data, "drug", None)
        if name and other:
            same = name == other.strip().casefold()
        else:
            same = bool(classes & set(course.drug_classes(started)))
        if same:
            del course.running[key]


def _operated(course: Course, event: Recorded, data: pr.SurgeryPerformed) -> None:
    if data.level is not None and interspaces(data.level):
        course.operated |= interspaces(data.level)
        course.operated_by = (*course.operated_by, event.id)


def _patch_ordered(course: Course, event: Recorded, data: pr.BloodPatchOrdered) -> None:
    planned = data.planned_for or event.occurred_at
    course.patch_orders.append(Order(event.occurred_at, planned, event))


def _imaging_ordered(course: Course, event: Recorded, data: im.ImagingOrdered) -> None:
    course.imaging_orders.append(Order(event.occurred_at, event.occurred_at, event))


def _drop(orders: list[Order], named: str | None, *, latest: bool) -> Order | None:
    """Take an order off the open ones: the one named, else the latest."""
    for order in reversed(orders):
        if order.event.id == named or (named is None and latest):
            orders.remove(order)
            return order
    return None


def _patch_cancelled(course: Course, event: Recorded, data: pr.BloodPatchCancelled) -> None:
    order = _drop(course.patch_orders, data.order, latest=True)
    if order is not None:
        course.board.withdraw(order.event.id, event.occurred_at)


def _imaging_cancelled(course: Course, event: Recorded, data: im.ImagingCancelled) -> None:
    order = _drop(course.imaging_orders, data.order, latest=True)
    if order is not None:
        course.board.withdraw(order.event.id, event.occurred_at)


def _imaging_performed(course: Course, event: Recorded, data: im.ImagingPerformed) -> None:
    same = [
        o for o in course.imaging_orders if getattr(o.event.data, "modality", None) == data.modality
    ]
    named = data.order or (same[-1].event.id if same else None)
    _drop(course.imaging_orders, named, latest=False)


def _patched(course: Course, event: Recorded, data: pr.BloodPatchPerformed) -> None:
    _drop(course.patch_orders, None, latest=True)


def _refused(
    course: Course, event: Recorded, data: pr.BloodPatchDeclined | pr.BloodPatchDeferred
) -> None:
    _drop(course.patch_orders, data.order, latest=True)
    course.refused = Mark(event.occurred_at, event.id)
    course.refused_until = data.planned_for


def _examined(course: Course, event: Recorded, data: WoundExamined) -> None:
    for sign in ("erythema", "dehiscence", "infection"):
        value = getattr(data, sign)
        if value == "yes":
            course.wound[sign] = event.id
        elif value == "no":
            course.wound.pop(sign, None)
    if data.drainage not in (None, "unknown"):
        for kind in ("clear", "serous", "bloody", "purulent"):
            course.wound.pop(kind, None)
        if data.drainage != "none":
            course.wound[data.drainage] = event.id


def _complicated(course: Course, event: Recorded, data: ComplicationDiagnosed) -> None:
    course.complications[event.id] = data.complication


_HEALS = {
    "wound-infection": ("infection", "purulent", "erythema"),
    "wound-dehiscence": ("dehiscence",),
}


def _complication_over(course: Course, event: Recorded, data: ComplicationResolved) -> None:
    for key, name in list(course.complications.items()):
        if name == data.complication:
            del course.complications[key]
    for sign in _HEALS.get(data.complication, ()):
        course.wound.pop(sign, None)


def _site_found(course: Course, event: Recorded, data: LeakSiteIdentified) -> None:
    course.leak_type = (data.leak_type or "unknown", event.id)


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
    course.board.end_at_death(event.occurred_at)


def _closed(course: Course, event: Recorded, data: lc.EpisodeClosed) -> None:
    course.closed = Mark(event.occurred_at, event.id)
    if data.outcome == "died":
        _died(course, event, data)
    elif data.outcome == "excluded":
        course.book.cancel_all(event.id, event.occurred_at, "excluded")


def _reopened(course: Course, event: Recorded, data: lc.EpisodeReopened) -> None:
    course.closed = None


def _opened(course: Course, event: Recorded, data: lc.EpisodeOpened) -> None:
    course.opened = event
    course.coordinator = data.coordinator
    course.site = data.site
    course.adopted = data.protocol


def _assigned(course: Course, event: Recorded, data: lc.EpisodeAssigned) -> None:
    course.coordinator = data.to


def _adopted(course: Course, event: Recorded, data: ProtocolAdopted) -> None:
    course.adopted = data.protocol or course.adopted


_HANDLERS: dict[type, object] = {
    tr.ConservativeManagementStarted: _started,
    tr.ConservativeManagementEnded: _ended,
    tr.BedRestStarted: _rest_started,
    tr.BedRestEnded: _rest_ended,
    tr.PositionChanged: _positioned,
    tr.MedicationGiven: _dosed,
    tr.MedicationStarted: _dosed,
    tr.MedicationStopped: _stopped,
    pr.SurgeryPerformed: _operated,
    pr.BloodPatchOrdered: _patch_ordered,
    pr.BloodPatchCancelled: _patch_cancelled,
    pr.BloodPatchDeclined: _refused,
    pr.BloodPatchDeferred: _refused,
    pr.BloodPatchPerformed: _patched,
    im.ImagingOrdered: _imaging_ordered,
    im.ImagingPerformed: _imaging_performed,
    im.ImagingCancelled: _imaging_cancelled,
    WoundExamined: _examined,
    ComplicationDiagnosed: _complicated,
    ComplicationResolved: _complication_over,
    LeakSiteIdentified: _site_found,
    lc.SpecialistReferralMade: _referred,
    lc.PatientTransferred: _transferred,
    lc.LostToFollowUp: _lost,
    lc.PatientDied: _died,
    lc.EpisodeClosed: _closed,
    lc.EpisodeReopened: _reopened,
    lc.EpisodeOpened: _opened,
    lc.EpisodeAssigned: _assigned,
    ProtocolAdopted: _adopted,
}
