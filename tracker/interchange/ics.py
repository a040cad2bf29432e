"""Reminders as a calendar: one VEVENT each, which a later export updates in place."""

import datetime
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from icalendar import Calendar, Event

from tracker.events import Recorded
from tracker.pathway import Protocol, Status
from tracker.pathway.status import Reminder
from tracker.reminders.message import command_for

_UIDS = uuid.UUID("0f6a7f0c-9d0e-4f57-8f0b-5f2a5d0f6c3e")
_MOMENT = datetime.timedelta(minutes=15)
"""How long an event is shown whose window opens when it is due."""

Evaluate = Callable[[Sequence[Recorded], datetime.datetime], Status]


@dataclass(frozen=True)
class Entry:
    """A reminder that is, or was, in the calendar."""

    reminder: Reminder
    live: bool
    sequence: int
    """Rises whenever the window changes, or the words may, and when it ends or comes back."""
    revised_at: datetime.datetime
    """When that was recorded; if time alone did it, when the event before was."""


class _Shown(NamedTuple):
    reminder: Reminder
    protocol: str
    """It has the words."""


def anybodys(_: Status) -> bool:
    """Whether an episode is in the calendar of everybody: always."""
    return True


def entries(
    history: Sequence[Recorded],
    evaluate: Evaluate,
    now: datetime.datetime,
    theirs: Callable[[Status], bool] = anybodys,
) -> list[Entry]:
    """Return every reminder that a calendar made at any time since the opening may hold.

    The history is walked as it was recorded: what was shown before and after each event tells when
    a reminder last changed, and what has gone without a trace, such as that of a voided patch.
    `theirs`: whether the episode is in the calendar; what was in it and is no longer has ended.
    """
    latest: dict[str, _Shown] = {}
    changed: dict[str, int] = {}
    shown: dict[str, _Shown] = {}
    for step, now_shown in _steps(history, evaluate, now, theirs):
        names = {**shown, **now_shown}
        changed |= {n: step for n in names if _moved(shown.get(n), now_shown.get(n))}
        latest |= now_shown
        shown = now_shown
    found = [
        Entry(
            last.reminder,
            name in shown,
            _sequence(changed[name], live=name in shown),
            history[changed[name] // 2].recorded_at,
        )
        for name, last in latest.items()
    ]
    return sorted(found, key=lambda e: (e.reminder.opens_at, e.reminder.id))


def _sequence(step: int, *, live: bool) -> int:
    """Return what rises with each step, and of one step is higher where the reminder is live.

    What one coordinator loses in a step another gets, under the same UID.
    """
    return 2 * step + live


def _steps(
    history: Sequence[Recorded],
    evaluate: Evaluate,
    now: datetime.datetime,
    theirs: Callable[[Status], bool],
) -> Iterator[tuple[int, dict[str, _Shown]]]:
    """Yield what is live after each event, an even step, and once time has passed, an odd one."""
    for number, event in enumerate(history):
        known = history[: number + 1]
        yield 2 * number, _live(evaluate(known, event.recorded_at), theirs)
        following = now if number + 1 == len(history) else history[number + 1].recorded_at
        yield 2 * number + 1, _live(evaluate(known, following), theirs)


def _live(status: Status, theirs: Callable[[Status], bool]) -> dict[str, _Shown]:
    if not theirs(status):
        return {}
    return {r.id: _Shown(r, status.protocol) for r in status.reminders if r.live}


def _moved(before: _Shown | None, after: _Shown | None) -> bool:
    if before is None or after is None:
        return before is not after
    return _told(before) != _told(after)


def _told(shown: _Shown) -> tuple[object, ...]:
    """Return what an event tells, and what its words come from."""
    reminder = shown.reminder
    return reminder.opens_at, reminder.due_at, reminder.source, shown.protocol


def calendar(name: str, events: Iterable[Event]) -> bytes:
    """Return events as a calendar of that name; the same events give the same bytes."""
    found = Calendar()
    found.add("prodid", "-//csf-tracker//reminders//EN")
    found.add("version", "2.0")
    found.add("x-wr-calname", _printable(name).replace("\n", " "))
    for event in events:
        found.add_component(event)
    raw: bytes = found.to_ical()
    return raw


def vevents(
    episode: uuid.UUID, name: str, entries: Iterable[Entry], protocol: Protocol
) -> Iterator[Event]:
    """Yield the events of an episode, called by `name`, its short id; nothing tells whose it is."""
    for entry in entries:
        reminder = entry.reminder
        event = Event()
        event.add("uid", f"{uuid.uuid5(_UIDS, f'{episode}|{reminder.id}')}@csf-tracker")
        event.add("sequence", entry.sequence)
        event.add("dtstamp", entry.revised_at)
        event.add("dtstart", reminder.opens_at)
        event.add("dtend", _end(reminder))
        event.add("summary", _printable(f"{name} {protocol.reminders[reminder.kind].text}"))
        command = command_for(reminder.kind, name)
        event.add("description", _printable(f"Run: {command}\nSource: {reminder.source}"))
        event.add("categories", [reminder.kind])
        event.add("status", "CONFIRMED" if entry.live else "CANCELLED")
        event.add("transp", "TRANSPARENT")
        yield event


def _end(reminder: Reminder) -> datetime.datetime:
    if reminder.due_at > reminder.opens_at:
        return reminder.due_at
    return reminder.opens_at + _MOMENT


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable() or c == "\n")
