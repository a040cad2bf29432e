"""When somebody said that the clock is right, although events have times that are still to come."""

import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from tracker.store.instants import instant, micros
from tracker.store.tables import trusts as t


class Trust(NamedTuple):
    """What was said of the clock, once."""

    at: datetime.datetime
    """When it was said, by the clock that is right."""
    ahead_until: datetime.datetime
    """The latest time that the clock which was ahead gave to an event."""
    position: int
    """Of the last event then: what came after it has times of the clock that is right."""


def note(conn: Connection, trust: Trust) -> None:
    """Keep it on record; said twice of the same events it is kept once."""
    if any(known.position == trust.position for known in trusts(conn)):
        return
    values = {"at": micros(trust.at), "ahead_until": micros(trust.ahead_until)}
    conn.execute(insert(t).values(values | {"position": trust.position}))


def trusts(conn: Connection) -> list[Trust]:
    """Return every time that it was said, the latest first."""
    rows = conn.execute(select(t).order_by(t.c.position.desc()))
    return [Trust(instant(row.at), instant(row.ahead_until), row.position) for row in rows]
