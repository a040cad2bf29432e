"""Whether the clock can be right: it is not behind what was recorded."""

import datetime
from typing import NamedTuple

from tracker.errors import TrackerError
from tracker.pathway.wording import elapsed
from tracker.service import Service
from tracker.store import log, trusts
from tracker.store.trusts import Trust

TRUST = "tracker scheduler tick --trust-clock"
"""What says that the clock is right now, and another one was ahead."""


class ClockError(TrackerError):
    """The clock is behind what was already recorded."""


class Newest(NamedTuple):
    """The latest time that is on record."""

    position: int
    """Of the last event."""
    at: datetime.datetime
    trust: Trust | None
    """When the clock was last said to be right: what was recorded before that tells no time."""


def newest(service: Service) -> Newest | None:
    """Return the latest time that is on record and tells of the clock; None: there is none."""
    with service.database.reading() as conn:
        trust = next(iter(trusts.trusts(conn)), None)
        (position, _), at = log.head(conn), log.newest(conn, trust.position if trust else 0)
    known = [time for time in (at, trust and trust.at) if time is not None]
    return Newest(position, max(known), trust) if known else None


def behind(
    service: Service, now: datetime.datetime, tolerance: datetime.timedelta
) -> Newest | None:
    """Return the latest time on record if `now` is before it by more than the tolerance."""
    found = newest(service)
    return None if found is None or found.at - now <= tolerance else found


def check(service: Service, now: datetime.datetime, tolerance: datetime.timedelta) -> None:
    """Raise ClockError when `now` is before the newest event by more than the tolerance.

    What a clock that was ahead had dated, and somebody said so, does not count.
    """
    found = behind(service, now, tolerance)
    if found is None:
        return
    span = elapsed(found.at - now)
    raise ClockError(
        f"the clock says {now:%Y-%m-%d %H:%M:%S}Z, and an event was recorded at"
        f" {found.at:%Y-%m-%d %H:%M:%S}Z: the clock is {span} behind; nothing is issued",
        f"set the clock right; if it is right and it was wrong before: {TRUST}",
    )
