"""What differs between two statuses of an episode: stage, leak, reminders, alerts."""

import datetime
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, TypeVar

import msgspec

from tracker.pathway.phases import URGENT_KIND
from tracker.pathway.status import Alert, Reminder, Status

Subject = Literal["stage", "leak", "urgent", "protocol", "coordinator", "reminder", "alert"]
How = Literal["came", "changed", "moved", "ended", "withdrawn"]
"""How it differs; docs/glossary.md tells what ended and withdrawn mean."""

WITHDRAWN = "withdrawn: as it is known now, it never came about"


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


StageSource = Callable[[Status], str]
"""Tells where the guideline says what is done in the stage of a status."""


def unsourced(_status: Status) -> str:
    """Tell of no source."""
    return ""


def changes(
    before: Status | None, after: Status, stage_source: StageSource = unsourced
) -> list[Change]:
    """Return what is other in `after`; without `before`, all that stands."""
    return [
        *_plain(before, after, stage_source),
        *_reminders(before, after),
        *_alerts(before, after),
    ]


_PLAIN: tuple[Subject, ...] = ("stage", "leak", "urgent", "protocol", "coordinator")


def _plain(before: Status | None, after: Status, stage_source: StageSource) -> Iterator[Change]:
    for name in _PLAIN:
        old = None if before is None else _word(getattr(before, name))
        new = _word(getattr(after, name))
        if old != new:
            text = f"{name} {old} -> {new}" if old is not None else f"{name} {new}"
            how: How = "came" if before is None else "changed"
            source = stage_source(after) if name == "stage" else ""
            yield Change(
                subject=name, how=how, name=name, text=text, before=old, after=new, source=source
            )


def _word(value: object) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)


Item = TypeVar("Item", Reminder, Alert)


def paired(before: Iterable[Item], after: Iterable[Item]) -> Iterator[tuple[Item | None, Item]]:
    """Yield each item of `after` with what it was before; None: it was not there."""
    old = {item.id: item for item in before}
    for item in after:
        yield old.get(item.id), item


def gone(before: Iterable[Item], after: Iterable[Item]) -> list[Item]:
    """Return the items of `before` that are not there any more."""
    there = {item.id for item in after}
    return [item for item in before if item.id not in there]


def _reminders(before: Status | None, after: Status) -> Iterator[Change]:
    earlier = before.reminders if before else ()
    for was, reminder in paired(earlier, after.reminders):
        if was is None:
            yield _reminder(reminder, "came", f"{reminder.status}, {_window(reminder)}")
        else:
            yield from reminder_changes(was, reminder)
    for was in gone(earlier, after.reminders):
        yield _reminder(was, "withdrawn", WITHDRAWN, was)


def reminder_changes(was: Reminder, reminder: Reminder) -> Iterator[Change]:
    """Yield what is other about a reminder: its window, its status, what was done with it."""
    if (was.opens_at, was.due_at) != (reminder.opens_at, reminder.due_at):
        yield _reminder(reminder, "moved", f"{_window(was)} -> {_window(reminder)}", was)
    if was.status != reminder.status:
        why = f" ({reminder.reason})" if reminder.reason else ""
        how: How = "changed" if reminder.live else "ended"
        yield _reminder(reminder, how, f"{was.status} -> {reminder.status}{why}", was)
    yield from _handling(was, reminder)


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
            if reminder.kind == URGENT_KIND:
                quiet = f"snoozed until {_instant(reminder.snoozed_until)}, which does not hide it"
        yield _reminder(reminder, "changed", quiet, was)


def _instant(value: datetime.datetime) -> str:
    text: str = msgspec.to_builtins(value.replace(microsecond=0))
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
        after=None if how == "withdrawn" else reminder.status,
        id=reminder.id,
        source=reminder.source,
        because=reminder.because,
    )


def _alerts(before: Status | None, after: Status) -> Iterator[Change]:
    earlier = before.alerts if before else ()
    for was, alert in paired(earlier, after.alerts):
        if was is None:
            ended = "" if alert.active else ", already ended"
            yield _alert(alert, "came", f"raised ({alert.severity}{ended}): {alert.text}")
        else:
            yield from _alert_changes(was, alert)
    for was in gone(earlier, after.alerts):
        yield _alert(was, "withdrawn", WITHDRAWN)


def _alert_changes(was: Alert, alert: Alert) -> Iterator[Change]:
    if was.active != alert.active:
        how: How = "came" if alert.active else "ended"
        yield _alert(alert, how, "raised again" if alert.active else "ended")
    elif was.severity != alert.severity:
        yield _alert(alert, "changed", f"{was.severity} -> {alert.severity}")
    if was.since != alert.since:
        since = f"raised {_instant(was.since)} -> {_instant(alert.since)}"
        yield _alert(alert, "moved", f"{since}: {alert.text}")
    elif was.text != alert.text:
        yield _alert(alert, "changed", f"now: {alert.text}")
    if was.acknowledged_by != alert.acknowledged_by:
        yield _alert(alert, "changed", f"seen by {alert.acknowledged_by}")


def _alert(alert: Alert, how: How, text: str) -> Change:
    state = "active" if alert.active else "ended"
    return Change(
        subject="alert",
        how=how,
        name=alert.rule,
        text=f"{alert.rule}: {text}",
        after=None if how == "withdrawn" else state,
        id=alert.id,
        source=alert.source,
        because=alert.because,
    )
