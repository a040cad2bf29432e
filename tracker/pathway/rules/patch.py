"""Rules about patches: when, at what volume and level, and how (L42-L58, L105)."""

import datetime

from tracker.events import Recorded
from tracker.events.procedures import (
    AspirationPerformed,
    BloodPatchOrdered,
    BloodPatchPerformed,
    CsfDrainagePerformed,
    DuralPunctureRecorded,
    SurgeryPerformed,
    SurgicalRepairPerformed,
    TargetedPatchPerformed,
)
from tracker.pathway.calendar import hours
from tracker.pathway.clocks import is_patch
from tracker.pathway.course import Course, Order
from tracker.pathway.levels import interspaces
from tracker.pathway.rules.registry import judges, stands
from tracker.pathway.wording import elapsed, moment

_PERFORMED = (BloodPatchPerformed, TargetedPatchPerformed, AspirationPerformed)
_BREACHES = (
    SurgeryPerformed,
    DuralPunctureRecorded,
    SurgicalRepairPerformed,
    CsfDrainagePerformed,
    BloodPatchPerformed,
)
"""What breaches the dura; a patch only where its needle did."""


@judges("patch-too-early", *_PERFORMED, BloodPatchOrdered)
def patch_too_early(course: Course, event: Recorded) -> None:
    """A patch less than 48 h after the latest dural breach (L49, L129 [2])."""
    ordered = isinstance(event.data, BloodPatchOrdered)
    if not ordered and not is_patch(event):
        return
    planned = getattr(event.data, "planned_for", None)
    _judge_breach(course, event, planned or event.occurred_at, event.occurred_at)


def _judge_breach(
    course: Course, event: Recorded, instant: datetime.datetime, since: datetime.datetime
) -> None:
    breach = course.breach_before(instant, event.id)
    rule = "patch-too-early"
    if breach is None:
        course.board.raise_(
            "protocol-clock-missing", event.id, since, "no dural breach is known before the patch"
        )
        course.say(rule, f"{event.id}: no dural breach is known, so it cannot be judged")
        return
    earliest = breach.at + hours(course.settings.patch_earliest_hours)
    detail = (
        f"{elapsed(instant - breach.at)} after the dural breach {breach.id}; "
        f"{course.settings.patch_earliest_hours} h is {moment(earliest)}"
    )
    if instant < earliest:
        course.board.raise_(rule, event.id, since, detail, also=[breach.id])
    else:
        course.say(rule, f"{event.id}: {detail}")


@judges("patch-too-early", *_BREACHES, after=True)
def order_too_early_now(course: Course, event: Recorded) -> None:
    """A new breach may make a patch that is planned for later too early."""
    if not course.breaches or course.breaches[-1].id != event.id:
        return
    for order in course.patch_orders:
        known = f"patch-too-early:{order.event.id}" in course.board.alerts
        if order.judged_at >= event.occurred_at and not known:
            course.board.alerts.pop(f"protocol-clock-missing:{order.event.id}", None)
            _judge_breach(course, order.event, order.judged_at, event.occurred_at)


@judges("patch-before-conservative-trial", *_PERFORMED)
def before_conservative_trial(course: Course, event: Recorded) -> None:
    """First patch 48 h after D but less than 72 h after C (A3)."""
    rule, start = "patch-before-conservative-trial", course.conservative
    if course.patches or not is_patch(event):
        return
    breach = course.breach_before(event.occurred_at, event.id)
    if start is None or breach is None:
        course.say(rule, f"{event.id}: one of its clocks is unknown")
        return
    now = event.occurred_at
    early = now < breach.at + hours(course.settings.patch_earliest_hours)
    trial = now - start.at
    detail = f"{elapsed(trial)} of conservative management since {start.id}"
    if not early and trial < hours(course.settings.patch_decision_hours):
        course.board.raise_(rule, event.id, now, detail, also=[start.id, breach.id])
    else:
        course.say(rule, f"{event.id}: {detail}")


@judges("patch-during-rebound", *_PERFORMED, BloodPatchOrdered)
def during_rebound(course: Course, event: Recorded) -> None:
    """Any patch while in rebound (L105, L128 [3,2])."""
    rule = "patch-during-rebound"
    ordered = isinstance(event.data, BloodPatchOrdered)
    if not ordered and not is_patch(event):
        return
    if course.leak != "rebound":
        course.say(rule, f"{event.id}: leak state was {course.leak}")
        return
    also = [course.leak_since.id] if course.leak_since else []
    variant = "ordered" if ordered else None
    course.board.raise_(rule, event.id, event.occurred_at, "", also=also, variant=variant)


