"""When to try again what could not be delivered: later and later, and never all at once."""

import datetime
import random

FIRST = datetime.timedelta(seconds=30)
LONGEST = datetime.timedelta(hours=1)
LONGEST_URGENT = datetime.timedelta(minutes=10)
"""What is urgent is tried again at least so often."""
_SPREAD = 0.25


def wait(attempts: int, luck: random.Random) -> datetime.timedelta:
    """Return how long to wait after so many attempts: doubled each time, give or take a quarter."""
    longest = LONGEST.total_seconds()
    seconds = min(FIRST.total_seconds() * 2.0 ** min(attempts - 1, 30), longest)
    return datetime.timedelta(seconds=seconds * luck.uniform(1 - _SPREAD, 1 + _SPREAD))
