"""Instants as the database holds them: whole microseconds since 1970 in UTC."""

import datetime

from tracker.events import real_instant

_EPOCH = real_instant(datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC))
_DAY = 86_400

FAR = 253_402_300_799_999_999
"""The last instant of the year 9999 in microseconds: it sorts after everything that is due."""


def micros(instant: datetime.datetime) -> int:
    """Return the microseconds from 1970 in UTC to an aware instant."""
    passed = instant - _EPOCH
    return (passed.days * _DAY + passed.seconds) * 1_000_000 + passed.microseconds


def optional_micros(instant: datetime.datetime | None) -> int | None:
    """Return the microseconds of an instant that may be missing."""
    return None if instant is None else micros(instant)


def instant(value: int) -> datetime.datetime:
    """Return the aware UTC instant that so many microseconds after 1970 is."""
    return _EPOCH + datetime.timedelta(microseconds=value)


def optional_instant(value: int | None) -> datetime.datetime | None:
    """Return an instant that may be missing; `FAR` counts as missing."""
    return None if value is None or value >= FAR else instant(value)
