"""Decisions on what is owed and what is wrong: acknowledge, snooze, waive."""

from collections.abc import Sequence
from typing import TypeAlias, TypeVar

import msgspec

from tracker.episode.command import Judge, Meta, new_event, said_before, stored_under
from tracker.episode.validation import checked
from tracker.errors import NotFoundError, RefusedError, UsageError
from tracker.events import NewEvent, Recorded
from tracker.events.fields import Instant
from tracker.events.ledger import (
    AlertAcknowledged,
    ReminderAcknowledged,
    ReminderSnoozed,
    ReminderWaived,
)
from tracker.nearest import did_you_mean
from tracker.pathway.status import Alert, Reminder, Status
from tracker.prefixes import short_names, shortened

ReminderDecision: TypeAlias = ReminderAcknowledged | ReminderSnoozed | ReminderWaived


def _listed(status: Status) -> str:
    names = short_names(r.id.partition(":")[2] for r in status.reminders)
    owed = [f"{r.kind} ({shortened(r.id, names)}, {r.status})" for r in status.reminders if r.live]
    alerts = [f"{a.rule} ({a.id})" for a in status.alerts if a.active]
    return f"reminders: {', '.join(owed) or 'none'}; alerts: {', '.join(alerts) or 'none'}"


def find_reminder(status: Status, ref: str) -> Reminder | None:
    """Return the reminder of that id, the live one of that kind, or the only one beginning so."""
    exact = [r for r in status.reminders if r.id == ref]
    kind = [r for r in status.reminders if r.kind == ref]
    live = [r for r in kind if r.live]
    near = [] if kind else [r for r in status.reminders if r.id.startswith(ref)]
    return next((found[0] for found in (exact, live, near) if len(found) == 1), None)


def find_alerts(status: Status, ref: str) -> list[Alert]:
    """Return the alert of that id, every active one of that rule, or else its last one."""
    exact = [a for a in status.alerts if a.id == ref]
    named = [a for a in status.alerts if a.rule == ref]
    return exact or [a for a in named if a.active] or named[-1:]


def _unknown(status: Status, ref: str) -> NotFoundError:
    over = [r for r in status.reminders if r.kind == ref]
    if over:
        last = over[-1]
        return NotFoundError(
            f"no {ref} is owed now; the last one is {last.status}", hint=_listed(status)
        )
    known = [r.kind for r in status.reminders if r.live]
    known += [a.rule for a in status.alerts if a.active]
    near = did_you_mean(ref, known)
    hint = "\n".join(filter(None, (near, _listed(status))))
    return NotFoundError(f"there is no reminder or alert {ref!r}", hint=hint)


def acknowledge(
    history: Sequence[Recorded], ref: str, meta: Meta, judge: Judge, note: str | None = None
) -> list[NewEvent]:
    """Record that somebody saw a reminder or an alert; nothing when that person did already.

    Raises NotFoundError, listing what is there, when nothing is called so.
    """
    stored = stored_under(history, meta.id)
    status = judge(history)
    alerts = find_alerts(status, ref)
    if find_reminder(status, ref) is None and (
        alerts or isinstance(stored and stored.data, AlertAcknowledged)
    ):
        data = _checked(AlertAcknowledged, alert=ref, note=note)
        return decide_alert(history, data, meta, judge)
    seen = _checked(ReminderAcknowledged, reminder=ref, reason=note)
    return decide_reminder(history, seen, meta, judge)


def snooze(
    history: Sequence[Recorded],
    ref: str,
    until: Instant | None,
    reason: str | None,
    meta: Meta,
    judge: Judge,
) -> list[NewEvent]:
    """Keep a reminder quiet until a later time.

    Raises NotFoundError, UsageError when `until` is missing or over, and RefusedError when it is
    further ahead than the site allows.
    """
    data = _checked(ReminderSnoozed, reminder=ref, until=until, reason=reason)
    return decide_reminder(history, data, meta, judge)


def waive(
    history: Sequence[Recorded], ref: str, reason: str | None, meta: Meta, judge: Judge
) -> list[NewEvent]:
    """Decide that what a reminder asks for will not be done.

    Raises NotFoundError, RefusedError when no reason is given or nothing is owed any more.
    """
    data = _checked(ReminderWaived, reminder=ref, reason=reason)
    return decide_reminder(history, data, meta, judge)


