"""After a clock that was ahead was set right: the lists and the record of reminders follow it."""

import datetime
from collections.abc import Iterator, Sequence
from uuid import UUID

from projections import catch_up
from tracker.history import taken_back
from tracker.reminders.clocks import Newest
from tracker.reminders.issuer import mistimed
from tracker.service import Service
from tracker.store import locks, log, trusts
from tracker.store.log import StoredHistory
from tracker.store.trusts import Trust

_AT_ONCE = 100


def misjudged(
    service: Service,
    now: datetime.datetime,
    tolerance: datetime.timedelta,
    *,
    dry_run: bool = False,
) -> Iterator[list[UUID]]:
    """Yield the episodes of which the clock that was ahead put something on record, in batches.

    Before that the rows of every episode are written anew: that clock may have judged any of them.
    What cannot be read is left as it is. Raises StoreError when the database cannot be used.
    """
    with service.database.reading() as conn:
        last = log.last_key(conn)
    for first in range(1, last + 1, _AT_ONCE):
        end = min(first + _AT_ONCE - 1, last)
        with service.database.reading() as conn:
            stored = list(log.read_range(conn, first, end))
        found = [one.episode for one in stored if _is_mistimed(one, now, tolerance)]
        if not dry_run:
            _judge_anew(service, [one.key for one in stored], now)
        if found:
            yield found


def _is_mistimed(
    stored: StoredHistory, now: datetime.datetime, tolerance: datetime.timedelta
) -> bool:
    try:
        history = stored.decoded().events
    except Exception:  # noqa: BLE001 (one that cannot be read stops no other)
        return False
    before = taken_back(history)
    return any(event.id not in before for _, event in mistimed(history, now, tolerance))


def _judge_anew(service: Service, keys: Sequence[int], now: datetime.datetime) -> None:
    with service.database.writing() as conn:
        locks.all_rows(conn)
        catch_up.write_keys(conn, service.judge, keys, now)


def trust(service: Service, now: datetime.datetime, found: Newest) -> None:
    """Keep on record that the clock is right, so that nobody has to say it again."""
    with service.database.writing() as conn:
        trusts.note(conn, Trust(now, found.at, found.position))
