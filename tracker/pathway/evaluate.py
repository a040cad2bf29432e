"""evaluate(timeline, protocol, now) -> Status: the pure function at the heart of the program."""

import datetime
from collections.abc import Sequence

from tracker.events import Recorded
from tracker.events.imaging import ImagingPerformed
from tracker.events.lifecycle import EpisodeErased, EpisodeOpened, SpecialistReferralMade
from tracker.pathway import acknowledging, clocks, journey, leak, orders, rules, signs
from tracker.pathway.board import Board
from tracker.pathway.course import Course, Handler
from tracker.pathway.duplicates import RULE, possible_duplicates
from tracker.pathway.phases import quiet_until
from tracker.pathway.protocol import DEFAULT, Protocol
from tracker.pathway.reminders import assessment, escalation, patch, rest, reviews
from tracker.pathway.report import NOTHING, report_of
from tracker.pathway.rules.follow_up import patch_delayed_from
from tracker.pathway.stage import stage_changes_at, stage_of
from tracker.pathway.status import TICK, Status
from tracker.pathway.steps import embargo_said_until, next_steps
from tracker.pathway.wording import elapsed

_ANSWERS_FAILURE = (ImagingPerformed, SpecialistReferralMade)
"""What settles a reminder that may come to be in the very instant in which it is done."""


def evaluate(timeline: Sequence[Recorded], protocol: Protocol, now: datetime.datetime) -> Status:
    """Return how the episode is at `now`, what is owed and what is wrong, and until when.

    `timeline` is in the order of `tracker.history.timeline`; events after `now` are ignored.
    """
    course = walk(timeline, protocol, now)
    opened = course.opened
    data = opened.data if opened is not None else None
    known = data if isinstance(data, EpisodeOpened) else EpisodeOpened()
    return Status(
        stage=stage_of(course, now),
        leak=course.leak,
        urgent=course.board.urgent or bool(course.complications and not course.died),
        reminders=course.book.shown(protocol, now),
        alerts=course.board.shown(),
        next_steps=next_steps(course, now),
        at=now,
        changes_at=_changes_at(course, now),
        interventions=len(course.interventions),
        patches=len(course.patches),
        first_patch_remission=course.first_patch_remission,
        had_rebound=course.had_rebound,
        had_thrombosis=course.had_thrombosis,
        orphans=acknowledging.orphans(course),
        arises_at=escalation.failure_arises_at(course, now),
        protocol=protocol.name,
        coordinator=course.coordinator,
        site=course.site,
        patient=known.patient,
        reference=known.reference,
        short_id=known.short_id or _erased_as(timeline),
        time_zone=course.zone,
    )


def _erased_as(timeline: Sequence[Recorded]) -> str | None:
    """Return the short id of an erased episode, of which nothing else is left."""
    last = timeline[-1].data if timeline else None
    return last.short_id if isinstance(last, EpisodeErased) else None


def protocol_name(timeline: Sequence[Recorded]) -> str:
    """Return the protocol version that judges the episode: as opened, or as adopted since."""
    name = None
    for event in timeline:
        adopted = getattr(event.data, "protocol", None)
        if adopted is not None:
            name = adopted
    return name or DEFAULT


def walk(
    timeline: Sequence[Recorded],
    protocol: Protocol,
    now: datetime.datetime,
    notes: list[tuple[str, str]] | None = None,
) -> Course:
    """Return the course of the episode as it stands at `now`."""
    opened = next((e for e in timeline if isinstance(e.data, EpisodeOpened)), None)
    zone = opened.data.time_zone if opened and isinstance(opened.data, EpisodeOpened) else None
    course = Course(protocol, zone or "UTC", now, now, Board(protocol.rules), notes=notes)
    if opened is not None:
        _apply(course, opened)
    events = [e for e in timeline if e.occurred_at <= now and e is not opened]
    repeats = possible_duplicates(events, protocol.settings)
    place, count = 0, len(events)
    while place < count:
        instant = events[place].occurred_at
        _pass_time(course, instant)
        course.now = course.heard = instant
        settled = False
        while place < count and events[place].occurred_at == instant:
            if events[place].data.is_ledger and not settled:
                # What is said of reminders may be of those that came to be in this instant.
                _settle_instant(course, instant)
                settled = True
            elif isinstance(events[place].data, _ANSWERS_FAILURE):
                escalation.judge_failure(course, instant)
            course.heard = max(course.heard, events[place].recorded_at)
            _take(course, events[place], repeats)
            place += 1
        _settle_instant(course, instant)
    _pass_time(course, now)
    course.now = course.heard = now
    if notes is not None:
        notes.append(("", "now"))
    _settle_instant(course, now)
    acknowledging.find_homes(course)
    return course


