"""The queue of the outbox: who sends what next, and what became of it.

A claim is a lease: what a process that died had claimed is free again when the lease ends.
"""

import datetime
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Update,
    and_,
    case,
    func,
    not_,
    or_,
    select,
    update,
)

from tracker.outbox import bundling
from tracker.outbox.bundling import Pair
from tracker.outbox.entries import DEAD, DELIVERED, FREED, PENDING, URGENT, dropped
from tracker.outbox.items import Parcel, item
from tracker.outbox.tables import outbox as t
from tracker.store.instants import micros

LEASE = datetime.timedelta(minutes=10)
LONGEST_WAIT = datetime.timedelta(hours=25)
"""A message waits at most for the end of quiet hours; repetitions wait less."""
LONGEST_URGENT_WAIT = datetime.timedelta(hours=2)
"""What is urgent waits for a repetition alone, whatever its receiver asks for."""
HOLD = datetime.timedelta(minutes=10)
"""So long what a tick issues waits at most for the end of the tick."""
_LONGEST_ERROR = 500
_AT_ONCE = 1000


def worker(name: str) -> str:
    """Return a name for one process that claims, different from every other."""
    return f"{name[:200]}/{secrets.token_hex(8)}"


def ripe(now: int) -> ColumnElement[bool]:
    """Whether the instant from which a row may go out has come."""
    # What lies further ahead than anything waits was written by a clock that had gone ahead.
    attempt, urgent = t.c.next_attempt_at, t.c.priority == URGENT
    ahead = or_(
        attempt > now + _micros(LONGEST_WAIT),
        and_(urgent, attempt > now + _micros(LONGEST_URGENT_WAIT)),
    )
    return or_(attempt <= now, ahead)


def _micros(span: datetime.timedelta) -> int:
    return round(span.total_seconds() * 1_000_000)


def unclaimed(now: int) -> ColumnElement[bool]:
    """Whether no process holds a row; the claim of one that died ends."""
    # A fresh claim ends a lease after the clock of who made it, which may be ahead of ours: only
    # what ends later than any clock that is nearly right would say was never meant.
    until = t.c.claimed_until
    return or_(until.is_(None), until <= now, until > now + 2 * _micros(LEASE))


def _free(now: int) -> ColumnElement[bool]:
    return and_(t.c.state == PENDING, ripe(now), unclaimed(now))


def _wanted(
    now: datetime.datetime, failing: Mapping[Pair, int], events: Collection[str] | None
) -> ColumnElement[bool]:
    wanted = [_free(micros(now))]
    if failing:
        wanted.append(not_(bundling.held_back(failing, now)))
    if events is not None:
        wanted.append(t.c.event.in_(events))
    return and_(*wanted)


def _next(wanted: ColumnElement[bool], channel: str, urgent: bool, limit: int) -> Select[Any]:
    columns = (t.c.id, t.c.message, t.c.channel, t.c.recipient, t.c.form)
    query = select(*columns, bundling.fresh().label("fresh"))
    query = query.where(wanted, t.c.channel == channel)
    if urgent:
        query = query.where(t.c.priority == URGENT)
    return query.order_by(*bundling.ORDER).limit(limit)


def channels(
    conn: Connection, now: datetime.datetime, *, events: Collection[str] | None = None
) -> list[str]:
    """Return the channels that something waits for."""
    query = select(t.c.channel).where(_wanted(now, bundling.failing(conn), events)).distinct()
    return list(conn.execute(query.order_by(t.c.channel)).scalars())


def waiting(
    conn: Connection,
    now: datetime.datetime,
    channel: str,
    *,
    events: Collection[str] | None = None,
    urgent: bool = False,
) -> bool:
    """Whether there is anything to claim; asking this needs no transaction that writes."""
    wanted = _wanted(now, bundling.failing(conn), events)
    return conn.execute(_next(wanted, channel, urgent, 1)).first() is not None


def undelivered(conn: Connection, events: Collection[str]) -> int:
    """Return how many rows of some events still wait to be sent, whoever sends them."""
    query = select(func.count()).where(t.c.state == PENDING, t.c.event.in_(events))
    return conn.execute(query).scalar_one()


def claim(
    conn: Connection,
    who: str,
    now: datetime.datetime,
    *,
    channel: str,
    limit: int,
    events: Collection[str] | None = None,
    urgent: bool = False,
    lease: datetime.timedelta = LEASE,
    above: int = bundling.ABOVE,
    superseded: Callable[[int], None] = lambda _: None,
) -> list[Parcel]:
    """Claim up to `limit` messages of a channel until the lease ends.

    The urgent and the oldest come first. `events`: only what these issued. `urgent`: only what is.
    `above`: more routine notices than this for one recipient go out in one message.
    `superseded`: told how many rows were dropped, since a later one stands for each. What the
    database refuses, the transaction that the caller holds raises as StoreError.
    """
    lock(conn)
    failing = bundling.failing(conn)
    query = _next(_wanted(now, failing, events), channel, urgent, limit)

    def alone(pair: Pair) -> int:
        return 1 if pair in failing else above

    parcels: dict[str, list[str]] = {}
    while not parcels and (rows := conn.execute(query.with_for_update(skip_locked=True)).all()):
        sorting = bundling.Sorting(
            conn, who, now, _free(micros(now)), unclaimed(micros(now)), alone
        )
        parcels = sorting.messages(rows)
        superseded(sorting.superseded)
    claimed = [id_ for ids in parcels.values() for id_ in ids]
    taken = {"claimed_by": who, "claimed_until": micros(now + lease), "attempts": t.c.attempts + 1}
    taken["message"] = bundling.message_of()
    conn.execute(update(t).where(t.c.id.in_(claimed)).values(taken))
    items = {row.id: item(row) for row in conn.execute(select(t).where(t.c.id.in_(claimed)))}
    return [Parcel(m, tuple(items[i] for i in ids)) for m, ids in parcels.items()]


