"""What differs between two statuses of an episode: stage, leak, reminders, alerts."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from tracker.pathway.status import Alert, Reminder, Status

Subject = Literal["stage", "leak", "urgent", "protocol", "coordinator", "reminder", "alert"]
How = Literal["came", "went", "changed", "moved", "ended"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference, with the rule behind it and where that is written."""

    subject: Subject
    how: How
    name: str
    """The kind of the reminder, the rule of the alert, else the subject."""
    text: str
    before: str | None = None
    after: str | None = None
    id: str | None = None
    source: str = ""
    because: tuple[str, ...] = ()


def changes(before: Status | None, after: Status) -> list[Change]:
    """Return what is other in `after`; without `before`, all that stands."""
    return [
        *_plain(before, after),
        *_reminders(before, after),
        *_alerts(before, after),
    ]


_PLAIN: tuple[Subject, ...] = ("stage", "leak", "urgent", "protocol", "coordinator")


def _plain(before: Status | None, after: Status) -> Iterator[Change]:
    for name in _PLAIN:
        old = None if before is None else _word(getattr(before, name))
        new = _word(getattr(after, name))
        if old != new:
            text = f"{name} {old} -> {new}" if old is not None else f"{name} {new}"
            how: How = "came" if before is None else "changed"
            yield Change(subject=name, how=how, name=name, text=text, before=old, after=new)


def _word(value: object) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)


def _reminders(before: Status | None, after: Status) -> Iterator[Change]:
    old = {r.id: r for r in before.reminders} if before is not None else {}
    for reminder in after.reminders:
        was = old.pop(reminder.id, None)
        if was is None:
            yield _reminder(reminder, "came", f"{reminder.status}, {_window(reminder)}")
            continue
        if _window(was) != _window(reminder):
            yield _reminder(reminder, "moved", f"{_window(was)} -> {_window(reminder)}", was)
        if was.status != reminder.status:
            why = f" ({reminder.reason})" if reminder.reason else ""
            how: How = "changed" if reminder.live else "ended"
            yield _reminder(reminder, how, f"{was.status} -> {reminder.status}{why}", was)
        yield from _handling(was, reminder)
    for reminder in old.values():
        yield _reminder(reminder, "went", f"was {reminder.status}; its ground is gone", reminder)


def _handling(was: Reminder, reminder: Reminder) -> Iterator[Change]:
    for issue in reminder.issued[len(was.issued) :]:
        verb = "skipped" if issue.skipped else "issued"
        yield _reminder(reminder, "changed", f"{issue.phase} {verb}", was)
    if was.acknowledged_by != reminder.acknowledged_by:
        yield _reminder(reminder, "changed", f"seen by {reminder.acknowledged_by}", was)
    if was.snoozed_until != reminder.snoozed_until:
        quiet = "no longer quiet"
        if reminder.snoozed_until is not None:
            quiet = f"quiet until {_instant(reminder.snoozed_until)}"
        yield _reminder(reminder, "changed", quiet, was)


def _instant(value: object) -> str:
    text: str = msgspec.to_builtins(value)
    return text


def _window(reminder: Reminder) -> str:
    return f"opens {_instant(reminder.opens_at)}, due {_instant(reminder.due_at)}"


def _reminder(reminder: Reminder, how: How, text: str, was: Reminder | None = None) -> Change:
    return Change(
        subject="reminder",
        how=how,
        name=reminder.kind,
        text=f"{reminder.kind}: {text}",
        before=None if was is None else was.status,
        after=None if how == "went" else reminder.status,
        id=reminder.id,
        source=reminder.source,
        because=reminder.because,
    )


def _alerts(before: Status | None, after: Status) -> Iterator[Change]:
    old = {a.id: a for a in before.alerts} if before is not None else {}
    for alert in after.alerts:
        was = old.pop(alert.id, None)
        if was is None:
            over = "" if alert.active else ", already over"
            yield _alert(alert, "came", f"raised ({alert.severity}{over}): {alert.text}")
        elif was.active != alert.active:
            how: How = "came" if alert.active else "ended"
            yield _alert(alert, how, "raised again" if alert.active else "over")
        elif was.severity != alert.severity:
            yield _alert(alert, "changed", f"{was.severity} -> {alert.severity}")
        if was is not None and was.acknowledged_by != alert.acknowledged_by:
            yield _alert(alert, "changed", f"seen by {alert.acknowledged_by}")
    for alert in old.values():
        yield _alert(alert, "went", "its ground is gone")


def _alert(alert: Alert, how: How, text: str) -> Change:
    state = "active" if alert.active else "over"
    return Change(
        subject="alert",
        how=how,
        name=alert.rule,
        text=f"{alert.rule}: {text}",
        after=None if how == "went" else state,
        id=alert.id,
        source=alert.source,
        because=alert.because,
    )
