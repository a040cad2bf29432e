"""Durations, instants and numbers in words, for alerts, explanations and whoever looks after it."""

import datetime


def elapsed(delta: datetime.timedelta) -> str:
    """Return a duration as people say it: `30 h`, `47 h 59 min`, `12 d 4 h`."""
    seconds = int(delta.total_seconds())
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    if hours >= 24 * 7:
        days, hours = divmod(hours, 24)
        return f"{sign}{days} d {hours} h" if hours else f"{sign}{days} d"
    parts = [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes else []
    parts += [f"{seconds} s"] if seconds else []
    return sign + (" ".join(parts) or "0 h")


def moment(instant: datetime.datetime) -> str:
    """Return an instant to the minute (to the second where it has seconds), in UTC."""
    form = "%Y-%m-%d %H:%M:%SZ" if instant.second else "%Y-%m-%d %H:%MZ"
    return f"{instant:{form}}"


def counted(number: int, noun: str) -> str:
    """Return a number of things in words: `1 episode`, `2 episodes`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
