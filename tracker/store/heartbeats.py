"""When each scheduler last did its work."""

import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, or_, select, update

from tracker.store.instants import instant, micros, optional_instant, optional_micros
from tracker.store.tables import heartbeats as t

FORGET = datetime.timedelta(days=7)
"""So long one that has ended, or was lost, is remembered."""


class Heartbeat(NamedTuple):
    """The last tick of one scheduler and what it did."""

    last_tick: datetime.datetime
    scheduler: str
    issued: int
    skipped: int
    every_seconds: int | None = None
    """How often it ticks; None when a timer runs it."""
    ended_at: datetime.datetime | None = None
    """When it was stopped."""
    away_from: datetime.datetime | None = None
    """Start of the last outage that it ended: nobody ticked from then ..."""
    away_until: datetime.datetime | None = None
    """... until then."""

    def ahead(self, now: datetime.datetime) -> bool:
        """Whether it was noted by a clock that had gone ahead: it tells nothing of now."""
        return self.last_tick > now + _SHORTEST

    def state(self, now: datetime.datetime, silence: datetime.timedelta) -> str:
        """Return alive, ended or lost: lost after three turns, or after `silence` if longer."""
        if self.ended_at is not None:
            return "ended"
        if self.ahead(now):
            return "lost"
        turns = datetime.timedelta(seconds=3 * (self.every_seconds or 0))
        allowed = max(turns, silence if self.every_seconds is None else _SHORTEST)
        return "alive" if now - self.last_tick <= allowed else "lost"


_SHORTEST = datetime.timedelta(minutes=5)


def beat(conn: Connection, heartbeat: Heartbeat) -> None:
    """Note a tick in place of the last one of the same scheduler; an outage stays on record."""
    before = conn.execute(select(t).where(t.c.scheduler == heartbeat.scheduler)).first()
    if before is not None and heartbeat.away_from is None:
        heartbeat = heartbeat._replace(
            away_from=optional_instant(before.away_from),
            away_until=optional_instant(before.away_until),
        )
    conn.execute(delete(t).where(t.c.scheduler == heartbeat.scheduler))
    conn.execute(insert(t).values(_row(heartbeat)))
    old = micros(heartbeat.last_tick - FORGET)
    ahead = micros(heartbeat.last_tick + _SHORTEST)
    conn.execute(delete(t).where(or_(t.c.last_tick < old, t.c.last_tick > ahead)))


def _row(heartbeat: Heartbeat) -> dict[str, object]:
    instants = {
        name: optional_micros(getattr(heartbeat, name))
        for name in ("last_tick", "ended_at", "away_from", "away_until")
    }
    return {**heartbeat._asdict(), **instants}


def end(conn: Connection, scheduler: str, now: datetime.datetime) -> None:
    """Note that a scheduler has ended."""
    conn.execute(update(t).where(t.c.scheduler == scheduler).values(ended_at=micros(now)))


def beats(conn: Connection) -> list[Heartbeat]:
    """Return the last tick of every scheduler, the latest first."""
    query = select(t).order_by(t.c.last_tick.desc(), t.c.scheduler)
    return [
        Heartbeat(
            instant(row.last_tick),
            row.scheduler,
            row.issued,
            row.skipped,
            row.every_seconds,
            *map(optional_instant, (row.ended_at, row.away_from, row.away_until)),
        )
        for row in conn.execute(query)
    ]
