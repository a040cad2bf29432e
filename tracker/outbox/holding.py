"""What waits for the end of quiet hours: held until then, and no longer than they are now."""

import datetime
from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, and_, case, update

from tracker.outbox import bundling, queue
from tracker.outbox.entries import PENDING
from tracker.outbox.tables import outbox as t
from tracker.store.instants import micros

Ends = Mapping[str, datetime.datetime]
"""Until when it is quiet for who is told, by the id of a message or a row."""


def hold(conn: Connection, messages: Ends, now: datetime.datetime) -> None:
    """Put off whole messages, so that a bundle is not torn apart."""
    for until, ids in _by_end(messages).items():
        values = {"not_before": micros(until), "next_attempt_at": micros(until)}
        rows = _waiting(bundling.message_of().in_(ids), now)
        conn.execute(update(t).where(rows).values(values))


def let_go(conn: Connection, rows: Ends, now: datetime.datetime) -> None:
    """Hold rows until another time than before; what waits for another reason waits on."""
    held = t.c.next_attempt_at == t.c.not_before
    for until, ids in _by_end(rows).items():
        first = case((held, micros(until)), else_=t.c.next_attempt_at)
        values = {"not_before": micros(until), "next_attempt_at": first}
        conn.execute(update(t).where(_waiting(t.c.id.in_(ids), now)).values(values))


def _waiting(some: ColumnElement[bool], now: datetime.datetime) -> ColumnElement[bool]:
    return and_(some, t.c.state == PENDING, queue.unclaimed(micros(now)))


def _by_end(ends: Ends) -> dict[datetime.datetime, list[str]]:
    found: dict[datetime.datetime, list[str]] = defaultdict(list)
    for id_, until in ends.items():
        found[until].append(id_)
    return found
