"""Catch-up: the same handlers, fed in batches, for whatever lags behind the log."""

import datetime
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from projections import due, parking, writer
from projections.views import Judge, View
from tracker.store import locks, log, sequence
from tracker.store.database import Database
from tracker.store.log import StoredHistory

BATCH = 1_000
FEW = 100
Clock = Callable[[], datetime.datetime]


def evaluate_keys(
    conn: Connection, judge: Judge[Any], keys: Iterable[int], now: datetime.datetime
) -> list[View]:
    """Evaluate episodes from the log; one that cannot be evaluated is left out."""
    stored = log.read_keys(conn, list(keys))
    return [view for one in stored if (view := _view(judge, one, now)) is not None]


def _view(judge: Judge[Any], stored: StoredHistory, now: datetime.datetime) -> View | None:
    try:
        history = stored.decoded()
        return judge.view(history.key, history.episode, history.events, now)
    except Exception:  # noqa: BLE001 (whatever is wrong with one episode, the others go on)
        return None


def write_keys(
    conn: Connection, judge: Judge[Any], keys: Sequence[int], now: datetime.datetime
) -> list[int]:
    """Bring the rows of episodes up to date and unpark them; return those that were."""
    views = evaluate_keys(conn, judge, keys, now)
    changes = writer.none_yet()
    for view in views:
        writer.repair(conn, view, changes)
    writer.settle(conn, changes)
    return [view.key for view in views]


def refresh(database: Database, judge: Judge[Any], clock: Clock, limit: int = BATCH) -> int:
    """Write anew up to `limit` rows that time has overtaken; return how many.

    They are evaluated while others wait to write, so it takes a few at a time.
    """
    done = 0
    while done < limit:
        with database.writing() as conn:
            locks.all_rows(conn)
            now = clock()
            keys = due.stale(conn, now, min(FEW, limit - done))
            written = write_keys(conn, judge, keys, now)
        done += len(written)
        if len(written) < FEW:
            return done
    return done


def unpark(
    database: Database, judge: Judge[Any], clock: Clock, keys: Iterable[int] | None = None
) -> list[int]:
    """Try parked episodes again (default: all), each alone; return the keys that are right now."""
    with database.reading() as conn:
        waiting = parking.keys(conn) if keys is None else list(keys)
    return [key for key in waiting if _unparked(database, judge, clock, key)]


def _unparked(database: Database, judge: Judge[Any], clock: Clock, key: int) -> bool:
    try:
        with database.writing() as conn:
            locks.all_rows(conn)
            return bool(write_keys(conn, judge, [key], clock()))
    except Exception:  # noqa: BLE001 (it stays parked, and the others go on)
        return False


def catch_up(database: Database, judge: Judge[Any], clock: Clock, batch: int = BATCH) -> int:
    """Bring rows up to the end of the log, batch by batch; return how many events that were."""
    done = 0
    while True:
        with database.writing() as conn:
            locks.all_rows(conn)
            _, position = writer.state(conn)
            events = sequence.touched(conn, position, batch)
            if not events:
                return done
            now = clock()
            keys = sorted({key for _, key in events})
            written = set(write_keys(conn, judge, keys, now))
            for key in keys:
                if key not in written:
                    parking.park(conn, key, events[-1][0], "it cannot be evaluated", now)
            writer.advance(conn, position, events[-1][0])
            done += len(events)
