"""Decisions on who looks after an episode and by which protocol it is judged."""

from collections.abc import Sequence

from tracker.episode.command import Judge, Meta, new_event, said_before, stored_under
from tracker.episode.validation import checked
from tracker.events import NewEvent, Recorded
from tracker.history import timeline
from tracker.pathway import protocol_name


def assign(history: Sequence[Recorded], to: str, meta: Meta, judge: Judge) -> list[NewEvent]:
    """Give the episode to somebody; nothing when it is theirs already."""
    data = checked("episode-assigned", {"to": to})
    if said_before(stored_under(history, meta.id), data, meta):
        return []
    if meta.occurred_at is None and judge(history).coordinator == to:
        return []
    return [new_event(data, meta)]


def adopt(
    history: Sequence[Recorded], protocol: str, reason: str | None, meta: Meta
) -> list[NewEvent]:
    """Judge the episode by another protocol version from now on; nothing when it is already.

    The caller has made sure that the protocol exists.
    """
    fields = {"protocol": protocol} | ({"reason": reason} if reason else {})
    data = checked("protocol-adopted", fields)
    if said_before(stored_under(history, meta.id), data, meta):
        return []
    if meta.occurred_at is None and protocol_name(timeline(history)) == protocol:
        return []
    return [new_event(data, meta)]
