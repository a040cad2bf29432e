"""Times as people write them, resolved in the episode's zone against a given now.

Understood: ISO 8601 with or without an offset, `now`, `today 14:00`, `yesterday 14:00`, `tomorrow
14:00`, weekdays (`monday 09:00`), `+48h`, `3d ago`. Hours are elapsed time; days, weeks and months
are calendar units in the zone. A local time that a clock change skips or repeats is refused with
both readings; nothing is guessed.
"""

import calendar
import datetime
import re
import zoneinfo
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from tracker.errors import UsageError
from tracker.events import real_instant
from tracker.nearest import did_you_mean

if TYPE_CHECKING:
    import whenever

GRAMMAR = (
    "write 2026-03-01 14:00 (the episode's zone), 2026-03-01T14:00+01:00, now, today 14:00, "
    "yesterday 14:00, monday 09:00, +48h or 3d ago"
)
Direction = Literal["past", "future"]
Instants = Callable[[str, Direction], datetime.datetime]
"""Reads a time that somebody wrote about one episode, in its zone."""
YEARS = (1900, 2200)
"""A time outside these years is a slip of the finger."""

_UNITS = {
    "s": "seconds",
    "sec": "seconds",
    "min": "minutes",
    "h": "hours",
    "d": "days",
    "w": "weeks",
    "mo": "months",
}
_LONG = {
    **{
        f"{word}{s}": _UNITS[short]
        for word, short in (
            ("second", "s"),
            ("minute", "min"),
            ("hour", "h"),
            ("day", "d"),
            ("week", "w"),
            ("month", "mo"),
        )
        for s in ("", "s")
    },
    "hr": "hours",
    "hrs": "hours",
    "mins": "minutes",
    "secs": "seconds",
}
_PART = re.compile(r"([0-9]{1,6})\s*([a-z]+)\s*")
_WEEKDAYS = {name.lower(): i for i, name in enumerate(calendar.day_name)}
_WEEKDAYS |= {name[:3]: i for name, i in list(_WEEKDAYS.items())}
_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1}
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_ISO = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})(?:[T ]\s*(\S+(?: ?[+-]\S+)?))?")
_MONTHS = "|".join(name.lower() for name in calendar.month_abbr[1:])
_YEARLESS = re.compile(
    rf"(?:[0-9]{{1,2}}[.-]?\s*(?:{_MONTHS})|(?:{_MONTHS})[a-z]*\.?\s*[0-9]{{1,2}}\b(?!\d)"
    r"|[0-9]{1,2}[-.][0-9]{1,2}(?:[-.][0-9]{2,4})?\.?(?:\s|$))"
)


