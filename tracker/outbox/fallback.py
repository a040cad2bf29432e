"""The last way out: what none of its own channels delivers goes to the site's fallback."""

import datetime
from collections.abc import Sequence

from sqlalchemy import Connection, and_, func, not_, or_, select

from tracker.outbox.entries import (
    DELIVERED,
    DROPPED,
    PENDING,
    READDRESSED,
    URGENT,
    put,
)
from tracker.outbox.items import Item, Parcel
from tracker.outbox.tables import outbox as t

HOPELESS = 3
"""After so many attempts what is urgent also goes the last way; it is tried on the usual ones on
and on."""


def hopeless(parcel: Parcel) -> bool:
    """Whether a message that failed so often is not to be waited for."""
    return parcel.first.urgent and max(item.attempts for item in parcel.items) >= HOPELESS


def fall_back(conn: Connection, items: Sequence[Item], channel: str, now: datetime.datetime) -> int:
    """Write what rows hold for the fallback channel, if there is no hope on any other.

    Once for each issue, however often it is asked; returns how many were written. The caller holds
    the lock of the queue, so that of two that fail at once the second one sees the first.
    """
    last = (item for item in items if item.channel != channel and is_last(conn, item))
    entries = [item.told_by(channel, None, now) for item in last]
    there = select(t.c.id).where(t.c.id.in_([entry.id for entry in entries]))
    known = set(conn.execute(there).scalars())
    new = [entry for entry in entries if entry.id not in known]
    put(conn, new)
    return len(new)


def is_last(conn: Connection, item: Item) -> bool:
    """Whether it tells of an issue, and no other row of that issue got out or still may."""
    if item.event is None:
        return False
    tired = and_(t.c.priority == URGENT, t.c.attempts >= HOPELESS, t.c.claimed_by.is_(None))
    given_away = func.coalesce(t.c.reason, "").startswith(READDRESSED)
    hope = or_(
        t.c.state == DELIVERED,
        and_(t.c.state == DROPPED, not_(given_away)),
        and_(t.c.state == PENDING, not_(tired)),
    )
    others = select(t.c.id).where(t.c.event == item.event, t.c.id != item.id, hope)
    return conn.execute(others.limit(1)).first() is None
