"""Corrections and voidings: a recorded event stays as it was; another says what holds instead."""

from collections.abc import Sequence
from typing import Any

import msgspec

from tracker import times
from tracker.decoding import convert
from tracker.episode.command import (
    Meta,
    as_recorded,
    before_stored,
    check_data_past,
    check_past,
    check_snooze,
    new_event,
    said_before,
    stored_under,
)
from tracker.episode.finding import find_event
from tracker.episode.validation import (
    check_names,
    checked,
)
from tracker.errors import RefusedError, UsageError
from tracker.events import NewEvent, Recorded, Role, data_fields, real_instant
from tracker.events.fields import Instant
from tracker.events.ledger import EventCorrected, EventVoided
from tracker.events.lifecycle import EpisodeOpened
from tracker.history import Entry, entries


def _entry(history: Sequence[Recorded], target: Recorded) -> Entry:
    return next(e for e in entries(history) if e.original is target)


def _check_standing(entry: Entry, verb: str) -> None:
    if entry.voided is not None:
        raise RefusedError(
            f"event {entry.event.id} is already voided (by {entry.voided}); "
            f"there is nothing to {verb}",
            hint=f"void {entry.voided} to bring it back",
        )


_FIXED = {
    "short_id": "a short id is stable for ever",
    "protocol": "use `tracker protocol adopt`",
}


def _check_correctable(target: Recorded, changes: dict[str, Any]) -> None:
    if isinstance(target.data, EventCorrected | EventVoided):
        raise RefusedError(
            f"event {target.id} is itself a {target.topic} and cannot be corrected",
            hint=f"void {target.id} and record it again",
        )
    if Role.SCHEDULER in target.data.role:
        raise RefusedError(f"{target.topic} is written by the scheduler alone")
    if isinstance(target.data, EpisodeOpened):
        for name in sorted(_FIXED.keys() & changes.keys()):
            raise RefusedError(f"{name} of an episode cannot be corrected", hint=_FIXED[name])


def _instant(value: object) -> Instant:
    try:
        return real_instant(convert(value, Instant))
    except msgspec.ValidationError:
        raise UsageError(
            f"occurred_at must be an instant with a UTC offset, not {value!r}"
        ) from None


def canonical(standing: Recorded, changes: dict[str, Any], meta: Meta) -> dict[str, Any]:
    """Return changes as they are stored: validated against the target and in canonical form.

    Raises UsageError for a field the target does not have, a value out of range or a time that
    is in the future.
    """
    if not changes:
        raise UsageError("a correction needs at least one change", hint="--set field=value")
    known = (*standing.data.__struct_fields__, "occurred_at")
    check_names(standing.topic, changes, known)
    stored: dict[str, Any] = {}
    if "occurred_at" in changes:
        when = _instant(changes["occurred_at"])
        check_past("occurred_at", when, meta)
        stored["occurred_at"] = msgspec.to_builtins(when)
    wanted = {k: v for k, v in changes.items() if k != "occurred_at"}
    fields = {**data_fields(standing.data), **wanted}
    data = checked(standing.topic, {k: v for k, v in fields.items() if v is not None})
    check_data_past(data, meta)
    if "until" in changes:
        check_snooze(data, meta)
    if isinstance(data, EpisodeOpened) and data.time_zone is not None:
        times.zone(data.time_zone)
    plain = data_fields(data)
    return stored | {name: plain.get(name) for name in wanted}


def _standing_values(standing: Recorded) -> dict[str, Any]:
    when = msgspec.to_builtins(real_instant(standing.occurred_at))
    return {**data_fields(standing.data), "occurred_at": when}


def correct(
    history: Sequence[Recorded],
    target: str,
    changes: dict[str, Any],
    reason: str,
    meta: Meta,
) -> list[NewEvent]:
    """Correct the time or data fields of an event; null removes a field.

    Raises NotFoundError, UsageError (field, range, time), RefusedError (voided, bookkeeping) and
    ConflictError (same id, other content).
    """
    known = before_stored(history, meta.id)
    aim = find_event(known, target, prefix=not meta.imported)
    entry = _entry(known, aim)
    _check_correctable(aim, changes)
    stored = canonical(entry.event, changes, meta)
    data = checked("event-corrected", {"target": aim.id, "changes": stored, "reason": reason})
    if said_before(stored_under(history, meta.id), data, meta):
        return []
    _check_standing(entry, "correct")
    values = _standing_values(entry.event)
    if all(values.get(name) == value for name, value in stored.items()):
        return []
    return [new_event(data, meta)]


def void(history: Sequence[Recorded], target: str, reason: str, meta: Meta) -> list[NewEvent]:
    """Declare an event entered in error; voiding a voiding or a correction takes that back.

    Raises NotFoundError, RefusedError (already voided, the opening, what the scheduler wrote) and
    ConflictError (same id, other content).
    """
    known = before_stored(history, meta.id)
    aim = find_event(known, target, prefix=not meta.imported)
    data = checked("event-voided", {"target": aim.id, "reason": reason})
    if said_before(stored_under(history, meta.id), data, meta):
        return []
    if isinstance(aim.data, EpisodeOpened):
        raise RefusedError(
            "the opening of an episode cannot be voided",
            hint="record episode-closed with outcome excluded instead",
        )
    if Role.SCHEDULER in aim.data.role:
        raise RefusedError(f"{aim.topic} tells what was sent and cannot be voided")
    _check_standing(_entry(history, aim), "void")
    event = new_event(data, meta)
    try:
        entries([*history, as_recorded(history, event)])
    except msgspec.ValidationError as error:
        raise RefusedError(
            f"without {aim.id} the corrections that remain contradict each other: {error}",
            hint="void the later correction first",
        ) from None
    return [event]
