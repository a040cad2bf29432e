"""Whether the clock can be right: it is not behind what was recorded."""

import datetime

from tracker.errors import TrackerError
from tracker.service import Service
from tracker.store import log


class ClockError(TrackerError):
    """The clock is behind what was already recorded."""


def check(service: Service, now: datetime.datetime, tolerance: datetime.timedelta) -> None:
    """Raise ClockError when `now` is before the newest event by more than the tolerance."""
    with service.database.reading() as conn:
        newest = log.newest(conn)
    if newest is None or newest - now <= tolerance:
        return
    behind = str(newest - now).partition(".")[0]
    raise ClockError(
        f"the clock says {now:%Y-%m-%d %H:%M:%S}Z, and an event was recorded at"
        f" {newest:%Y-%m-%d %H:%M:%S}Z: the clock is {behind} behind; nothing is issued",
        "set the clock right; if it is right and it was wrong before: "
        "tracker scheduler tick --trust-clock",
    )
