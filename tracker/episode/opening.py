"""Opening an episode, and the short id by which people call it."""

import datetime
import secrets
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from tracker import times
from tracker.episode.amending import correct
from tracker.episode.command import Meta, new_event, said_before, stored_under
from tracker.errors import ConflictError, RefusedError
from tracker.events import NewEvent, Recorded, data_fields
from tracker.events.lifecycle import EpisodeOpened
from tracker.history import entries

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
IMPLIED = "implied-opening"
"""Id of an opening that nobody recorded: an import named an episode not seen before."""

_GIVEN_BY_SYSTEM = ("reference", "short_id", "time_zone", "protocol")


def new_short_id(taken: Callable[[str], bool]) -> str:
    """Return a short id that is not taken; it grows when five characters keep colliding."""
    length = 5
    while True:
        for _ in range(8):
            text = "E-" + "".join(secrets.choice(CROCKFORD) for _ in range(length))
            if not taken(text):
                return text
        length += 1


def open_episode(
    history: Sequence[Recorded],
    data: EpisodeOpened,
    meta: Meta,
    *,
    short_id: str,
    protocol: str,
    time_zone: str,
    others: Sequence[str] = (),
) -> list[NewEvent]:
    """Open an episode; `history` is empty unless the reference is already somebody's.

    `others` are the patient's open episodes. Raises RefusedError when there are some and no
    reason is given for another, ConflictError when the reference is taken.
    """
    if history:
        return _opened_before(history, data, meta)
    if others and not data.another_reason and not meta.imported:
        raise RefusedError(
            f"patient {data.patient} has an open episode: {', '.join(others)}",
            hint="record into it, or open another one with --another REASON",
        )
    times.zone(data.time_zone or time_zone)
    filled = msgspec.structs.replace(
        data,
        short_id=short_id,
        time_zone=data.time_zone or time_zone,
        protocol=data.protocol or protocol,
    )
    return [new_event(filled, meta)]


def _as_given(data: EpisodeOpened, stored: EpisodeOpened) -> EpisodeOpened:
    """Return what is said now, with what the system added when it was stored."""
    added = {
        name: getattr(stored, name) for name in _GIVEN_BY_SYSTEM if getattr(data, name) is None
    }
    return msgspec.structs.replace(data, **added)


def _opened_before(history: Sequence[Recorded], data: EpisodeOpened, meta: Meta) -> list[NewEvent]:
    stored = stored_under(history, meta.id)
    if stored is not None and isinstance(stored.data, EpisodeOpened):
        said_before(stored, _as_given(data, stored.data), meta)
        return []
    opened = history[0].data
    name = getattr(opened, "short_id", None) or str(history[0].episode)
    raise ConflictError(
        f"reference {data.reference!r} is already episode {name}",
        hint=f"record into {name}, or choose another reference",
    )


def fill_opening(history: Sequence[Recorded], data: EpisodeOpened, meta: Meta) -> list[NewEvent]:
    """Take an opening that comes after the episode exists, as imports may bring it.

    After an implied opening it fills what is missing there, as a correction; what stands already
    needs no event; anything else is refused.
    """
    stored = stored_under(history, meta.id)
    opening = history[0]
    if stored is opening and isinstance(opening.data, EpisodeOpened):
        said_before(stored, _as_given(data, opening.data), meta)
        return []
    if stored is not None:
        return _filled_before(history, stored, data, meta)
    standing = entries(history)[0].event
    given = _news(data, opening, standing)
    clashing = _clashing(given, data_fields(standing.data), history)
    if clashing:
        raise RefusedError(
            f"the episode is open already, with another {' and '.join(clashing)}",
            hint=f"`tracker correct EPISODE {opening.id} --set {clashing[0]}=... --reason ...`",
        )
    changes = given | _earlier(standing.occurred_at, meta, opening)
    if not changes:
        return []
    return correct(history, opening.id, changes, "opening told after the fact", meta)


def _news(data: EpisodeOpened, opening: Recorded, standing: Recorded) -> dict[str, Any]:
    """Return what is given and is neither what was first said nor what stands."""
    known = (data_fields(opening.data), data_fields(standing.data))
    return {
        name: value
        for name, value in data_fields(data).items()
        if all(fields.get(name) != value for fields in known)
    }


def _filled_before(
    history: Sequence[Recorded], stored: Recorded, data: EpisodeOpened, meta: Meta
) -> list[NewEvent]:
    """Accept the line that a stored filling came from, and nothing else under its id."""
    then = entries(history[: stored.version])[0].event
    differing = list(_news(data, history[0], then))
    if meta.occurred_at not in (None, stored.occurred_at):
        differing.append("occurred_at")
    if stored.topic != "event-corrected":
        differing = ["event"]
    if differing:
        raise ConflictError(
            f"event {stored.id} is already recorded with other content "
            f"(differs: {', '.join(differing)})",
            hint=f"`tracker correct EPISODE {history[0].id}` changes an opening",
        )
    return []


def _clashing(
    given: dict[str, Any], values: dict[str, Any], history: Sequence[Recorded]
) -> list[str]:
    if history[0].id != IMPLIED:
        return sorted(given)
    # Nobody has named the zone of an implied opening until a correction does.
    named = {name for event in history for name in getattr(event.data, "changes", ())}
    free = {"time_zone"} - named
    return sorted(name for name in given if name in values and name not in free)


def _earlier(opened_at: datetime.datetime, meta: Meta, opening: Recorded) -> dict[str, Any]:
    when = meta.occurred_at
    if opening.id != IMPLIED or when is None or when >= opened_at:
        return {}
    return {"occurred_at": when}
