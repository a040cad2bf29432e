"""Clocks and treatment: what procedures, conservative measures and drugs set going."""

from tracker.events import Recorded, Role
from tracker.events import procedures as pr
from tracker.events import treatment as tr
from tracker.pathway import leak, orders
from tracker.pathway.course import Act, Course, Handler, Mark
from tracker.pathway.levels import interspaces

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


def take_procedure(course: Course, event: Recorded) -> None:
    """Start the clocks that a procedure starts: D for a breach, I and P for an intervention."""
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
        orders.patched(course)
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
    if course.bed_rest is None or course.got_up:
        course.bed_rest = Mark(event.occurred_at, event.id)
        course.got_up = False


def _rest_started(course: Course, event: Recorded, data: tr.BedRestStarted) -> None:
    _conservative(course, event, inferred=True)
    _rest(course, event)


def _rest_ended(course: Course, event: Recorded, data: tr.BedRestEnded) -> None:
    course.bed_rest = None


def _mobilized(course: Course, event: Recorded, data: tr.PatientMobilized) -> None:
    course.got_up = True


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
    """Stop what runs under the name, else what runs of the class and may be the same drug."""
    name, running = _drug(event), course.running.items()
    same = [key for key, started in running if name and _drug(started) == name]
    if not same:
        classes, known = set(course.drug_classes(event)), course.settings.drug_classes
        same = [
            key
            for key, started in running
            if classes & set(course.drug_classes(started))
            and not (name in known and _drug(started) in known)
        ]
    for key in same:
        del course.running[key]


def _drug(event: Recorded) -> str | None:
    drug: str | None = getattr(event.data, "drug", None)
    return drug.strip().casefold() if drug else None


def _operated(course: Course, event: Recorded, data: pr.SurgeryPerformed) -> None:
    if data.level is not None and interspaces(data.level):
        course.operated |= interspaces(data.level)
        course.operated_by = (*course.operated_by, event.id)


HANDLERS: dict[type, Handler] = {
    tr.ConservativeManagementStarted: _started,
    tr.ConservativeManagementEnded: _ended,
    tr.BedRestStarted: _rest_started,
    tr.BedRestEnded: _rest_ended,
    tr.PatientMobilized: _mobilized,
    tr.PositionChanged: _positioned,
    tr.MedicationGiven: _dosed,
    tr.MedicationStarted: _dosed,
    tr.MedicationStopped: _stopped,
    pr.SurgeryPerformed: _operated,
}
