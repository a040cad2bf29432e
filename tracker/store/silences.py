"""When no scheduler ticked: each such stretch stays on record, for whoever asks later."""

import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from tracker.store import trusts
from tracker.store.instants import instant, micros, optional_instant, optional_micros
from tracker.store.tables import heartbeats
from tracker.store.tables import silences as t

SHORTEST = datetime.timedelta(minutes=5)
"""What is shorter is no silence: schedulers tick every minute."""


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
    found = _ended(conn, now)
    since = _last_tick(conn, now)
    if since is None or now - since > SHORTEST:
        found.append(Silence(since, now, lasts=True))
    return found


def _ended(conn: Connection, now: datetime.datetime) -> list[Silence]:
    """Return the silences that had ended by `now`, in order.

    One in which somebody ticked, and said that the clock was right, was only seen by a clock that
    had gone ahead.
    """
    query = select(t.c.began_at, t.c.ended_at).where(t.c.ended_at <= micros(now))
    rows = conn.execute(query.order_by(t.c.ended_at))
    found = [Silence(optional_instant(row.began_at), instant(row.ended_at)) for row in rows]
    ticks = [trust.at for trust in trusts.trusts(conn)]
    return [one for one in found if not any(_within(tick, one) for tick in ticks)]


def _within(tick: datetime.datetime, silence: Silence) -> bool:
    return tick < silence.until and (silence.since is None or silence.since < tick)


def _last_tick(conn: Connection, now: datetime.datetime) -> datetime.datetime | None:
    """Return the last tick of anyone; those of a clock that had gone ahead tell nothing.

    A heartbeat of such a clock may have taken the place of the last one: silences and words of
    trust tell of ticks, too.
    """
    at = micros(now)
    query = select(func.max(heartbeats.c.last_tick)).where(heartbeats.c.last_tick <= at)
    before = select(func.max(t.c.began_at)).where(t.c.began_at <= at)
    ticks = [optional_instant(conn.execute(one).scalar()) for one in (query, before)]
    ticks += [silence.until for silence in _ended(conn, now)[-1:]]
    ticks += [trust.at for trust in trusts.trusts(conn) if trust.at < now]
    return max((tick for tick in ticks if tick is not None), default=None)