_Data = TypeVar("_Data", AlertAcknowledged, ReminderAcknowledged, ReminderSnoozed, ReminderWaived)


def _checked(cls: type[_Data], **fields: object) -> _Data:
    data = checked(cls.topic, {k: v for k, v in fields.items() if v is not None})
    if not isinstance(data, cls):
        raise TypeError(f"{data.topic} is not {cls.topic}")
    return data


def decide_alert(
    history: Sequence[Recorded], data: AlertAcknowledged, meta: Meta, judge: Judge
) -> list[NewEvent]:
    """Decide on an alert-acknowledged; a rule becomes the ids of its active alerts.

    Whoever acknowledges a rule has seen what was there: an alert that a late entry brings later
    is another one.
    """
    stored = stored_under(history, meta.id)
    if stored is not None and isinstance(stored.data, AlertAcknowledged):
        data = _as_acknowledged(data, stored.data)
    if said_before(stored, data, meta):
        return []
    if meta.imported:
        return [new_event(data, meta)]
    status = judge(history)
    alerts = find_alerts(status, data.alert)
    if not alerts:
        raise _unknown(status, data.alert)
    unseen = [a for a in alerts if a.acknowledged_by != meta.person]
    if not unseen:
        return []
    if data.alert == alerts[0].rule:
        unseen = [a for a in unseen if a.active]
        if not unseen:
            raise NotFoundError(f"no {data.alert} alert is active now", hint=_listed(status))
    return [
        new_event(
            msgspec.structs.replace(data, alert=alert.id),
            meta if number == 0 else msgspec.structs.replace(meta, id=None),
        )
        for number, alert in enumerate(unseen)
    ]


def _as_acknowledged(data: AlertAcknowledged, stored: AlertAcknowledged) -> AlertAcknowledged:
    """Read a rule as the alert that it meant when it was stored."""
    if stored.alert.startswith(f"{data.alert}:"):
        return msgspec.structs.replace(data, alert=stored.alert)
    return data


def decide_reminder(
    history: Sequence[Recorded], data: ReminderDecision, meta: Meta, judge: Judge
) -> list[NewEvent]:
    """Decide on an acknowledgement, snooze or waiver; a kind becomes the live reminder's id."""
    stored = stored_under(history, meta.id)
    if stored is not None and isinstance(stored.data, ReminderDecision):
        data = _as_stored(data, stored.data)
    if said_before(stored, data, meta):
        return []
    if meta.imported:
        return [new_event(data, meta)]
    _check_asked(data, meta)
    status = judge(history)
    reminder = find_reminder(status, data.reminder)
    if reminder is None:
        last = [r for r in status.reminders if r.kind == data.reminder][-1:]
        if last and _already(data, last[0], meta):
            return []
        raise _unknown(status, data.reminder)
    if _already(data, reminder, meta):
        return []
    if not reminder.live and reminder.status != "suspended":
        raise RefusedError(f"{reminder.kind} is {reminder.status}; nothing is owed any more")
    resolved = msgspec.structs.replace(data, reminder=reminder.id, kind=reminder.kind)
    return [new_event(resolved, meta)]


def _as_stored(data: ReminderDecision, stored: ReminderDecision) -> ReminderDecision:
    """Read a kind as the reminder that it meant when it was stored."""
    if data.reminder in (stored.reminder, stored.kind):
        return msgspec.structs.replace(data, reminder=stored.reminder, kind=stored.kind)
    return data


def _check_asked(data: ReminderDecision, meta: Meta) -> None:
    if isinstance(data, ReminderWaived) and not data.reason:
        raise RefusedError("waiving a reminder needs a reason", hint="add --reason")
    if isinstance(data, ReminderSnoozed):
        if data.until is None:
            raise UsageError("snoozing needs a time", hint="add --until, such as +24h")
        if data.until <= meta.now:
            raise UsageError("a reminder is snoozed until a time that is still to come")


def _already(data: ReminderDecision, reminder: Reminder, meta: Meta) -> bool:
    match data:
        case ReminderAcknowledged():
            # Grounds that came later make it owed again, whoever saw the earlier ones.
            anew = reminder.live and reminder.kind == "complication-review"
            return reminder.acknowledged_by == meta.person and not anew
        case ReminderSnoozed():
            return reminder.snoozed_until == data.until
        case _:
            return reminder.status == "waived"
