"""Quiet hours, and the hour of a daily digest, as clocks on the wall show them."""

import datetime
import re
from typing import NamedTuple

from tracker.errors import UsageError
from tracker.events import real_instant
from tracker.times import zone

_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
_DAY = datetime.timedelta(days=1)


class Hours(NamedTuple):
    """From a time of day until another, which may be on the next day."""

    start: datetime.time
    end: datetime.time

    @classmethod
    def parse(cls, text: str) -> "Hours":
        """Read `22:00-07:00`. Raises UsageError."""
        if not _HOURS.fullmatch(text):
            raise UsageError(f"{text!r} are no hours", hint="two digits each, as in 22:00-07:00")
        start, end = (datetime.time.fromisoformat(part) for part in text.split("-"))
        hours = cls(start, end)
        if hours.start == hours.end:
            raise UsageError(f"{text!r} begin when they end", hint="leave them out for none")
        return hours


def quiet_until(hours: Hours, zone_name: str, now: datetime.datetime) -> datetime.datetime | None:
    """Return when the quiet hours that `now` falls into end; None outside of them.

    `now` is in them from their start on and no longer at their end. Where clocks skip the start or
    the end, it is as much later; where they show it twice, the first time counts.
    """
    now = real_instant(now)
    today = now.astimezone(zone(zone_name)).date()
    nights = 1 if hours.start > hours.end else 0
    for day in (today - _DAY, today):
        start = _instant(day, hours.start, zone_name)
        end = _instant(day + nights * _DAY, hours.end, zone_name)
        if start <= now < end:
            return end
    return None


def latest(hour: int, zone_name: str, now: datetime.datetime) -> datetime.datetime:
    """Return the last instant up to `now` at which clocks came to show that full hour."""
    now = real_instant(now)
    today = now.astimezone(zone(zone_name)).date()
    at = _instant(today, datetime.time(hour), zone_name)
    return at if at <= now else _instant(today - _DAY, datetime.time(hour), zone_name)


def _instant(day: datetime.date, time: datetime.time, zone_name: str) -> datetime.datetime:
    there = datetime.datetime.combine(day, time, zone(zone_name))
    return real_instant(there.astimezone(datetime.UTC))
