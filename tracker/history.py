"""Stored events -> timeline: corrections applied, voided events removed, ordered by what was true.

Two time axes: `known_at` (what we knew: events recorded by then) and `at` (how it was: events that
had occurred by then, by what is known). Corrections and voidings hold from when they were recorded,
whatever their own `occurred_at`. Late entry therefore needs no special case.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from tracker.events import Recorded, data_fields, data_from, real_instant
from tracker.events.ledger import (
    MISTIMED,
    EventCorrected,
    EventVoided,
    ReminderIssued,
    ReminderSkipped,
)
from tracker.events.lifecycle import EpisodeErased, EpisodeOpened


def erasure(history: Sequence[Recorded]) -> Recorded | None:
    """Return the event by which an episode was erased, None if it was not."""
    erased = bool(history) and isinstance(history[-1].data, EpisodeErased)
    return history[-1] if erased else None


class Entry(msgspec.Struct, frozen=True):
    """One recorded event as it now stands, for whoever reads the record."""

    event: Recorded
    """The event with every correction known applied."""
    voided: str | None
    """Id of the event that voided it."""
    corrected_by: tuple[str, ...]
    """Ids of the corrections that hold, in recorded order."""
    original: Recorded
    """The event as it was recorded."""


def _voided_by(history: Sequence[Recorded]) -> dict[str, str]:
    """Return, by id, what voided each event; a voiding that is itself voided voids nothing."""
    voided: dict[str, str] = {}
    for event in reversed(history):
        if isinstance(event.data, EventVoided) and event.id not in voided:
            voided[event.data.target] = event.id
    return voided


def corrected(event: Recorded, changes: dict[str, Any]) -> Recorded:
    """Return the event with new values: `occurred_at`, data fields, or both; null removes one.

    Raises msgspec.ValidationError when the changed event could not be true.
    """
    fields = {**data_fields(event.data), **changes}
    occurred_at = fields.pop("occurred_at", None)
    data = data_from(event.topic, {k: v for k, v in fields.items() if v is not None})
    when = event.occurred_at if occurred_at is None else _instant(occurred_at)
    return msgspec.structs.replace(event, data=data, occurred_at=when)


def _instant(value: str | datetime.datetime) -> datetime.datetime:
    if isinstance(value, str):
        value = datetime.datetime.fromisoformat(value)
    return real_instant(value)


def entries(history: Iterable[Recorded], known_at: datetime.datetime | None = None) -> list[Entry]:
    """Return every event known at `known_at` (default: all) as it stands, in recorded order."""
    known = [e for e in history if known_at is None or e.recorded_at <= known_at]
    voided = _voided_by(known)
    changes: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for event in known:
        if isinstance(event.data, EventCorrected) and event.id not in voided:
            changes.setdefault(event.data.target, []).append((event.id, event.data.changes))
    result = []
    for event in known:
        stands, ids = event, []
        for correction, values in changes.get(event.id, ()):
            stands = corrected(stands, values)
            ids.append(correction)
        result.append(Entry(stands, voided.get(event.id), tuple(ids), event))
    return result


_BOOKKEEPING = (EventCorrected, EventVoided)


def taken_back(history: Sequence[Recorded]) -> frozenset[str]:
    """Return the ids of issues that a clock which was ahead had dated, and of what says so.

    What takes them back was recorded after them and has an earlier time.
    """
    latest: dict[str, Recorded] = {}
    for event in history:
        if isinstance(event.data, ReminderSkipped) and event.data.phase == MISTIMED:
            latest[event.data.reminder] = event
    if not latest:
        return frozenset()
    return frozenset(event.id for event in history if _is_taken_back(event, latest))


def _is_taken_back(event: Recorded, latest: Mapping[str, Recorded]) -> bool:
    if not isinstance(event.data, ReminderIssued | ReminderSkipped):
        return False
    if event.data.phase == MISTIMED:
        return True
    by = latest.get(event.data.reminder)
    return by is not None and event.version < by.version and event.recorded_at > by.recorded_at


def _place(event: Recorded) -> tuple[datetime.datetime, int, int]:
    """Order by what was true; of one instant the opening comes first, then as events rank."""
    rank = 0 if isinstance(event.data, EpisodeOpened) else event.data.rank
    return event.occurred_at, rank, event.version


def timeline(
    history: Iterable[Recorded],
    at: datetime.datetime | None = None,
    known_at: datetime.datetime | None = None,
) -> list[Recorded]:
    """Return the events that hold, as corrected, up to `at`, in the order in which they were true.

    Of one instant, findings come before interventions, orders and drugs, and what is said of
    the record itself comes last; then recorded order. The opening is always there: it tells the
    time zone and the protocol, whatever is asked about. What a clock that was ahead had issued, and
    was taken back, counts for nothing.
    """
    history = list(history)
    if erased := erasure(history):
        return [erased]  # of what came before only the shape is left
    if any(isinstance(e.data, _BOOKKEEPING) for e in history):
        standing = [entry.event for entry in entries(history, known_at) if entry.voided is None]
    else:
        standing = [e for e in history if known_at is None or e.recorded_at <= known_at]
    nothing = taken_back(standing)
    holding = [
        e
        for e in standing
        if (at is None or e.occurred_at <= at or isinstance(e.data, EpisodeOpened))
        and not isinstance(e.data, _BOOKKEEPING)
        and e.id not in nothing
    ]
    holding.sort(key=_place)
    return holding
