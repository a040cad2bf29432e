"""When each scheduler last did its work."""

import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from tracker.store.instants import instant, micros
from tracker.store.tables import heartbeats as t


class Heartbeat(NamedTuple):
    """The last tick of one scheduler and what it did."""

    last_tick: datetime.datetime
    scheduler: str
    issued: int
    skipped: int


def beat(conn: Connection, heartbeat: Heartbeat) -> None:
    """Note a tick in place of the last one of the same scheduler."""
    values = {**heartbeat._asdict(), "last_tick": micros(heartbeat.last_tick)}
    conn.execute(delete(t).where(t.c.scheduler == heartbeat.scheduler))
    conn.execute(insert(t).values(values))


def beats(conn: Connection) -> list[Heartbeat]:
    """Return the last tick of every scheduler, the latest first."""
    query = select(t).order_by(t.c.last_tick.desc(), t.c.scheduler)
    return [
        Heartbeat(instant(row.last_tick), row.scheduler, row.issued, row.skipped)
        for row in conn.execute(query)
    ]
