"""What a command that records did: the event, the stage before and after, what else changed."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tracker.audit.changes import gone, paired, reminder_changes
from tracker.cli import away, rights, telling
from tracker.cli.clocks import in_zone
from tracker.cli.documents import alert_document, event_document, reminder_document
from tracker.cli.failures import say
from tracker.cli.render import Column, plain, print_line, write_csv, write_document
from tracker.decoding import convert
from tracker.episode.command import as_recorded
from tracker.episode.remarks import remarks
from tracker.errors import NotFoundError
from tracker.events import NewEvent, Recorded
from tracker.events.fields import Instant
from tracker.pathway.phases import quiet_until
from tracker.pathway.status import LIVE, Alert, Status
from tracker.prefixes import short_names, shortened
from tracker.times import local

if TYPE_CHECKING:
    from projections.index import EpisodeRef
    from tracker.appending import Appended
    from tracker.cli.session import Session

Decide = Callable[[list[Recorded]], list[NewEvent]]
_INSTANT: Any = Instant


@dataclass(frozen=True)
class Outcome:
    """The answer to a command that records."""

    episode: "EpisodeRef | None"
    name: str
    """What people call the episode."""
    events: Sequence[Recorded]
    before: Status | None
    after: Status | None
    """None when it cannot be evaluated: the facts are safe, the lists lag."""
    parked: bool = False
    dry_run: bool = False
    already: bool = False
    """Nothing was appended: it was true already."""
    history: Sequence[Recorded] = ()
    """The whole episode, with what was recorded."""
    remarks: Sequence[str] = ()
    """What was recorded as told and does not do what one might think."""
    unnamed: bool = False
    """Whether the ids were made up for a dry run: what is recorded later has others."""


def record(
    session: "Session",
    ref: "EpisodeRef",
    decide: Decide,
    dry_run: bool,
    event_id: str | None,
    fmt: str,
) -> None:
    """Decide and append, or with `dry_run` only decide; write what it came to.

    Then tell of what is urgent in it, whether the answer was taken or not. Raises NotFoundError for
    an episode that was named by the beginning of its reference: what is recorded is of one patient.
    """
    if session.loosely is not None:
        raise NotFoundError(
            f"there is no episode {session.loosely!r}, but {ref.label}",
            f"if that is the one: {ref.name}",
        )
    if dry_run:
        report(session, _previewed(session, ref, decide, event_id), fmt)
        return
    done = session.service().append(ref.uuid, decide)
    if done.events:
        session.looks.discharge([done.episode.uuid])
    try:
        report(session, appended(done, event_id), fmt)
    finally:
        telling.tell(session, [done])  # receivers may take their time


def appended(done: "Appended", event_id: str | None = None) -> Outcome:
    """Return what an append came to; one that was made before shows the event of that id."""
    events = done.events or _under(done.history, event_id)
    return Outcome(
        done.episode,
        done.episode.name,
        events,
        done.before,
        done.after,
        done.parked,
        already=not done.events,
        history=done.history,
    )


def _previewed(
    session: "Session", ref: "EpisodeRef", decide: Decide, event_id: str | None
) -> Outcome:
    history = session.service().history(ref.uuid)
    judge = session.judge()
    before, after = judge(history), list(history)
    for event in decide(history):
        after.append(as_recorded(after, event))
    added = after[len(history) :] or _under(history, event_id)
    return Outcome(
        ref,
        ref.name,
        added,
        before,
        judge(after),
        dry_run=True,
        already=len(after) == len(history),
        history=after,
        unnamed=event_id is None,
    )


def _under(history: Sequence[Recorded], event_id: str | None) -> list[Recorded]:
    return [e for e in history if event_id is not None and e.id == event_id]


def _alerts(outcome: Outcome) -> dict[str, list[Alert]]:
    if outcome.after is None:
        return {"raised": [], "ended": [], "withdrawn": []}
    before, after = _active(outcome.before), _active(outcome.after)
    withdrawn = gone(before, outcome.after.alerts)
    return {
        "raised": gone(after, before),
        "ended": [alert for alert in gone(before, after) if alert not in withdrawn],
        "withdrawn": withdrawn,
    }


def _active(status: Status | None) -> list[Alert]:
    return [alert for alert in status.alerts if alert.active] if status else []


_OPENED = ("scheduled", "open", "overdue")


def _reminders(outcome: Outcome) -> dict[str, list[dict[str, Any]]]:
    changed: dict[str, list[dict[str, Any]]] = {"opened": [], "changed": [], "withdrawn": []}
    if outcome.after is None:
        return changed
    earlier = outcome.before.reminders if outcome.before else ()
    for was, reminder in paired(earlier, outcome.after.reminders):
        if was is None:
            kind = "opened" if reminder.status in _OPENED else "changed"
            changed[kind].append(reminder_document(reminder) | {"was": None})
        elif any(reminder_changes(was, reminder)):
            changed["changed"].append(reminder_document(reminder) | {"was": was.status})
    withdrawn = gone(earlier, outcome.after.reminders)
    changed["withdrawn"] = [reminder_document(r) | {"was": r.status} for r in withdrawn]
    return changed


def document(outcome: Outcome) -> dict[str, Any]:
    """Return the answer as JSON shows it."""
    events = [event_document(event) for event in outcome.events]
    found: dict[str, Any] = {
        "episode": outcome.name,
        "event": events[0] if events else None,
        "recorded": not (outcome.dry_run or outcome.already),
        "stage": {
            "before": outcome.before.stage if outcome.before else None,
            "after": outcome.after.stage if outcome.after else None,
        },
        "urgent": outcome.after.urgent if outcome.after else None,
        "incomplete": outcome.parked,
        "remarks": list(outcome.remarks),
        "alerts": {k: [alert_document(a) for a in v] for k, v in _alerts(outcome).items()},
        "reminders": _reminders(outcome),
    }
    if len(events) > 1:
        found["events"] = events
    return found | ({"dry_run": True} if outcome.dry_run else {})


def report(session: "Session", outcome: Outcome, fmt: str) -> None:
    """Write the answer in the asked format; say on stderr what needs attention.

    Raises RefusedError where nothing was recorded, and the role may record nothing.
    """
    if outcome.already and not outcome.dry_run:
        rights.require_for_nothing(session.service())
    outcome = replace(outcome, remarks=_remarks(session, outcome))
    if outcome.parked:
        say(
            f"Recorded, but the lists could not be updated: {outcome.name} is shown as "
            "incomplete until `tracker projections rebuild`."
        )
    if fmt in ("json", "ndjson"):
        write_document(document(outcome), indent=2 if fmt == "json" else 0)
    elif fmt == "csv":
        rows = [row | {"data": plain(row["data"])} for row in map(event_document, outcome.events)]
        keys = ("id", "event", "occurred_at", "recorded_at", "actor", "on_behalf_of", "data")
        write_csv(rows, [Column(key, key) for key in keys])
    else:
        for line in lines(outcome):
            print_line(line)


def _remarks(session: "Session", outcome: Outcome) -> list[str]:
    if outcome.already or outcome.after is None:
        return []
    protocol = session.protocol_of(outcome.history)
    return [r for event in outcome.events for r in remarks(outcome.history, event, protocol)]


def lines(outcome: Outcome) -> list[str]:
    """Return the answer in words."""
    zone = outcome.after.time_zone if outcome.after else "UTC"
    found = [_headline(outcome, event, zone) for event in outcome.events]
    if not found:
        found = [f"Already true; nothing to record in {outcome.name}."]
    found += [f"Note: {remark}" for remark in outcome.remarks]
    found.append(_stage_line(outcome))
    alerts = _alerts(outcome)
    told = [
        f"Alert raised: {a.rule} ({a.severity}): {in_zone(a.text, zone)} [{a.source}]"
        for a in alerts["raised"]
    ]
    for how in ("ended", "withdrawn"):
        told += [f"Alert {how}: {a.rule}" for a in alerts[how]]
    names = short_names(event.id for event in outcome.history)
    return found + [shortened(line, names) for line in [*told, *_reminder_lines(outcome, zone)]]


def _reminder_lines(outcome: Outcome, zone: str) -> list[str]:
    """Return what is owed now or has changed; what is only planned is counted."""
    if outcome.after is None:
        return []
    reminders, now = _reminders(outcome), outcome.after.at
    planned = [r for r in reminders["opened"] if r["status"] == "scheduled"]
    found = [
        _reminder_line(how, r, now, zone)
        for how, changed in reminders.items()
        for r in changed
        if r not in planned
    ]
    if planned:
        found.append(f"Reminders scheduled: {len(planned)} (tracker show {outcome.name})")
    return found


def _headline(outcome: Outcome, event: Recorded, zone: str) -> str:
    verb = "Recorded"
    if outcome.dry_run:
        verb = "Would record"
    if outcome.already:
        verb = "Already recorded"
    when = f"{local(event.occurred_at, zone)} {zone} ({plain(event.occurred_at)})"
    what = event.topic if outcome.unnamed else f"{event.topic} {event.id}"
    return f"{verb} {what} in {outcome.name} at {when}"


def _stage_line(outcome: Outcome) -> str:
    if outcome.after is None:
        return "Stage: not known until the episode is caught up"
    urgent = ", URGENT" if outcome.after.urgent else ""
    before, after = outcome.before.stage if outcome.before else None, outcome.after.stage
    if before is None:
        return f"Stage: {after}{urgent}"
    if before != after:
        return f"Stage: {before} -> {after}{urgent}"
    note = ""
    if before in away.AWAY and not outcome.already:
        why = away.reason(before, outcome.events, outcome.history)
        note = f"; the episode stays {before}: {why}"
    return f"Stage: {after} (unchanged{note}){urgent}"


def _quiet(reminder: dict[str, Any], now: datetime.datetime, zone: str) -> str:
    """Return until when a reminder is quiet, if it is, or that it cannot be made so."""
    if "snoozed_until" not in reminder or reminder["status"] not in LIVE:
        return ""
    until = convert(reminder["snoozed_until"], _INSTANT)
    if until <= now:
        return ""
    if quiet_until(reminder["kind"], until, now) is None:
        return "; NOT quiet: no snooze hides what is urgent"
    return f"; quiet until {local(until, zone)}"


def _reminder_line(how: str, reminder: dict[str, Any], now: datetime.datetime, zone: str) -> str:
    def there(key: str) -> str:
        return local(convert(reminder[key], _INSTANT), zone)

    if how == "withdrawn":
        return f"Reminder withdrawn: {reminder['kind']}"
    window = f"opens {there('opens_at')}, due {there('due_at')}"
    was = f"{reminder['was']} -> " if reminder["was"] not in (None, reminder["status"]) else ""
    why = f" ({reminder['reason']})" if reminder.get("reason") else ""
    seen = f"; seen by {reminder['acknowledged_by']}" if "acknowledged_by" in reminder else ""
    quiet = _quiet(reminder, now, zone)
    return f"Reminder {reminder['kind']}: {was}{reminder['status']}{why}, {window}{seen}{quiet}"
