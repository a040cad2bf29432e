"""Rules about imaging: not as routine, not before its time, not without referral (L60-L80)."""

from tracker.events import Recorded
from tracker.events.imaging import ImagingOrdered, ImagingPerformed
from tracker.pathway.calendar import hours
from tracker.pathway.course import Course, Mark
from tracker.pathway.rules.registry import judges
from tracker.pathway.stage import failed
from tracker.pathway.wording import elapsed

_NO_FLAG = (None, "routine", "other")
_FLAG_SYMPTOMS = ("visual-change", "papilledema")
_ADVANCED = ("dynamic-CT-myelography", "digital-subtraction-myelography")
_POSITION = {"ventral": "prone", "csf-venous-fistula": "lateral"}


def red_flag(course: Course, event: Recorded) -> str | None:
    """Return what makes imaging more than routine, if anything does."""
    indication = getattr(event.data, "indication", None)
    if indication not in _NO_FLAG:
        return f"indication {indication}"
    for symptom in _FLAG_SYMPTOMS:
        if symptom in course.present:
            return f"{symptom} ({course.present[symptom]})"
    for raised in course.board.dangers:
        if raised.on_symptoms:
            return f"urgent alert {raised.id}"
    return None


def _anchor(course: Course, event: Recorded) -> Mark | None:
    if course.settings.imaging_window_anchor == "procedure":
        return course.breach_before(event.occurred_at)
    return course.conservative or course.suspected


@judges("routine-imaging-early", ImagingOrdered, ImagingPerformed)
@judges("imaging-before-patch", ImagingOrdered, ImagingPerformed)
def routine(course: Course, event: Recorded) -> None:
    """Imaging with neither a red flag nor a failed patch (L62, L66-L71, L130 [3])."""
    now = event.occurred_at
    anchor = _anchor(course, event)
    flag = red_flag(course, event)
    reason = None
    if flag is not None:
        reason = f"a red flag: {flag}"
    elif failed(course, now):
        reason = "the latest intervention has failed"
    elif anchor is None:
        reason = "no clock runs yet"
    if reason is not None or anchor is None:
        course.say("routine-imaging-early", f"{event.id}: {reason}")
        course.say("imaging-before-patch", f"{event.id}: {reason}")
        return
    detail = f"{elapsed(now - anchor.at)} after {anchor.id}; no red flag"
    if now - anchor.at <= hours(course.settings.imaging_window_hours):
        course.board.raise_("routine-imaging-early", event.id, now, detail, also=[anchor.id])
        course.say("imaging-before-patch", f"{event.id}: judged as early imaging")
    elif not course.patches:
        course.board.raise_("imaging-before-patch", event.id, now, detail, also=[anchor.id])
        course.say("routine-imaging-early", f"{event.id}: {detail}")
    else:
        course.say("routine-imaging-early", f"{event.id}: {detail}")
        course.say("imaging-before-patch", f"{event.id}: a patch came first")


@judges("advanced-imaging-before-referral", ImagingOrdered, ImagingPerformed)
def advanced(course: Course, event: Recorded) -> None:
    """Dynamic CT or digital subtraction myelography needs a referral (L75-L79)."""
    rule, modality = "advanced-imaging-before-referral", getattr(event.data, "modality", None)
    if modality not in _ADVANCED:
        course.say(rule, f"{event.id}: {modality or 'modality not recorded'}")
    elif course.referred is not None:
        course.say(rule, f"{event.id}: referred by {course.referred}")
    else:
        course.board.raise_(rule, event.id, event.occurred_at, str(modality))


@judges("myelography-position", ImagingOrdered, ImagingPerformed)
def position(course: Course, event: Recorded) -> None:
    """Prone for ventral leaks, lateral for CSF-venous fistulas (L80 [3,5])."""
    rule, data = "myelography-position", event.data
    assert isinstance(data, (ImagingOrdered, ImagingPerformed))
    if "myelography" not in (data.modality or "") or data.position in (None, "unknown"):
        course.say(rule, f"{event.id}: no myelography, or its position is not recorded")
        return
    site = course.leak_type or ("unknown", "")
    suspected = data.suspected_leak not in (None, "unknown")
    leak, found = (data.suspected_leak, "") if suspected else site
    wanted = _POSITION.get(str(leak))
    detail = f"{data.position} for {leak}"
    if wanted is None or data.position == wanted:
        course.say(rule, f"{event.id}: {detail}")
        return
    also = [found] if found else []
    course.board.raise_(
        rule, event.id, event.occurred_at, f"{detail}; {wanted} is advised", also=also
    )