def lock(conn: Connection) -> None:
    """Let one process at a time claim, so that none gets half a bundle, or look what has no hope.

    SQLite's transactions that write exclude each other from their beginning.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(select(func.pg_advisory_xact_lock(0x6F75_7462_6F78)))


def _mine(who: str, ids: Iterable[str]) -> Update:
    return update(t).where(t.c.id.in_(list(ids)), t.c.state == PENDING, t.c.claimed_by == who)


def renew(
    conn: Connection, who: str, ids: Iterable[str], until: datetime.datetime
) -> frozenset[str]:
    """Prolong a lease; return the rows that are still claimed by `who`."""
    wanted = list(ids)
    conn.execute(_mine(who, wanted).values(claimed_until=micros(until)))
    held = select(t.c.id).where(t.c.id.in_(wanted), t.c.state == PENDING, t.c.claimed_by == who)
    return frozenset(conn.execute(held).scalars())


def delivered(conn: Connection, who: str, ids: Iterable[str], now: datetime.datetime) -> None:
    """Note that rows were sent. It is a fact, whoever may have claimed or dropped them since."""
    done = update(t).where(t.c.id.in_(list(ids)), t.c.state != DELIVERED)
    values = {"state": DELIVERED, "ended_at": micros(now), "ended_by": who}
    conn.execute(done.values(values | {"reason": None, "last_error": None} | FREED))


def failed(
    conn: Connection, who: str, ids: Iterable[str], error: str, retry_at: datetime.datetime
) -> None:
    """Note that rows could not be sent, and when to try again; not if another claimed them."""
    values = {"last_error": error[:_LONGEST_ERROR], "next_attempt_at": micros(retry_at)}
    conn.execute(_mine(who, ids).values(values | FREED))


def died(
    conn: Connection, who: str, ids: Iterable[str], error: str, now: datetime.datetime
) -> None:
    """Note that rows could not be sent and that nobody tries again unless asked to."""
    values = {"state": DEAD, "last_error": error[:_LONGEST_ERROR], "ended_at": micros(now)}
    conn.execute(_mine(who, ids).values(values | FREED))


def overtaken(
    conn: Connection, who: str, ids: Iterable[str], reason: str, now: datetime.datetime
) -> None:
    """Drop rows that events have overtaken before they were sent."""
    conn.execute(_mine(who, ids).values(dropped(who, micros(now), reason)))


def release(
    conn: Connection,
    who: str,
    ids: Iterable[str],
    retry_at: datetime.datetime | None = None,
    why: str | None = None,
) -> None:
    """Give back rows that nobody tried to send; until `retry_at` they rest, and say why."""
    # What was never tried may still go out in a bundle.
    alone = and_(t.c.attempts == 1, t.c.message == t.c.id)
    message = case((alone, None), else_=t.c.message)
    values: dict[str, Any] = {"attempts": t.c.attempts - 1, "message": message}
    if retry_at is not None:
        values["next_attempt_at"] = micros(retry_at)
    if why is not None:
        values["last_error"] = why[:_LONGEST_ERROR]
    conn.execute(_mine(who, ids).values(values | FREED))


def put_off(
    conn: Connection,
    now: datetime.datetime,
    channel: str,
    until: datetime.datetime,
    why: str,
    *,
    events: Collection[str] | None = None,
) -> int:
    """Let everything that waits for a channel rest, and say why; return how many rows."""
    resting = update(t).where(_wanted(now, {}, events), t.c.channel == channel)
    values = {"next_attempt_at": micros(until), "last_error": why[:_LONGEST_ERROR]}
    return conn.execute(resting.values(values)).rowcount


def gathering() -> ColumnElement[bool]:
    """Whether a row waits for the end of the tick that issued it, for what else that issues."""
    hold = t.c.next_attempt_at == t.c.created_at + _micros(HOLD)
    held = and_(hold, t.c.not_before < t.c.next_attempt_at)
    return and_(t.c.state == PENDING, t.c.attempts == 0, held)


def close_bundles(conn: Connection) -> None:
    """Let what waited for the end of a tick go out; nothing more is coming."""
    conn.execute(update(t).where(gathering()).values(next_attempt_at=t.c.not_before))


def waiting_after_failures(
    conn: Connection, now: datetime.datetime, channel: str, recipient: str | None
) -> list[str]:
    """Return the rows to a recipient that failed and wait to be tried again, however long yet."""
    failed = and_(t.c.state == PENDING, t.c.last_error.is_not(None), t.c.not_before <= micros(now))
    to = and_(t.c.channel == channel, t.c.recipient.is_not_distinct_from(recipient))
    query = select(t.c.id).where(failed, to, t.c.next_attempt_at > micros(now))
    query = query.where(unclaimed(micros(now))).order_by(t.c.id).limit(_AT_ONCE)
    return list(conn.execute(query).scalars())


def wake(conn: Connection, ids: Iterable[str], now: datetime.datetime) -> None:
    """Let rows that wait to be tried again be tried now."""
    rows = and_(t.c.id.in_(list(ids)), t.c.state == PENDING, unclaimed(micros(now)))
    conn.execute(update(t).where(rows).values(next_attempt_at=micros(now)))
