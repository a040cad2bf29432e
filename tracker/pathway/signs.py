"""Signs and diagnoses beside the headache: the wound, complications, the leak site."""

from tracker.events import Recorded
from tracker.events.findings import (
    ComplicationDiagnosed,
    ComplicationResolved,
    LeakSiteIdentified,
    WoundExamined,
)
from tracker.pathway.course import Course, Handler

_HEALS = {
    "wound-infection": ("infection", "purulent", "erythema"),
    "wound-dehiscence": ("dehiscence",),
}


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
    if data.complication == "cerebral-venous-thrombosis":
        course.had_thrombosis = True


def _complication_over(course: Course, event: Recorded, data: ComplicationResolved) -> None:
    for key, name in list(course.complications.items()):
        if name == data.complication:
            del course.complications[key]
    for sign in _HEALS.get(data.complication, ()):
        course.wound.pop(sign, None)


def _site_found(course: Course, event: Recorded, data: LeakSiteIdentified) -> None:
    course.leak_type = (data.leak_type or "unknown", event.id)


HANDLERS: dict[type, Handler] = {
    WoundExamined: _examined,
    ComplicationDiagnosed: _complicated,
    ComplicationResolved: _complication_over,
    LeakSiteIdentified: _site_found,
}
