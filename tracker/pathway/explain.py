"""Why something stands, and why something does not."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tracker.errors import NotFoundError
from tracker.events import Recorded
from tracker.nearest import did_you_mean
from tracker.pathway.book import Duty
from tracker.pathway.course import Course
from tracker.pathway.evaluate import walk
from tracker.pathway.phases import WITHDRAWN
from tracker.pathway.protocol import Protocol
from tracker.pathway.rules import JUDGES, RULES
from tracker.pathway.stage import stage_of
from tracker.pathway.status import Alert, Issue
from tracker.pathway.wording import moment


@dataclass(frozen=True, slots=True)
class Explanation:
    """A title, the reasons line by line, and where the rule is written."""

    title: str
    lines: list[str]
    sources: list[str]


def explain(
    timeline: Sequence[Recorded],
    protocol: Protocol,
    now: datetime.datetime,
    topic: str | None = None,
) -> list[Explanation]:
    """Explain a rule, a reminder or the stage, whether it stands or not; None: all that stands.

    Raises NotFoundError naming what is near when there is no such rule, kind, alert or reminder.
    """
    notes: list[tuple[str, str]] = []
    course = walk(timeline, protocol, now, notes)
    facts = {e.id: e for e in timeline}
    if topic is None:
        return _standing(course, now, facts, notes)
    if topic == "stage" or topic in protocol.stages:
        return [_stage(course, now, facts, topic)]
    if topic in course.book.duties:
        return [_duty(course, course.book.duties[topic], now, facts)]
    if topic in protocol.reminders:
        return _kind(course, topic, now, facts)
    alerts = [a for a in course.board.shown() if topic in (a.id, a.rule)]
    if alerts and topic not in protocol.rules:
        return [_alert(course, a, facts) for a in alerts]
    if topic in protocol.rules:
        active = [_alert(course, a, facts) for a in alerts]
        if any(a.active for a in alerts):
            return active
        there = {e.topic for e in timeline if e.occurred_at <= now}
        return [_absent_rule(course, topic, notes, alerts, there), *active]
    known = ["stage", *protocol.rules, *protocol.reminders, *course.book.duties]
    hint = did_you_mean(topic, known) or "tracker explain EPISODE"
    raise NotFoundError(f"{topic} is no rule, reminder or alert of this episode", hint)


def _standing(
    course: Course,
    now: datetime.datetime,
    facts: dict[str, Recorded],
    notes: list[tuple[str, str]],
) -> list[Explanation]:
    parts = [_stage(course, now, facts, "stage")]
    parts += [_alert(course, a, facts) for a in course.board.shown() if a.active]
    parts += [_duty(course, d, now, facts) for d in course.book.current.values()]
    return parts


def _event(name: str, facts: dict[str, Recorded]) -> str:
    event = facts.get(name)
    return f"{name}: {event.topic}, {moment(event.occurred_at)}" if event else name


def _stage(
    course: Course, now: datetime.datetime, facts: dict[str, Recorded], asked: str
) -> Explanation:
    stage = stage_of(course, now)
    words = course.protocol.stages[stage]
    lines = [f"at {moment(now)} the stage is {stage}: {words.title}"]
    if asked not in ("stage", stage):
        lines.insert(0, f"the stage is not {asked}: the first stage that fits is {stage}")
    since = course.leak_since
    rests = f" since {_event(since.id, facts)}" if since else ""
    lines.append(f"leak state: {course.leak}{rests}")
    lines.append(_clock("conservative management (C)", course.conservative, facts))
    lines.append(_clock("dural breach (D)", course.breach_before(now), facts))
    if course.interventions:
        lines.append(
            f"interventions: {len(course.interventions)}, "
            f"latest {_event(course.interventions[-1].id, facts)}"
        )
    else:
        lines.append("no intervention so far")
    return Explanation(f"stage {stage}", lines, [words.source])


def _clock(name: str, mark: object, facts: dict[str, Recorded]) -> str:
    if mark is None:
        return f"{name}: unknown"
    inferred = ", inferred" if getattr(mark, "inferred", False) else ""
    return f"{name}: {_event(str(getattr(mark, 'id', '')), facts)}{inferred}"


def _alert(course: Course, alert: Alert, facts: dict[str, Recorded]) -> Explanation:
    state = "active" if alert.active else f"ended {moment(alert.until or alert.since)}"
    lines = [f"{alert.text}; {alert.severity}, {state}, raised {moment(alert.since)}"]
    lines += [f"rests on {_event(i, facts)}" for i in alert.because]
    if alert.acknowledged_by:
        lines.append(f"acknowledged by {alert.acknowledged_by}")
    elif alert.active and course.board.alerts[alert.id].gone:
        lines.append("its ground is gone; it stays until somebody acknowledges it")
    return Explanation(
        f"{alert.rule} is {'' if alert.active else 'no longer '}raised", lines, [alert.source]
    )


def _absent_rule(
    course: Course,
    rule: str,
    notes: list[tuple[str, str]],
    past: list[Alert],
    there: Collection[str],
) -> Explanation:
    words = course.protocol.rules[rule]
    lines = [f"it is raised when: {words.when}"]
    latest = max((n for n, (r, _) in enumerate(notes) if r == ""), default=0)
    acts = bool(JUDGES.get(rule))
    told = [t for n, (r, t) in enumerate(notes) if r == rule and (acts or n > latest)]
    lines += list(dict.fromkeys(told))
    if not told and not past:
        lines.append(_nothing(sorted(JUDGES.get(rule, ())), there))
    because = lines[1] if len(lines) > 1 else "it was acknowledged or has ended"
    return Explanation(f"{rule} is not raised because {because}", lines, [words.source])


def _nothing(topics: Sequence[str], there: Collection[str]) -> str:
    """Say that nothing has come about that a rule judges, of the topics that it looks at."""
    present, absent = [t for t in topics if t in there], [t for t in topics if t not in there]
    alone = f"{', '.join(present)} alone, " if present else ""
    if not absent:
        return f"nothing to judge in {', '.join(present)}" if present else "nothing to judge"
    return f"nothing to judge: {alone}none of {', '.join(absent)}"


def _duty(
    course: Course, duty: Duty, now: datetime.datetime, facts: dict[str, Recorded]
) -> Explanation:
    words = course.protocol.reminders[duty.kind]
    status = duty.status(now)
    lines = [
        words.text,
        f"opens: {words.opens} = {moment(duty.opens)}",
        f"due: {words.due} = {moment(duty.due)}",
        f"settled by: {words.settled}",
    ]
    lines += [f"rests on {_event(i, facts)}" for i in duty.because]
    if duty.ended_at is not None:
        by = f" by {_event(duty.settled_by, facts)}" if duty.settled_by else ""
        lines.append(f"{status} at {moment(duty.ended_at)}{by}")
    lines += [_issue(issue, facts) for issue in duty.issued]
    reason = duty.reason or next(iter(duty.suspended), None)
    if reason:
        lines.append(f"reason: {reason}")
    lines += [f"{i} came before the opening and settles nothing" for i in duty.too_early]
    return Explanation(f"{duty.kind} is {status}", lines, [words.source])


def _issue(issue: Issue, facts: dict[str, Recorded]) -> str:
    """Return what a scheduler put on record, when and why: `overdue issued at ...`."""
    what = "withdrawn" if issue.phase == WITHDRAWN else f"{issue.phase} issued"
    if issue.skipped and issue.phase != WITHDRAWN:
        what = f"{issue.phase} skipped on record"
    reason = getattr(facts[issue.event].data, "reason", None) if issue.event in facts else None
    return f"{what} at {moment(issue.at)}{f': {reason}' if reason else ''}"


def _gone(course: Course, kind: str, facts: dict[str, Recorded]) -> list[str]:
    """Return what was put on record of reminders that are there no more."""
    lines = []
    for name, (of, issues) in course.orphans.items():
        if of == kind:
            lines.append(f"{name} stood, and its ground was corrected or voided")
            lines += [f"{name}: {_issue(issue, facts)}" for issue in issues]
    return lines


def _kind(
    course: Course, kind: str, now: datetime.datetime, facts: dict[str, Recorded]
) -> list[Explanation]:
    duties = [d for d in course.book.duties.values() if d.kind == kind]
    duties.sort(key=lambda d: d.ended is not None)
    told = [_duty(course, d, now, facts) for d in duties]
    gone = _gone(course, kind, facts)
    if kind in course.book.current:
        told[0].lines.extend(gone)
        return told
    words = course.protocol.reminders[kind]
    lines = [f"it opens: {words.opens}"]
    never = "as it is known now, that has not come about" if gone else "that has not come about"
    lines.append(f"earlier ones: {len(told)}" if told else never)
    lines += gone
    lines.append(f"leak state {course.leak}; stage {stage_of(course, now)}")
    lines.append(_clock("conservative management (C)", course.conservative, facts))
    latest = course.interventions[-1] if course.interventions else None
    lines.append(_clock("latest intervention (I)", latest, facts))
    return [Explanation(f"{kind} is not owed", lines, [words.source]), *told]


def rule_ids() -> list[str]:
    """Return every rule that has a check."""
    return sorted({*RULES, "possible-duplicate"})
