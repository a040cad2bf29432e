"""When no scheduler ticked: each such stretch stays on record, for whoever asks later."""

import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from tracker.store.instants import instant, micros, optional_instant, optional_micros
from tracker.store.tables import heartbeats
from tracker.store.tables import silences as t

SHORTEST = datetime.timedelta(minutes=5)
"""What is shorter is no silence: schedulers tick every minute."""


_MICROSECOND = datetime.timedelta(microseconds=1)


class Silence(NamedTuple):
    """A stretch in which no scheduler ticked."""

    since: datetime.datetime | None
    """The last tick before it; None: there had never been one."""
    until: datetime.datetime
    """The tick that ended it."""
    lasts: bool = False
    """Whether nobody has ticked since; it ends when it was looked at."""


def note(conn: Connection, now: datetime.datetime, scheduler: str) -> None:
    """Note that a tick ends a silence, if it does; before the tick itself is noted."""
    since = _last_tick(conn, now)
    if since is not None and now - since <= SHORTEST:
        return
    values = {"ended_at": micros(now), "scheduler": scheduler}
    noted = select(t.c.ended_at).filter_by(**values)  # a clock can come to the same time twice
    if conn.execute(noted).first() is None:
        conn.execute(insert(t).values(values | {"began_at": optional_micros(since)}))


def silences(conn: Connection, now: datetime.datetime) -> list[Silence]:
    """Return every silence up to `now` in order, one that lasts included."""
    query = select(t.c.began_at, t.c.ended_at).order_by(t.c.ended_at)
    rows = conn.execute(query)
    found = [Silence(optional_instant(row.began_at), instant(row.ended_at)) for row in rows]
    since = _last_tick(conn, now)
    if since is None or now - since > SHORTEST:
        found.append(Silence(since, now, lasts=True))
    return found


def last(conn: Connection, longer_than: datetime.timedelta) -> Silence | None:
    """Return the latest silence between two ticks that was longer than this."""
    query = (
        select(t.c.began_at, t.c.ended_at)
        .where(t.c.ended_at - t.c.began_at > longer_than // _MICROSECOND)
        .order_by(t.c.ended_at.desc())
        .limit(1)
    )
    row = conn.execute(query).first()
    return None if row is None else Silence(instant(row.began_at), instant(row.ended_at))


def _last_tick(conn: Connection, now: datetime.datetime) -> datetime.datetime | None:
    """Return the last tick of anyone; those of a clock that had gone ahead tell nothing."""
    query = select(func.max(heartbeats.c.last_tick)).where(heartbeats.c.last_tick <= micros(now))
    return optional_instant(conn.execute(query).scalar())