@stands("patch-during-rebound")
def order_open_in_rebound(course: Course, now: datetime.datetime) -> None:
    """An order that is still open when rebound sets in."""
    if course.leak != "rebound" or course.leak_since is None:
        return
    for order in course.patch_orders:
        if not _judged_in_rebound(course, order):
            detail = "a patch is still ordered"
            also = [course.leak_since.id]
            course.board.hold(
                "patch-during-rebound", order.event.id, now, detail, also=also, variant="ordered"
            )


def _judged_in_rebound(course: Course, order: Order) -> bool:
    raised = course.board.alerts.get(f"patch-during-rebound:{order.event.id}")
    return raised is not None and not raised.standing


@judges("pattern-unknown-before-patch", *_PERFORMED, BloodPatchOrdered)
def pattern_unknown(course: Course, event: Recorded) -> None:
    """A patch ordered or performed while the leak state is unknown (L24)."""
    rule = "pattern-unknown-before-patch"
    if not isinstance(event.data, BloodPatchOrdered) and not is_patch(event):
        return
    if course.leak == "unknown":
        course.board.raise_(rule, event.id, event.occurred_at, "")
    else:
        course.say(rule, f"{event.id}: leak state was {course.leak}")


@judges("patch-volume", BloodPatchPerformed)
def volume(course: Course, event: Recorded) -> None:
    """Blood patch outside 15-20 mL (L51 [1,2]); unknown is never judged."""
    data, settings, rule = event.data, course.settings, "patch-volume"
    assert isinstance(data, BloodPatchPerformed)
    if data.volume_ml is None:
        course.say(rule, f"{event.id}: the volume is not recorded")
        return
    low, high = settings.patch_volume_min_ml, settings.patch_volume_max_ml
    detail = f"{data.volume_ml:g} mL; {low:g}-{high:g} mL is advised"
    if low <= data.volume_ml <= high:
        course.say(rule, f"{event.id}: {detail}")
        return
    variant = "stopped-early" if data.stopped_early_reason else None
    course.board.raise_(rule, event.id, event.occurred_at, detail, variant=variant)


@judges("patch-level", BloodPatchPerformed)
def level(course: Course, event: Recorded) -> None:
    """Blood patch neither at an operated level nor one below the lowest (L50 [2])."""
    data, rule = event.data, "patch-level"
    assert isinstance(data, BloodPatchPerformed)
    patched = interspaces(data.level) if data.level else frozenset()
    if not patched or not course.operated:
        course.say(rule, f"{event.id}: the patched or the operated level is unknown")
        return
    allowed = course.operated | {max(course.operated) + 1}
    if patched <= allowed:
        course.say(rule, f"{event.id}: {data.level} is at the operated level or one below")
        return
    course.board.raise_(
        rule, event.id, event.occurred_at, f"patched at {data.level}", also=course.operated_by
    )


@judges("repeat-patch-unguided", *_PERFORMED)
def unguided(course: Course, event: Recorded) -> None:
    """Second or later patch without image guidance (L58 [2,6])."""
    rule, guidance = "repeat-patch-unguided", getattr(event.data, "guidance", None)
    if not is_patch(event):
        return
    if not course.patches:
        course.say(rule, f"{event.id}: it is the first patch")
    elif guidance in (None, "none", "unknown"):
        number = len(course.patches) + 1
        detail = f"patch {number}, guidance {guidance or 'not recorded'}"
        course.board.raise_(rule, event.id, event.occurred_at, detail)
    else:
        course.say(rule, f"{event.id}: guided by {guidance}")


@judges("injection-not-stopped", BloodPatchPerformed)
def not_stopped(course: Course, event: Recorded) -> None:
    """Substantial pain and the injection not stopped (L52 [2])."""
    data, rule = event.data, "injection-not-stopped"
    assert isinstance(data, BloodPatchPerformed)
    if data.injection_pain == "substantial" and data.stopped_early_reason is None:
        course.board.raise_(rule, event.id, event.occurred_at, "")
    else:
        pain = data.injection_pain or "not recorded"
        course.say(rule, f"{event.id}: pain {pain}, stopped: {data.stopped_early_reason or 'no'}")
