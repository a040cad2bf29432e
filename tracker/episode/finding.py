"""Which event of an episode is meant: its id, the beginning of its id, or `last`."""

from collections.abc import Sequence

from tracker import times
from tracker.episode.command import stored_under
from tracker.errors import NotFoundError
from tracker.events import Recorded, Role
from tracker.events.lifecycle import EpisodeOpened
from tracker.history import entries
from tracker.prefixes import short_names

LAST = "last"
"""Means the clinical event that was recorded last and is not voided."""
_LISTED = 10


def find_event(history: Sequence[Recorded], text: str, prefix: bool = True) -> Recorded:
    """Return the event of that id, else `last`, else the only one whose id begins so.

    Raises NotFoundError, listing what is there, when there is none or more than one. Without
    `prefix` only an id will do.
    """
    exact = stored_under(history, text)
    if exact is not None:
        return exact
    near = [e for e in history if text and e.id.startswith(text)] if prefix else []
    if prefix and text == LAST:
        near = _last(history)
    if len(near) == 1:
        return near[0]
    if near:
        hint = _listing(history, near, "one of these, newest first")
        raise NotFoundError(f"more than one event begins with {text!r}", hint=hint)
    if text == LAST:
        raise NotFoundError("nothing clinical is recorded that is not voided")
    hint = _listing(history, history, "last, or one of these, newest first")
    raise NotFoundError(f"the episode has no event {text!r}", hint=hint)


def _last(history: Sequence[Recorded]) -> list[Recorded]:
    standing = [entry.original for entry in entries(history) if entry.voided is None]
    return [event for event in standing if _tells_of_the_patient(event)][-1:]


def _tells_of_the_patient(event: Recorded) -> bool:
    about_the_record = Role.LEDGER in event.data.role or Role.SCHEDULER in event.data.role
    return not about_the_record and not isinstance(event.data, EpisodeOpened)


def _listing(history: Sequence[Recorded], listed: Sequence[Recorded], title: str) -> str:
    zone = next((e.data.time_zone for e in history if isinstance(e.data, EpisodeOpened)), None)
    stands = {entry.event.id: entry.event.occurred_at for entry in entries(history)}
    names = short_names(event.id for event in history)
    lines = [
        f"{names[e.id]}  {e.topic}  {times.local(stands[e.id], zone or 'UTC')}"
        for e in reversed(listed[-_LISTED:])
    ]
    more = [f"and {len(listed) - _LISTED} older ones"] if len(listed) > _LISTED else []
    return "\n".join([f"{title}:", *lines, *more])
