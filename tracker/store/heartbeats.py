"""When each scheduler last did its work."""

import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from tracker.store.instants import micros, optional_instant, optional_micros
from tracker.store.tables import heartbeats as t

FORGET = datetime.timedelta(days=7)
"""So long one that has ended, or was lost, is remembered."""
LOST_TURNS = 3
"""After so many turns without a tick a scheduler is lost."""
GRACE = datetime.timedelta(seconds=15)
"""So long a turn may take before its tick is on record."""
_SHORTEST_TURN = datetime.timedelta(minutes=1)
_AHEAD = datetime.timedelta(minutes=5)

ALIVE, LATE, LOST, ENDED, RAN, AHEAD = "alive", "late", "lost", "ended", "last ran", "ahead"
STATES = (ALIVE, LATE, LOST, ENDED, RAN, AHEAD)


class Heartbeat(NamedTuple):
    """The last tick of one scheduler and what it did; no figure of it for who may not see any."""

    last_tick: datetime.datetime
    scheduler: str
    issued: int | None
    skipped: int | None
    every_seconds: int | None = None
    """How often it ticks; None when a timer runs it."""
    ended_at: datetime.datetime | None = None
    """When it was stopped."""
    still_due: int | None = None
    """Episodes that were due still when the tick was over."""
    delivered_at: datetime.datetime | None = None
    """When it last tried to deliver anything: then ..."""
    sent: int | None = None
    """... so many messages went out, ..."""
    failed: int | None = None
    """... and so many could not."""

    def ahead(self, now: datetime.datetime) -> bool:
        """Whether it was noted by a clock that had gone ahead: it tells nothing of now."""
        return self.last_tick > now + _AHEAD

    def state(self, now: datetime.datetime) -> str:
        """Return one of STATES. Nobody knows whether one that a timer runs will come again."""
        if self.ended_at is not None:
            return ENDED
        if self.ahead(now):
            return AHEAD
        if self.every_seconds is None:
            return RAN
        turn = max(datetime.timedelta(seconds=self.every_seconds), _SHORTEST_TURN)
        quiet = now - self.last_tick - GRACE
        return ALIVE if quiet <= turn else LATE if quiet <= LOST_TURNS * turn else LOST


FIGURES = ("issued", "skipped", "still_due", "sent", "failed")
"""What is counted over every site."""
_OF_DELIVERY = ("delivered_at", "sent", "failed")
_INSTANTS = ("last_tick", "ended_at", "delivered_at")


def beat(conn: Connection, heartbeat: Heartbeat) -> None:
    """Note a tick in place of the last one of the same scheduler; what it delivered stays."""
    row = conn.execute(select(t).where(t.c.scheduler == heartbeat.scheduler)).first()
    if row is not None:
        before = _heartbeat(row)
        heartbeat = heartbeat._replace(**{name: getattr(before, name) for name in _OF_DELIVERY})
    conn.execute(delete(t).where(t.c.scheduler == heartbeat.scheduler))
    conn.execute(insert(t).values(_row(heartbeat)))
    old = micros(heartbeat.last_tick - FORGET)
    ahead = micros(heartbeat.last_tick + _AHEAD)
    conn.execute(delete(t).where(or_(t.c.last_tick < old, t.c.last_tick > ahead)))


def _row(heartbeat: Heartbeat) -> dict[str, object]:
    instants = {name: optional_micros(getattr(heartbeat, name)) for name in _INSTANTS}
    return {**heartbeat._asdict(), **instants}


def _heartbeat(row: Row[Any]) -> Heartbeat:
    values = dict.fromkeys(FIGURES) | dict(row._mapping)
    instants = {name: optional_instant(values[name]) for name in _INSTANTS}
    return Heartbeat(**{**values, **instants})


def delivered(
    conn: Connection, scheduler: str, now: datetime.datetime, sent: int, failed: int
) -> None:
    """Note what a delivery of a scheduler did, once it has ticked."""
    values = {"delivered_at": micros(now), "sent": sent, "failed": failed}
    conn.execute(update(t).where(t.c.scheduler == scheduler).values(values))


def end(conn: Connection, scheduler: str, now: datetime.datetime) -> None:
    """Note that a scheduler has ended."""
    conn.execute(update(t).where(t.c.scheduler == scheduler).values(ended_at=micros(now)))


def beats(conn: Connection, *, figures: bool = True) -> list[Heartbeat]:
    """Return the last tick of every scheduler, the latest first, with or without its figures."""
    columns = [column for column in t.c if figures or column.name not in FIGURES]
    query = select(*columns).order_by(t.c.last_tick.desc(), t.c.scheduler)
    return [_heartbeat(row) for row in conn.execute(query)]
