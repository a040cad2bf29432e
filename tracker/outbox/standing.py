"""How messages stand that are not delivered: due, held, failing or dead."""

import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, not_, or_, select

from tracker.outbox import bundling
from tracker.outbox.entries import DEAD, DELIVERED, DROPPED, PENDING, URGENT
from tracker.outbox.queue import ripe
from tracker.outbox.tables import outbox as t
from tracker.store.instants import instant, micros, optional_instant

DUE, HELD, FAILING = "due", "held", "failing"
UNDELIVERED = (FAILING, DEAD, DUE, HELD)
STANDINGS = (*UNDELIVERED, DROPPED, DELIVERED)
"""How a row may stand, what needs somebody first."""


def standing(conn: Connection, now: datetime.datetime) -> ColumnElement[str]:
    """Return as SQL how a row stands: as its state says, but for what waits to be sent.

    due: to be sent now. held: put off on purpose, for quiet hours whatever came of it before.
    failing: a try failed, or it waits because others by the same channel, or to the same
    recipient, did.
    """
    behind = bundling.held_back(bundling.failing(conn), now)
    quiet = and_(not_(ripe(micros(now))), t.c.not_before > micros(now))
    return case(
        (t.c.state != PENDING, t.c.state),
        (quiet, HELD),
        (or_(t.c.last_error.is_not(None), and_(ripe(micros(now)), behind)), FAILING),
        (ripe(micros(now)), DUE),
        else_=HELD,
    )


class Failing(NamedTuple):
    """A channel by which messages do not get out."""

    channel: str
    messages: int
    urgent: int
    """How many of them are urgent."""
    since: datetime.datetime
    """From then on the first of them could have gone out."""
    tries: int
    """Of the message that was tried most often."""
    next_try_at: datetime.datetime
    last_error: str


class Overview(NamedTuple):
    """What is not delivered, in numbers."""

    counts: dict[str, int]
    """How many are due, held, failing and dead."""
    held_until: datetime.datetime | None
    """When the first of what is held goes out."""
    waiting_since: datetime.datetime | None
    """From then on the oldest of what is due or failing could have gone out."""
    urgent_since: datetime.datetime | None
    """The same for what is urgent."""
    urgent_dead: int
    channels: tuple[Failing, ...]


def overview(conn: Connection, now: datetime.datetime) -> Overview:
    """Return how all that is not delivered stands."""
    each = (
        select(standing(conn, now).label("word"), t.c.priority, t.c.not_before, t.c.next_attempt_at)
        .where(t.c.state.in_((PENDING, DEAD)))
        .subquery()
    )
    query = select(
        each.c.word,
        each.c.priority,
        func.count().label("number"),
        func.min(each.c.not_before).label("since"),
        func.min(each.c.next_attempt_at).label("next"),
    ).group_by(each.c.word, each.c.priority)
    rows = conn.execute(query).fetchall()
    counts = {name: sum(r.number for r in rows if r.word == name) for name in UNDELIVERED}
    open_ = [row for row in rows if row.word in (DUE, FAILING)]
    urgent = [row.since for row in open_ if row.priority == URGENT]
    return Overview(
        counts,
        optional_instant(min((r.next for r in rows if r.word == HELD), default=None)),
        optional_instant(min((row.since for row in open_), default=None)),
        optional_instant(min(urgent, default=None)),
        sum(r.number for r in rows if r.word == DEAD and r.priority == URGENT),
        _failing(conn, now) if counts[FAILING] else (),
    )


def _failing(conn: Connection, now: datetime.datetime) -> tuple[Failing, ...]:
    query = (
        select(
            t.c.channel,
            func.count().label("messages"),
            func.sum(case((t.c.priority == URGENT, 1), else_=0)).label("urgent"),
            func.min(t.c.not_before).label("since"),
            func.max(t.c.attempts).label("tries"),
            func.coalesce(
                # What waits behind others is not tried before them, whatever its own time.
                func.min(case((t.c.last_error.is_not(None), t.c.next_attempt_at))),
                func.min(t.c.next_attempt_at),
            ).label("next"),
        )
        .where(t.c.state == PENDING, standing(conn, now) == FAILING)
        .group_by(t.c.channel)
        .order_by(t.c.channel)
    )
    return tuple(
        Failing(
            row.channel,
            row.messages,
            int(row.urgent),
            instant(row.since),
            row.tries,
            instant(row.next),
            _last_error(conn, row.channel),
        )
        for row in conn.execute(query).fetchall()
    )


def _last_error(conn: Connection, channel: str) -> str:
    """Return what went wrong with the message of a channel that is tried last of all."""
    query = (
        select(t.c.last_error)
        .where(t.c.state == PENDING, t.c.channel == channel, t.c.last_error.is_not(None))
        .order_by(t.c.next_attempt_at.desc(), t.c.id)
        .limit(1)
    )
    return str(conn.execute(query).scalar_one())