def _take(course: Course, event: Recorded, repeats: dict[str, tuple[Recorded, bool]]) -> None:
    """Take in one event: judge an act by the state before it, a finding by the state after."""
    data = event.data
    if data.is_ledger:
        _apply(course, event)
        acknowledging.apply(course, event)
        return
    if event.id in repeats and not _repeated(course, event, *repeats[event.id]):
        return
    course.board.fresh.clear()
    for check in rules.BEFORE.get(type(data), ()):
        check(course, event)
    suspected, bed_rest = course.suspected, course.bed_rest
    acts = len(course.interventions)
    journey.bring_back(course, event)
    report = course.report = report_of(event, course.settings) if data.is_finding else NOTHING
    if data.is_finding:
        leak.apply_report(course, event, report)
    _apply(course, event)
    for check in rules.AFTER.get(type(data), ()):
        check(course, event)
    if len(course.interventions) > acts:
        _after_intervention(course, event)
    if data.is_finding:
        assessment.after(course, event, report, suspected)
        reviews.after(course, event)
    if not course.interventions:
        patch.refused(course, event)
        reviews.late_without_intervention(course, event)
    assessment.conservative_start(course, event)
    rest.after(course, event, bed_rest)
    patch.after(course, event, report)
    escalation.after(course, event, report, course.board.fresh)


_HANDLERS: dict[type, Handler] = {
    **clocks.HANDLERS,
    **orders.HANDLERS,
    **signs.HANDLERS,
    **journey.HANDLERS,
}


def _apply(course: Course, event: Recorded) -> None:
    """Take in what an event sets going, ends or decides."""
    data = event.data
    handler = _HANDLERS.get(type(data))
    if handler is not None:
        handler(course, event, data)
    if data.is_procedure:
        clocks.take_procedure(course, event)


def _repeated(course: Course, event: Recorded, first: Recorded, acknowledged: bool) -> bool:
    detail = f"{elapsed(event.occurred_at - first.occurred_at)} after {first.id}"
    course.board.raise_(RULE, event.id, event.occurred_at, detail, also=[first.id])
    return acknowledged


def _after_intervention(course: Course, event: Recorded) -> None:
    act = course.interventions[-1]
    reviews.after_intervention(course, act)
    if act.patch:
        rest.after_patch(course, act)


def _settle_instant(course: Course, instant: datetime.datetime) -> None:
    """Judge what depends on states rather than events, after all events of one instant."""
    if course.died is not None:
        _end_at_death(course, instant)
        return
    escalation.judge_failure(course, instant)
    for check in rules.STANDING:
        check(course, instant)
    course.board.end_unheld(instant)
    course.board.reconsider(course, instant)
    escalation.review_complications(course, instant)


def _end_at_death(course: Course, instant: datetime.datetime) -> None:
    course.board.end_at_death(instant)
    for rule, checks in rules.RULES.items() if course.notes is not None else ():
        if any(check in rules.STANDING for check in checks):
            course.say(rule, "the patient died")


def _pass_time(course: Course, until: datetime.datetime) -> None:
    """Let time pass up to, not including, `until`: what becomes so without any event."""
    while (instant := _next_by_time(course, course.now, until)) is not None:
        course.now = course.heard = instant
        _settle_instant(course, instant)


def _next_by_time(
    course: Course, after: datetime.datetime, before: datetime.datetime
) -> datetime.datetime | None:
    instants = [course.failure_due, patch_delayed_from(course)]
    for kind in reviews.REVIEWS:
        duty = course.book.current.get(kind)
        if duty is not None and not duty.suspended:
            instants.append(duty.due + TICK)
    first = None
    for instant in instants:
        if instant is not None and after < instant < before:
            first = before = instant
    return first


def _changes_at(course: Course, now: datetime.datetime) -> datetime.datetime | None:
    instants = [d.changes_at(now) for d in course.book.current.values()]
    instants += [quiet_until(d.kind, d.snoozed_until, now) for d in course.book.current.values()]
    instants.append(stage_changes_at(course, now))
    instants.append(embargo_said_until(course, now))
    start = patch_delayed_from(course)
    instants.append(start if start is not None and start > now else None)
    restrictions, due = course.book.current.get(escalation.RESTRICTIONS), course.failure_due
    if due is not None and due > now and course.still_leaking and restrictions is not None:
        instants.append(None if restrictions.suspended else due)
    return min((i for i in instants if i is not None), default=None)
