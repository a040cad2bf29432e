"""What a correction or a voiding did, told from the history in which it was made."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from tracker.events import Recorded
from tracker.events.ledger import EventCorrected, EventVoided
from tracker.history import corrected, entries


class FieldChange(msgspec.Struct, frozen=True, kw_only=True):
    """The value of a field before and after; None: it had, or has, none."""

    field: str
    """A field of the data, or `occurred_at`."""
    before: Any
    after: Any


class Amendment(msgspec.Struct, frozen=True, kw_only=True):
    """Which event was corrected or voided, and why."""

    how: Literal["corrects", "voids"]
    target: Recorded
    """The event as it stood just before."""
    changes: tuple[FieldChange, ...] = ()
    """What a correction changed; a field that was given the value it had is left out."""
    reason: str


def amendment(history: Sequence[Recorded], event: Recorded) -> Amendment | None:
    """Return what an event of this history corrected or voided; None when it did neither."""
    if not isinstance(event.data, EventCorrected | EventVoided):
        return None
    target = _as_it_stood(history, event, event.data.target)
    if target is None:
        return None
    if isinstance(event.data, EventVoided):
        return Amendment(how="voids", target=target, reason=event.data.reason)
    after = corrected(target, event.data.changes)
    return Amendment(
        how="corrects",
        target=target,
        changes=differences(target, after),
        reason=event.data.reason,
    )


def _as_it_stood(history: Sequence[Recorded], amending: Recorded, target: str) -> Recorded | None:
    before = [e for e in history if e.version < amending.version]
    return next((e.event for e in entries(before) if e.event.id == target), None)


def differences(before: Recorded, after: Recorded) -> tuple[FieldChange, ...]:
    """Return what differs between two forms of one event: its time, and fields of its data."""
    found = []
    if before.occurred_at != after.occurred_at:
        found.append(("occurred_at", before.occurred_at, after.occurred_at))
    for name in after.data.__struct_fields__:
        old, new = getattr(before.data, name), getattr(after.data, name)
        if old != new:
            found.append((name, old, new))
    return tuple(FieldChange(field=f, before=old, after=new) for f, old, new in found)