@lru_cache(maxsize=64)
def zone(name: str) -> zoneinfo.ZoneInfo:
    """Return the IANA time zone of that name. Raises UsageError with near names."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        hint = did_you_mean(name, zoneinfo.available_timezones()) or "such as Europe/Berlin"
        raise UsageError(f"{name!r} is not an IANA time zone", hint=hint) from None


def local(instant: datetime.datetime, zone_name: str, *, precise: bool = True) -> str:
    """Write an instant as a clock there shows it, with its offset; `precise`: seconds too."""
    there = real_instant(instant).astimezone(zone(zone_name))
    seconds = ":%S" if precise and there.second else ""
    offset = there.strftime("%z")
    return f"{there:%Y-%m-%d %H:%M}{there.strftime(seconds)} {offset[:3]}:{offset[3:5]}"


def resolve(
    text: str, zone_name: str, now: datetime.datetime, direction: Direction = "past"
) -> datetime.datetime:
    """Return the UTC instant that `text` names.

    A weekday is the latest one before now or, for what is planned (`direction` future), the next
    one after it. Raises UsageError for what cannot be read or has no single reading.
    """
    now = real_instant(now)
    try:
        found = _read(text, zone_name, now, direction)
    except OverflowError:
        raise _beyond(text) from None
    if not YEARS[0] <= found.year <= YEARS[1]:
        raise _beyond(text)
    return found


def _beyond(text: str) -> UsageError:
    return UsageError(f"{text!r} is outside the years {YEARS[0]} to {YEARS[1]}", hint=GRAMMAR)


def _read(
    text: str, zone_name: str, now: datetime.datetime, direction: Direction
) -> datetime.datetime:
    plain = " ".join(text.split())
    lower = plain.lower()
    if lower == "now":
        return now
    if lower.startswith("+"):
        return _shifted(now, _parts(text, lower[1:]), 1, zone_name)
    if lower.endswith(" ago"):
        return _shifted(now, _parts(text, lower[:-4]), -1, zone_name)
    day, _, clock = lower.partition(" ")
    if day in _DAYS or day in _WEEKDAYS:
        return _on_day(text, day, clock, zone_name, now, direction)
    return _iso(text, plain, zone_name)


def duration(text: str) -> datetime.timedelta:
    """Return an elapsed time such as 48h, 90min, 3d or 2w (a day is 24 h).

    Raises UsageError; months are refused because they have no fixed length.
    """
    parts = _parts(text, " ".join(text.lower().split()).removeprefix("+"))
    if "months" in parts:
        raise UsageError(f"{text!r}: a month has no fixed length", hint="write days: 30d")
    return datetime.timedelta(**parts)


def _parts(text: str, lower: str) -> dict[str, int]:
    found: dict[str, int] = {}
    place = 0
    while place < len(lower):
        match = _PART.match(lower, place)
        if match is None:
            raise UsageError(f"{text!r} is not a length of time", hint="write 48h, 90min or 3d")
        number, unit = match.groups()
        if unit == "m":
            raise UsageError(
                f"{text!r}: m may mean minutes or months", hint=f"write {number}min or {number}mo"
            )
        name = _UNITS.get(unit) or _LONG.get(unit)
        if name is None or name in found:
            raise UsageError(
                f"{text!r}: {unit!r} is not a unit of time here",
                hint="the units are s, min, h, d, w and mo",
            )
        found[name] = int(number)
        place = match.end()
    if not found:
        raise UsageError(f"{text!r} names no length of time", hint="write 48h, 90min or 3d")
    return found


def _shifted(
    now: datetime.datetime, parts: dict[str, int], sign: int, zone_name: str
) -> datetime.datetime:
    elapsed = {k: sign * v for k, v in parts.items() if k in ("hours", "minutes", "seconds")}
    days = sign * (parts.get("days", 0) + 7 * parts.get("weeks", 0))
    months = sign * parts.get("months", 0)
    if days or months:
        there = now.astimezone(zone(zone_name)).replace(tzinfo=None)
        there = _add_months(there, months) + datetime.timedelta(days=days)
        now = _in_zone(there, zone_name)
    return now + datetime.timedelta(**elapsed)


def _add_months(there: datetime.datetime, months: int) -> datetime.datetime:
    year, month = divmod(there.year * 12 + there.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    day = min(there.day, calendar.monthrange(year, month + 1)[1])
    return there.replace(year=year, month=month + 1, day=day)


def _on_day(
    text: str,
    day: str,
    clock: str,
    zone_name: str,
    now: datetime.datetime,
    direction: Direction,
) -> datetime.datetime:
    today = now.astimezone(zone(zone_name)).date()
    time = _clock(text, day, clock)
    if day in _DAYS:
        date = today + datetime.timedelta(days=_DAYS[day])
        return _in_zone(datetime.datetime.combine(date, time), zone_name)
    step = (today.weekday() - _WEEKDAYS[day]) % 7
    if direction == "past":
        found = _in_zone(_combine(today, -step, time), zone_name)
        return found if found <= now else _in_zone(_combine(today, -step - 7, time), zone_name)
    found = _in_zone(_combine(today, -step % 7, time), zone_name)
    return found if found > now else _in_zone(_combine(today, -step % 7 + 7, time), zone_name)


def _combine(today: datetime.date, days: int, time: datetime.time) -> datetime.datetime:
    return datetime.datetime.combine(today + datetime.timedelta(days=days), time)


def _clock(text: str, day: str, clock: str) -> datetime.time:
    match = _CLOCK.fullmatch(clock)
    if match is None:
        raise UsageError(f"{text!r} needs a time of day, 00:00 to 23:59", hint=f"write {day} 14:00")
    try:
        hour, minute, second = (int(part or 0) for part in match.groups())
        return datetime.time(hour, minute, second)
    except ValueError:
        raise UsageError(f"{text!r}: a time of day is 00:00 to 23:59") from None


def _iso(text: str, plain: str, zone_name: str) -> datetime.datetime:
    match = _ISO.fullmatch(plain.upper())
    if match is None:
        raise _unreadable(text, plain.lower())
    date, clock = match.groups()
    if clock is None:
        raise UsageError(f"{text!r} needs a time of day", hint=f"write {date} 14:00")
    try:
        value = datetime.datetime.fromisoformat(f"{date}T{clock.replace(' ', '')}")
    except ValueError as error:
        raise UsageError(f"{text!r} is not a time: {error}", hint=GRAMMAR) from None
    if value.tzinfo is not None:
        return real_instant(value)
    return _in_zone(value, zone_name)


def _unreadable(text: str, lower: str) -> UsageError:
    if "/" in lower:
        return UsageError(
            f"{text!r}: a date with slashes has two readings, day or month first", hint=GRAMMAR
        )
    if _CLOCK.fullmatch(lower):
        return UsageError(
            f"{text!r} names no day", hint=f"write today {lower} or yesterday {lower}"
        )
    if _YEARLESS.match(lower):
        return UsageError(f"{text!r} names no year in the form 2026-03-01", hint=GRAMMAR)
    if _PART.fullmatch(lower):
        _parts(text, lower)
        return UsageError(f"{text!r} may be ahead or past", hint=f"write +{lower} or {lower} ago")
    return UsageError(f"{text!r} is not a time", hint=GRAMMAR)


def _in_zone(there: datetime.datetime, zone_name: str) -> datetime.datetime:
    zone(zone_name)
    import whenever  # only a local time needs it

    plain = whenever.PlainDateTime(
        there.year,
        there.month,
        there.day,
        there.hour,
        there.minute,
        there.second,
        nanosecond=there.microsecond * 1000,
    )
    try:
        found = plain.assume_tz(zone_name, disambiguation="raise")
    except (whenever.SkippedTime, whenever.RepeatedTime) as error:
        earlier = plain.assume_tz(zone_name, disambiguation="earlier")
        later = plain.assume_tz(zone_name, disambiguation="later")
        skipped = isinstance(error, whenever.SkippedTime)
        raise UsageError(
            f"{there} {'does not exist' if skipped else 'exists twice'} in {zone_name}: "
            f"the clocks change {'past' if skipped else 'back over'} it",
            hint=f"write {_reading(earlier)} or {_reading(later)}",
        ) from None
    except ValueError as error:
        raise UsageError(f"{there} in {zone_name} is not a time: {error}") from None
    return real_instant(found.to_stdlib())


def _reading(zoned: "whenever.ZonedDateTime") -> str:
    return zoned.to_fixed_offset().format_iso()


def system_zone() -> str:
    """Return the time zone this machine is set to, UTC when it has no name for it."""
    import whenever  # only a new episode without a configured zone needs it

    return whenever.Instant.from_timestamp(0).to_tz(whenever.SYSTEM_TZ).tz_id or "UTC"


def iso(instant: datetime.datetime) -> str:
    """Write an instant as data hold it: UTC, ISO 8601 with `Z`."""
    there = real_instant(instant)
    return there.replace(tzinfo=None).isoformat() + "Z"
