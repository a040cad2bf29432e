"""Rules about targeted interventions, and about getting up too soon after one."""

from tracker.events import Recorded
from tracker.events.lifecycle import PatientDischarged
from tracker.events.procedures import (
    EmbolizationPerformed,
    SurgicalRepairPerformed,
    TargetedPatchPerformed,
)
from tracker.events.treatment import ActivityRecorded, PatientMobilized, PositionChanged
from tracker.pathway.calendar import hours, plus_days
from tracker.pathway.course import Course
from tracker.pathway.rules.registry import judges
from tracker.pathway.wording import elapsed, moment


@judges("embolization-target", EmbolizationPerformed)
def target(course: Course, event: Recorded) -> None:
    """Embolization is for CSF-venous fistulas (L87 [1])."""
    data, rule = event.data, "embolization-target"
    assert isinstance(data, EmbolizationPerformed)
    if data.target == "other":
        course.board.raise_(rule, event.id, event.occurred_at, "")
    else:
        course.say(rule, f"{event.id}: target {data.target or 'not recorded'}")


@judges("repair-before-patch", SurgicalRepairPerformed)
def repair(course: Course, event: Recorded) -> None:
    """Repair is for leaks unresponsive to less invasive measures (L88 [7,8])."""
    if course.patches:
        course.say("repair-before-patch", f"{event.id}: {course.patches[0].id} was tried first")
    else:
        course.board.raise_("repair-before-patch", event.id, event.occurred_at, "")


@judges("targeted-without-site", TargetedPatchPerformed)
def targeted(course: Course, event: Recorded) -> None:
    """A targeted patch needs a leak site identified on imaging (L84 [1])."""
    data, rule = event.data, "targeted-without-site"
    assert isinstance(data, TargetedPatchPerformed)
    if course.leak_type is None and data.site is None:
        course.board.raise_(rule, event.id, event.occurred_at, "")
    else:
        course.say(rule, f"{event.id}: the site is known")


def _upright(event: Recorded) -> bool:
    data = event.data
    if isinstance(data, PositionChanged):
        return data.position == "upright"
    return isinstance(data, PatientMobilized)


@judges("observation-too-short", PositionChanged, PatientMobilized, PatientDischarged)
def observation(course: Course, event: Recorded) -> None:
    """Upright or discharged less than 2 h after a patch (L53 [5])."""
    rule = "observation-too-short"
    if not _upright(event) and not isinstance(event.data, PatientDischarged):
        return
    if not course.patches:
        course.say(rule, f"{event.id}: no patch before it")
        return
    patch = course.patches[-1]
    until = patch.observed_from + hours(course.settings.observation_min_hours)
    detail = (
        f"{elapsed(event.occurred_at - patch.observed_from)} after the patch {patch.id}; "
        f"observation lasts until {moment(until)}"
    )
    if event.occurred_at < until:
        course.board.raise_(rule, event.id, event.occurred_at, detail, also=[patch.id])
    else:
        course.say(rule, f"{event.id}: {detail}")


@judges("upright-too-early", PositionChanged, PatientMobilized)
def upright(course: Course, event: Recorded) -> None:
    """Upright while improved but not resolved, or early in bed rest (L132, L36)."""
    rule, now, rest = "upright-too-early", event.occurred_at, course.bed_rest
    if not _upright(event):
        return
    if course.leak == "improved" and course.leak_since is not None:
        detail = "improved, not resolved"
        course.board.raise_(rule, event.id, now, detail, also=[course.leak_since.id])
    elif rest is not None and now < rest.at + hours(course.settings.bed_rest_min_hours):
        detail = f"{elapsed(now - rest.at)} after bed rest {rest.id} began"
        course.board.raise_(rule, event.id, now, detail, also=[rest.id])
    else:
        course.say(rule, f"{event.id}: leak state {course.leak}, not in early bed rest")


@judges("restriction-breach", ActivityRecorded)
def restriction(course: Course, event: Recorded) -> None:
    """A restricted activity before I + 28 d (L136-L139 [5])."""
    rule = "restriction-breach"
    if not course.interventions:
        course.say(rule, f"{event.id}: no intervention before it")
        return
    latest = course.interventions[-1]
    until = plus_days(latest.at, course.settings.restrictions_opens_days, course.zone)
    detail = f"restrictions after {latest.id} last until {moment(until)}"
    if event.occurred_at < until:
        course.board.raise_(rule, event.id, event.occurred_at, detail, also=[latest.id])
    else:
        course.say(rule, f"{event.id}: {detail}")
