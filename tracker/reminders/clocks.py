"""Whether the clock can be right: it is not behind what was recorded."""

import datetime
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from tracker.errors import TrackerError
from tracker.pathway.wording import elapsed
from tracker.service import Service
from tracker.store import sequence, trusts
from tracker.store.trusts import Trust

TRUST = "tracker scheduler tick --trust-clock"
"""What says that the clock is right now, and another one was ahead."""


class ClockError(TrackerError):
    """The clock is behind what was already recorded."""

    def __init__(self, message: str, hint: str, episodes: Sequence[UUID]) -> None:
        super().__init__(message, hint)
        self.episodes = episodes
        """Which the message names."""


class Newest(NamedTuple):
    """The latest time that is on record."""

    position: int
    """Of the last event."""
    at: datetime.datetime
    trust: Trust | None
    """When the clock was last said to be right: what was recorded before that tells no time."""
    event: sequence.Dated | None = None
    """That has this time; None: it is that of the trust."""

    def is_ahead(self, now: datetime.datetime, tolerance: datetime.timedelta) -> bool:
        """Whether it is after `now` by more than the tolerance: one of two clocks is wrong."""
        return self.at - now > tolerance


def newest(service: Service) -> Newest | None:
    """Return the latest time that is on record and tells of the clock; None: there is none."""
    with service.database.reading() as conn:
        trust = next(iter(trusts.trusts(conn)), None)
        (position, _) = sequence.head(conn)
        event = sequence.newest_event(conn, trust.position if trust else 0)
    if event is None or (trust is not None and trust.at > event.at):
        return None if trust is None else Newest(position, trust.at, trust)
    return Newest(position, event.at, trust, event)


def behind(
    service: Service, now: datetime.datetime, tolerance: datetime.timedelta
) -> Newest | None:
    """Return the latest time on record if `now` is before it by more than the tolerance.

    What a clock that was ahead had dated, and somebody said so, does not count.
    """
    found = newest(service)
    return found if found is not None and found.is_ahead(now, tolerance) else None


def refusal(service: Service, found: Newest, now: datetime.datetime) -> ClockError:
    """Return the error of a clock that says `now` when a later time is on record."""
    span, event = elapsed(found.at - now), found.event
    which = "" if event is None else f" ({_which(service, event)})"
    return ClockError(
        f"the clock says {now:%Y-%m-%d %H:%M:%S}Z, and an event was recorded at"
        f" {found.at:%Y-%m-%d %H:%M:%S}Z{which}: the clock is {span} behind; nothing is issued",
        f"set the clock right; if it is right, and that time is wrong: {TRUST}",
        [event.episode] if event else [],
    )


def _which(service: Service, event: sequence.Dated) -> str:
    try:
        episode = service.episode(event.episode).name
    except TrackerError:  # neither the index nor the log can tell
        episode = str(event.episode)
    return f"position {event.position}, {episode}, by {event.actor}"
