"""Instants as the log writes them, compared by those who audit it."""

import datetime
from functools import lru_cache

TOLERANCE = datetime.timedelta(hours=1)
"""Clocks of several machines may differ by so much before an auditor is told."""


@lru_cache  # one is asked for as what came after, and again as what came before
def read(written: bytes) -> datetime.datetime | None:
    """Return an instant as it is written in an event, None if it is none."""
    try:
        found = datetime.datetime.fromisoformat(written.decode())
    except ValueError:
        return None
    return None if found.tzinfo is None else found


def is_far_back(before: bytes, after: bytes) -> bool:
    """Whether an event was recorded long before the one before it, or nobody can tell."""
    earlier, later = read(after), read(before)
    return earlier is None or later is None or later - earlier > TOLERANCE


def step_back(before: bytes, after: bytes, what: str = "event") -> str:
    """Say that an event, or a look, was recorded long before the one before it."""
    earlier, later = read(after), read(before)
    if earlier is None or later is None:
        return f"when it was recorded, or the {what} before it, is no instant"
    told = f"recorded at {earlier:%Y-%m-%d %H:%M:%S}Z"
    return f"{told}, the {what} before it at {later:%Y-%m-%d %H:%M:%S}Z"
