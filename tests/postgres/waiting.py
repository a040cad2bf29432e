"""Somebody on a server who waits for what another transaction holds."""

import time
from collections.abc import Callable

from sqlalchemy import text

from tracker.config import Location
from tracker.outbox.attempt import Attempt
from tracker.store.database import open_database

_TRIES = 3000
_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def begun(location: Location, act: Callable[[], None]) -> Attempt:
    """Let another thread act, and return when it waits for a lock, or has ended."""
    attempt = Attempt(act)
    with open_database(location) as database:
        for _ in range(_TRIES):
            with database.reading() as conn:
                if attempt.ended or conn.execute(_WAITING).scalar_one():
                    return attempt
            time.sleep(0.01)
    raise AssertionError("it neither waits nor ends")
