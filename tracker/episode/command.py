"""What every command carries, and the checks that every event passes."""

import datetime
import uuid
from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec

from tracker.errors import ConflictError, RefusedError, UsageError
from tracker.events import EventData, NewEvent, Recorded, data_fields, real_instant
from tracker.events.fields import Instant
from tracker.events.ledger import ReminderSnoozed
from tracker.pathway.status import Status

Judge: TypeAlias = Callable[[Sequence[Recorded]], Status]
"""Evaluates a history now; rules that ask for a reason look at its answer."""

IMPORT = "import"
SCHEDULER = "scheduler"


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """Who says it, when it was true and when we learned it."""

    now: Instant
    """The system's clock: becomes `recorded_at`."""
    actor: str
    occurred_at: Instant | None = None
    """Absent: now; a repetition under the same id then matches whatever the time."""
    id: str | None = None
    """The idempotency key, if the client has one."""
    on_behalf_of: str | None = None
    source: str = "cli"
    longest_snooze: datetime.timedelta | None = None
    """For how long the site lets a reminder be kept quiet; None: as long as is wished."""

    @property
    def imported(self) -> bool:
        """Whether the event comes from a file: facts of the past, which are never asked back."""
        return self.source.partition(":")[0] == IMPORT

    @property
    def person(self) -> str:
        """The person who says it."""
        return self.on_behalf_of or self.actor


def stored_under(history: Sequence[Recorded], event_id: str | None) -> Recorded | None:
    """Return the event of that id, if the episode has it."""
    if event_id is None:
        return None
    return next((event for event in history if event.id == event_id), None)


def before_stored(history: Sequence[Recorded], event_id: str | None) -> Sequence[Recorded]:
    """Return the history as it was when the event of that id was decided on; all if it is new."""
    stored = stored_under(history, event_id)
    return history if stored is None else history[: list(history).index(stored)]


def differences(stored: NewEvent, data: EventData, meta: Meta) -> list[str]:
    """Return the fields in which a stored event differs from what is said now under its id."""
    if stored.topic != data.topic:
        return ["event"]
    differing = []
    if meta.occurred_at is not None and meta.occurred_at != stored.occurred_at:
        differing.append("occurred_at")
    if data != stored.data:
        before, after = data_fields(stored.data), data_fields(data)
        names = sorted(before.keys() | after.keys())
        differing += [n for n in names if before.get(n) != after.get(n)]
    return differing


def said_before(stored: NewEvent | None, data: EventData, meta: Meta) -> bool:
    """Tell whether exactly this is already recorded under its id.

    Raises ConflictError when the id is recorded with other content.
    """
    if stored is None:
        return False
    differing = differences(stored, data, meta)
    if differing:
        raise ConflictError(
            f"event {stored.id} is already recorded as {stored.topic} with other content "
            f"(differs: {', '.join(differing)})",
            hint="use another id for another event, or `tracker correct` to change this one",
        )
    return True


def new_event(data: EventData, meta: Meta) -> NewEvent:
    """Return the event to append.

    Raises UsageError for a time in the future or an id that is too long, RefusedError for a
    snooze that is longer than the site allows.
    """
    occurred_at = meta.now if meta.occurred_at is None else meta.occurred_at
    check_past("occurred_at", occurred_at, meta)
    check_data_past(data, meta)
    check_snooze(data, meta)
    if meta.id is not None and not 1 <= len(meta.id) <= 200:
        raise UsageError("an event id has 1 to 200 characters")
    return NewEvent(
        id=str(uuid.uuid4()) if meta.id is None else meta.id,
        occurred_at=real_instant(occurred_at),
        recorded_at=real_instant(meta.now),
        actor=meta.actor,
        source=meta.source,
        data=data,
        on_behalf_of=meta.on_behalf_of,
    )


_PAST = frozenset({"onset_at", "ended_at"})
"""Instants inside the data that tell what has been, not what is planned."""
_INSTANTS = _PAST | {"planned_for", "until"}
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def check_data_past(data: EventData, meta: Meta) -> None:
    """Raise UsageError when an instant inside the data cannot have come yet."""
    for name in _INSTANTS.intersection(data.__struct_fields__):
        value = getattr(data, name)
        if value is None:
            continue
        if name in _PAST:
            check_past(name, value, meta)
        elif not _FIRST_YEAR <= value.year <= _LAST_YEAR:
            raise UsageError(f"{name} {_written(value)} is not a time of this or the last century")


def check_snooze(data: EventData, meta: Meta) -> None:
    """Raise RefusedError when a reminder would be kept quiet for longer than the site allows."""
    longest = meta.longest_snooze
    if longest is None or not isinstance(data, ReminderSnoozed) or data.until is None:
        return
    latest = meta.now + longest
    if data.until > latest:
        hours = longest / datetime.timedelta(hours=1)
        span = f"{hours / 24:g}d" if hours % 24 == 0 else f"{hours:g}h"
        raise RefusedError(
            f"a reminder can be snoozed for {span} at most, until "
            f"{_written(latest.replace(microsecond=0))}",
            hint=f"--until +{span}; when it comes back it can be snoozed again",
        )


def check_past(name: str, value: Instant, meta: Meta) -> None:
    """Raise UsageError when what is said to have happened has not."""
    if value > meta.now:
        raise UsageError(
            f"{name} {_written(value)} is in the future; now is {_written(meta.now)}",
            hint="record what has happened; plans go into `planned_for` of an order",
        )
    if value.year < _FIRST_YEAR:
        raise UsageError(f"{name} {_written(value)} is before {_FIRST_YEAR}")


def _written(value: Instant) -> str:
    text: str = msgspec.to_builtins(real_instant(value))
    return text


def as_recorded(history: Sequence[Recorded], event: NewEvent) -> Recorded:
    """Return the event as it would stand at the end of a history that is not empty."""
    return Recorded.of(event, history[0].episode, history[-1].version + 1)
