"""Rules about states that last: rebound, delay, missed reviews, missing clocks."""

import datetime

from tracker.pathway.calendar import hours
from tracker.pathway.course import Course
from tracker.pathway.reminders.reviews import REVIEWS
from tracker.pathway.rules.registry import stands
from tracker.pathway.status import TICK
from tracker.pathway.wording import elapsed, moment

_SHIFTED = ("frontal", "periorbital", "retroorbital")
_REBOUND_SYMPTOMS = ("nausea", "vomiting", "blurred-vision")


@stands("rebound-suspected")
def rebound(course: Course, now: datetime.datetime) -> None:
    """Worse lying down; timing, place and symptoms change the confidence (A9)."""
    rule = "rebound-suspected"
    if course.leak != "rebound" or course.leak_since is None:
        if course.notes is not None:
            course.say(rule, f"the leak state is {course.leak}, not rebound")
        return
    signs = _rebound_signs(course)
    confidence = ("low", "moderate", "high")[min(len(signs), 2)]
    detail = f"confidence {confidence}" + (f": {', '.join(signs)}" if signs else "")
    also = [course.patches[-1].id] if course.patches else []
    course.board.hold(rule, course.leak_since.id, now, detail, also=also)


def _rebound_signs(course: Course) -> list[str]:
    signs = []
    settings, since = course.settings, course.leak_since
    if course.patches and since is not None:
        after = since.at - course.patches[-1].at
        early, late = settings.rebound_from_hours, settings.rebound_until_hours
        if hours(early) <= after <= hours(late):
            signs.append(f"{elapsed(after)} after the patch")
    if any(place in _SHIFTED for place in course.location):
        signs.append("in front of the head")
    signs += [s for s in _REBOUND_SYMPTOMS if s in course.present]
    return signs


def patch_delayed_from(course: Course) -> datetime.datetime | None:
    """Return from when patch-delayed stands or will stand if nothing more happens (L127 [2])."""
    if course.leak != "active" or course.conservative is None or course.patches or course.died:
        return None
    settings = course.settings
    limit = settings.patch_decision_hours + settings.patch_decision_grace_hours
    start = course.conservative.at + hours(limit) + TICK
    embargo = course.embargo_until
    if embargo is not None:
        start = max(start, embargo)
    if course.refused is not None:
        if course.refused_until is None:
            return None
        start = max(start, course.refused_until)
    return start


@stands("patch-delayed")
def delayed(course: Course, now: datetime.datetime) -> None:
    """More than 72 h (+ grace) of conservative management, active leak, no patch."""
    start, begun = patch_delayed_from(course), course.conservative
    if start is None or begun is None:
        if course.notes is not None:
            course.say("patch-delayed", _why_not_delayed(course))
    elif now >= start:
        also = [course.leak_since.id] if course.leak_since else []
        detail = f"conservative management since {moment(begun.at)}"
        course.board.hold("patch-delayed", begun.id, now, detail, also=also)
    elif course.notes is not None:
        course.say("patch-delayed", f"not before {moment(start)}")


def _why_not_delayed(course: Course) -> str:
    if course.patches:
        return f"a patch was done ({course.patches[-1].id})"
    if course.leak != "active":
        return f"the leak state is {course.leak}, not active"
    if course.conservative is None:
        return "the start of conservative management is unknown"
    refused = course.refused.id if course.refused else "?"
    return f"refused ({refused}) until the next orthostatic finding"


@stands("follow-up-overdue")
def overdue(course: Course, now: datetime.datetime) -> None:
    """An early, intermediate or late review is overdue (L119 [2])."""
    for kind in REVIEWS:
        duty = course.book.current.get(kind)
        if duty is not None and duty.status(now) == "overdue":
            detail = f"{kind} was due by {moment(duty.due)}"
            course.board.hold("follow-up-overdue", duty.id, now, detail, also=[duty.anchor])
        elif course.notes is not None:
            status = "none is owed" if duty is None else duty.status(now)
            course.say("follow-up-overdue", f"{kind}: {status}")


@stands("closed-with-open-follow-up")
def closed(course: Course, now: datetime.datetime) -> None:
    """Closed while a review is scheduled, open or overdue (A20)."""
    rule = "closed-with-open-follow-up"
    if course.closed is None:
        course.say(rule, "the episode is not closed")
        return
    owed = [
        kind
        for kind in REVIEWS
        if (duty := course.book.current.get(kind)) is not None and not duty.suspended
    ]
    if owed:
        course.board.hold(rule, course.closed.id, now, ", ".join(owed))
    else:
        course.say(rule, "no review was owed")


@stands("protocol-clock-missing")
def clock_missing(course: Course, now: datetime.datetime) -> None:
    """An active leak of which the start of conservative management is unknown."""
    rule = "protocol-clock-missing"
    missing = course.leak == "active" and course.conservative is None and not course.patches
    if missing and course.leak_since is not None:
        detail = "active leak, but no start of conservative management is known"
        course.board.hold(rule, course.leak_since.id, now, detail)
    else:
        course.say(rule, "the clocks that are needed are known")
