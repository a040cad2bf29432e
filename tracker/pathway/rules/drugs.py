"""Rules about drugs that lower CSF or blood pressure, and opioids (L38, L104, L131)."""

import datetime

from tracker.events import Recorded
from tracker.events.treatment import MedicationGiven, MedicationStarted
from tracker.pathway.course import Course
from tracker.pathway.rules.registry import judges, stands

_CSF = "csf-lowering-drug-in-active-leak"
_BP = "bp-lowering-drug-in-active-leak"
_UNKNOWN = "pattern-unknown-before-drug"
_OPIOID = "opioid-for-non-severe-pain"
_LOWERS = {"carbonic-anhydrase-inhibitor": _CSF, "antihypertensive": _BP}


def _verdict(course: Course, event: Recorded) -> tuple[str, str | None, str] | None:
    """Return the rule that a pressure-lowering drug breaks now, its variant and detail."""
    for drug_class in course.drug_classes(event):
        rule = _LOWERS.get(drug_class)
        if rule is None:
            continue
        if course.active_leak:
            return rule, _variant(rule, event), f"{_name(event)}, leak {course.leak}"
        if course.leak == "unknown" and course.suspected is not None:
            return _UNKNOWN, None, _name(event)
        course.say(rule, f"{event.id}: {_name(event)}, leak state was {course.leak}")
        course.say(_UNKNOWN, f"{event.id}: {_name(event)}, leak state was {course.leak}")
    return None


def _variant(rule: str, event: Recorded) -> str | None:
    data = event.data
    assert isinstance(data, (MedicationGiven, MedicationStarted))
    if rule != _BP:
        return None
    if data.pre_existing:
        return "pre-existing"
    return "emergency" if data.emergency else None


def _name(event: Recorded) -> str:
    data = event.data
    assert isinstance(data, (MedicationGiven, MedicationStarted))
    return data.drug or str(data.drug_class)


def _severity_low(course: Course) -> bool:
    return course.severity is not None and course.severity < course.settings.severe_pain_nrs


@judges(_CSF, MedicationGiven)
@judges(_BP, MedicationGiven)
@judges(_UNKNOWN, MedicationGiven)
def dose(course: Course, event: Recorded) -> None:
    """One dose, judged by the leak state at that instant; alerts until acknowledged."""
    verdict = _verdict(course, event)
    if verdict is None:
        return
    rule, variant, detail = verdict
    also = [course.leak_since.id] if course.leak_since else []
    course.board.raise_(rule, event.id, event.occurred_at, detail, also=also, variant=variant)


@judges(_OPIOID, MedicationGiven)
def opioid_dose(course: Course, event: Recorded) -> None:
    """An opioid for pain below NRS 7 (L38 [1,2], A17)."""
    if "opioid" not in course.drug_classes(event):
        return
    if course.severity is None:
        course.say(_OPIOID, f"{event.id}: no severity was recorded before it")
    elif _severity_low(course):
        detail = f"last severity NRS {course.severity:g}"
        course.board.raise_(_OPIOID, event.id, event.occurred_at, detail)
    else:
        course.say(_OPIOID, f"{event.id}: last severity NRS {course.severity:g}")


@stands(_CSF, _BP, _UNKNOWN, _OPIOID)
def running(course: Course, now: datetime.datetime) -> None:
    """A running drug is judged anew whenever the state changes."""
    for event in course.running.values():
        verdict = _verdict(course, event)
        if verdict is not None:
            rule, variant, detail = verdict
            also = [course.leak_since.id] if course.leak_since else []
            course.board.hold(rule, event.id, now, detail, also=also, variant=variant)
        if "opioid" in course.drug_classes(event) and _severity_low(course):
            detail = f"running; last severity NRS {course.severity:g}"
            course.board.hold(_OPIOID, event.id, now, detail)
