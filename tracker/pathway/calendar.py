"""Elapsed hours, and calendar days and months in the episode's own time zone."""

import datetime
import functools

import whenever

from tracker.events import real_instant


@functools.cache
def hours(number: float) -> datetime.timedelta:
    """Return elapsed hours; they ignore changes of the clock."""
    return datetime.timedelta(hours=number)


@functools.lru_cache(maxsize=8192)
def plus_days(start: datetime.datetime, days: int, zone: str) -> datetime.datetime:
    """Return the same local time `days` calendar days later, as a UTC instant.

    A local time that does not exist moves past the gap; of one that occurs twice it is the first.
    """
    local = whenever.Instant(start).to_tz(zone)
    return _utc(local.add(days=days, disambiguation="compatible"))


@functools.lru_cache(maxsize=8192)
def plus_months(start: datetime.datetime, months: int, zone: str) -> datetime.datetime:
    """Return the same local time `months` later; a month's end clamps (30 Nov + 3 = 28 Feb)."""
    local = whenever.Instant(start).to_tz(zone)
    return _utc(local.add(months=months, disambiguation="compatible"))


@functools.lru_cache(maxsize=8192)
def end_of_day(start: datetime.datetime, days: int, zone: str) -> datetime.datetime:
    """Return the last instant of the local day that is `days` after that of `start`."""
    following = whenever.Instant(start).to_tz(zone).date().add(days=days + 1)
    midnight = following.at(whenever.Time()).assume_tz(zone, disambiguation="compatible")
    return _utc(midnight) - datetime.timedelta(microseconds=1)


def _utc(local: whenever.ZonedDateTime) -> datetime.datetime:
    return real_instant(local.to_instant().to_stdlib())
