"""When no scheduler ticked: each such stretch stays on record, for whoever asks later."""

import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, not_, or_, select

from tracker.store.instants import instant, micros, optional_instant, optional_micros
from tracker.store.tables import heartbeats, trusts
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
    query = select(t.c.began_at, t.c.ended_at).where(_ended(now)).order_by(t.c.ended_at)
    rows = conn.execute(query)
    found = [Silence(optional_instant(row.began_at), instant(row.ended_at)) for row in rows]
    since = _last_tick(conn, now)
    if since is None or now - since > SHORTEST:
        found.append(Silence(since, now, lasts=True))
    return found


def last(
    conn: Connection, now: datetime.datetime, longer_than: datetime.timedelta
) -> Silence | None:
    """Return the latest silence between two ticks that was longer than this."""
    query = (
        select(t.c.began_at, t.c.ended_at)
        .where(_ended(now), t.c.ended_at - t.c.began_at > longer_than // _MICROSECOND)
        .order_by(t.c.ended_at.desc())
        .limit(1)
    )
    row = conn.execute(query).first()
    return None if row is None else Silence(instant(row.began_at), instant(row.ended_at))


def _ended(now: datetime.datetime) -> ColumnElement[bool]:
    """Whether a silence had ended by `now`.

    One in which somebody ticked, and said that the clock was right, was seen by a clock alone that
    had gone ahead.
    """
    began = or_(t.c.began_at.is_(None), t.c.began_at < trusts.c.at)
    ticked = exists().where(began, trusts.c.at < t.c.ended_at)
    return and_(t.c.ended_at <= micros(now), not_(ticked))


def _last_tick(conn: Connection, now: datetime.datetime) -> datetime.datetime | None:
    """Return the last tick of anyone; those of a clock that had gone ahead tell nothing.

    A heartbeat of such a clock may have taken the place of the last one: silences and words of
    trust tell of ticks, too.
    """
    at = micros(now)
    queries = (
        select(func.max(heartbeats.c.last_tick)).where(heartbeats.c.last_tick <= at),
        select(func.max(t.c.began_at)).where(t.c.began_at <= at),
        select(func.max(t.c.ended_at)).where(_ended(now)),
        select(func.max(trusts.c.at)).where(trusts.c.at < at),
    )
    ticks = [conn.execute(query).scalar() for query in queries]
    return optional_instant(max((tick for tick in ticks if tick is not None), default=None))
