"""Danger signs: rules that ask for urgent evaluation (L108-L115)."""

import datetime
from collections.abc import Callable

from tracker.events import Recorded
from tracker.events.findings import (
    ComplicationDiagnosed,
    HeadacheAssessed,
    ReboundHeadacheDiagnosed,
    ReviewCompleted,
    SymptomsRecorded,
    WoundExamined,
)
from tracker.pathway.course import Course
from tracker.pathway.rules.registry import judges, stands

_NEUROLOGICAL = (
    "neurological-deficit",
    "diplopia",
    "papilledema",
    "seizure",
    "altered-mental-status",
)
_MENINGEAL = ("headache", "neck-stiffness", "altered-mental-status")
_REPORTS = (HeadacheAssessed, SymptomsRecorded)


def _while_present(symptoms: tuple[str, ...]) -> Callable[[Course], bool]:
    return lambda course: any(s in course.present for s in symptoms)


@judges("neurological-deficit", *_REPORTS, after=True)
@judges("venous-thrombosis-suspected", *_REPORTS, after=True)
def neurological(course: Course, event: Recorded) -> None:
    """Deficit, diplopia, papilledema, seizure or altered mental state, each report anew."""
    report = course.report
    signs = tuple(s for s in report.present if s in _NEUROLOGICAL)
    for rule in ("neurological-deficit", "venous-thrombosis-suspected"):
        if signs:
            ground = _while_present(signs)
            course.board.raise_(
                rule,
                event.id,
                event.occurred_at,
                ", ".join(signs),
                ground=ground,
                on_symptoms=True,
            )
        else:
            course.say(rule, f"{event.id}: names none of {', '.join(_NEUROLOGICAL)}")


@judges("subdural-suspected", *_REPORTS, ReviewCompleted, after=True)
def subdural(course: Course, event: Recorded) -> None:
    """Worsening headache, or focal deficit (L113 [2])."""
    rule, report = "subdural-suspected", course.report
    worse = report.trend == "worsening" and course.worsening
    focal = "neurological-deficit" in report.present
    if not worse and not focal:
        course.say(rule, f"{event.id}: neither a worsening headache nor a focal deficit")
        return

    def ground(later: Course) -> bool:
        return (worse and later.worsening) or (focal and "neurological-deficit" in later.present)

    detail = "worsening headache" if worse else "focal deficit"
    course.board.raise_(rule, event.id, event.occurred_at, detail, ground=ground, on_symptoms=True)


def _meningeal(course: Course) -> bool:
    return "fever" in course.present and _while_present(_MENINGEAL)(course)


@judges("meningitis-suspected", *_REPORTS, ReviewCompleted, ReboundHeadacheDiagnosed, after=True)
def meningitis(course: Course, event: Recorded) -> None:
    """Fever with headache, neck stiffness or altered mental state (L114 [7], A15)."""
    rule = "meningitis-suspected"
    if not _meningeal(course):
        course.say(rule, f"{event.id}: needs fever with headache, stiffness or confusion")
        return
    for raised in course.board.alerts.values():
        if raised.rule == rule and raised.until is None and not raised.gone:
            return
    partners = [s for s in _MENINGEAL if s in course.present]
    also = [course.present[s] for s in ("fever", *partners)]
    detail = f"fever with {', '.join(partners)}"
    course.board.raise_(
        rule,
        event.id,
        event.occurred_at,
        detail,
        also=also,
        ground=_meningeal,
        on_symptoms=True,
    )


_GRAVE = ("infection", "purulent", "dehiscence")


def _grave(course: Course) -> tuple[str, ...]:
    """Return what makes the wound urgent now."""
    grave = tuple(s for s in _GRAVE if s in course.wound)
    if "erythema" in course.wound:
        with_ = [s for s in ("fever", "sepsis") if s in course.present]
        grave += tuple(f"erythema with {s}" for s in with_)
    return grave


@judges("wound-complication-suspected", WoundExamined, *_REPORTS, after=True)
def wound(course: Course, event: Recorded) -> None:
    """Erythema, any drainage, infection, dehiscence (L115 [7], A16)."""
    rule, examined = "wound-complication-suspected", isinstance(event.data, WoundExamined)
    grave = _grave(course)
    urgent = [
        r
        for r in course.board.alerts.values()
        if r.rule == rule and r.ground is not None and r.until is None and not r.gone
    ]
    if grave and (examined or not urgent):
        _grave_wound(course, event, grave)
    elif not course.wound:
        course.say(rule, f"{event.id}: no sign at the wound")


def _grave_wound(course: Course, event: Recorded, grave: tuple[str, ...]) -> None:
    signs = {s.split(" ")[0] for s in grave}
    if isinstance(event.data, WoundExamined) and event.id not in course.wound.values():
        return
    also = [course.wound[s] for s in sorted(signs) if s in course.wound]
    course.board.raise_(
        "wound-complication-suspected",
        event.id,
        event.occurred_at,
        ", ".join(grave),
        also=also,
        ground=lambda later: any(s in grave for s in _grave(later)),
        on_symptoms=any(s not in _GRAVE for s in grave),
    )


@stands("wound-complication-suspected")
def lesser_wound(course: Course, now: datetime.datetime) -> None:
    """Lesser signs at the wound, as long as they are there and nothing makes it urgent."""
    if course.wound and not _grave(course):
        first, detail = next(iter(course.wound.values())), ", ".join(course.wound)
        course.board.hold("wound-complication-suspected", first, now, detail, variant="minor")


@judges("complication-recorded", ComplicationDiagnosed, after=True)
def complication(course: Course, event: Recorded) -> None:
    """A complication was diagnosed; it does not block a patch (L110-L113)."""
    data = event.data
    assert isinstance(data, ComplicationDiagnosed)
    course.board.raise_(
        "complication-recorded",
        event.id,
        event.occurred_at,
        data.complication,
        ground=lambda later: event.id in later.complications,
    )
