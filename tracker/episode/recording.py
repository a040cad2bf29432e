"""Recording any event: what each topic asks for before it is appended."""

from collections.abc import Sequence

import msgspec

from tracker.episode.amending import correct, void
from tracker.episode.command import (
    SCHEDULER,
    Judge,
    Meta,
    as_recorded,
    new_event,
    said_before,
    stored_under,
)
from tracker.episode.finding import find_event
from tracker.episode.followup import decide_alert, decide_reminder
from tracker.episode.opening import fill_opening
from tracker.errors import NotFoundError, RefusedError
from tracker.events import EventData, NewEvent, Recorded, Role
from tracker.events.ledger import (
    AlertAcknowledged,
    EventCorrected,
    EventVoided,
    ReminderAcknowledged,
    ReminderSnoozed,
    ReminderWaived,
)
from tracker.events.lifecycle import EpisodeClosed, EpisodeOpened
from tracker.events.procedures import BloodPatchOrdered

ORDER_RULES = ("patch-too-early", "patch-during-rebound")
REVIEWS = ("early-review", "intermediate-review", "late-review")


def record(
    history: Sequence[Recorded],
    data: EventData,
    meta: Meta,
    *,
    judge: Judge,
    block: bool = False,
) -> list[NewEvent]:
    """Decide on one event of any topic for an episode that exists.

    Returns nothing when exactly this is recorded already under its id. `block`: an early or
    rebound patch order is refused, not only asked a reason for. An import is never asked for
    reasons. Raises UsageError, NotFoundError, RefusedError and ConflictError.
    """
    special = _special(history, data, meta, judge)
    if special is not None:
        return special
    if not meta.imported:
        data = _with_order(history, data)
    if said_before(stored_under(history, meta.id), data, meta):
        return []
    if Role.SCHEDULER in data.role and meta.source != SCHEDULER:
        raise RefusedError(f"{data.topic} is written by the scheduler alone")
    event = new_event(data, meta)
    if not meta.imported:
        _check_order(history, event, judge, block)
        _check_closing(history, event, judge)
    return [event]


def _special(
    history: Sequence[Recorded], data: EventData, meta: Meta, judge: Judge
) -> list[NewEvent] | None:
    """Decide on what is about other events or the record itself; None for everything else."""
    match data:
        case EventCorrected():
            return correct(history, data.target, data.changes, data.reason, meta)
        case EventVoided():
            return void(history, data.target, data.reason, meta)
        case EpisodeOpened():
            return _open(history, data, meta)
        case AlertAcknowledged():
            return decide_alert(history, data, meta, judge)
        case ReminderAcknowledged() | ReminderSnoozed() | ReminderWaived():
            return decide_reminder(history, data, meta, judge)
        case _:
            return None


def _open(history: Sequence[Recorded], data: EpisodeOpened, meta: Meta) -> list[NewEvent]:
    if not meta.imported:
        raise RefusedError(
            "the episode is open already", hint="`tracker open` opens another episode"
        )
    return fill_opening(history, data, meta)


def _with_order(history: Sequence[Recorded], data: EventData) -> EventData:
    """Read the order that is named, by id or its beginning; raises NotFoundError."""
    order = getattr(data, "order", None)
    if order is None:
        return data
    event = find_event(history, order)
    if Role.ORDER not in event.data.role:
        raise NotFoundError(f"event {event.id} is {event.topic}, not an order")
    return msgspec.structs.replace(data, order=event.id)


def _check_order(history: Sequence[Recorded], event: NewEvent, judge: Judge, block: bool) -> None:
    if not isinstance(event.data, BloodPatchOrdered):
        return
    if event.data.reason and not block:
        return
    status = judge([*history, as_recorded(history, event)])
    against = [a for a in status.alerts if a.rule in ORDER_RULES and event.id in a.because]
    if not against:
        return
    grounds = "; ".join(f"{a.text} ({a.source})" for a in against)
    if block:
        raise RefusedError(
            f"the protocol refuses this order: {grounds}",
            hint="order it for a later time with --planned-for; a patch done is always recorded",
        )
    raise RefusedError(f"this order needs a reason: {grounds}", hint="add --reason")


def _check_closing(history: Sequence[Recorded], event: NewEvent, judge: Judge) -> None:
    if not isinstance(event.data, EpisodeClosed) or event.data.reason:
        return
    if event.data.outcome in ("died", "excluded"):
        return
    owed = [r for r in judge(history).reminders if r.kind in REVIEWS and r.live]
    if owed:
        listed = ", ".join(f"{r.kind} (due {r.due_at:%Y-%m-%d %H:%M}Z)" for r in owed)
        raise RefusedError(f"reviews are still owed: {listed}", hint="close it with --reason")
