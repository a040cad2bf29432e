"""What people do to messages: let them be sent again, or drop them, with who and why on record."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    and_,
    case,
    func,
    insert,
    literal,
    null,
    select,
    update,
)

from tracker.errors import ConflictError, RefusedError
from tracker.outbox.entries import DELIVERED, DROPPED, FREED, PENDING, READDRESSED, dropped
from tracker.outbox.items import Item
from tracker.outbox.listing import portions
from tracker.outbox.queue import unclaimed
from tracker.outbox.tables import outbox as t
from tracker.outbox.tables import retries
from tracker.store.instants import micros

_KEPT = ("state", "ended_at", "ended_by", "reason", "attempts", "last_error")


def retry(
    conn: Connection,
    rows: Sequence[Item],
    now: datetime.datetime,
    who: str,
    quiet_until: Callable[[Item], datetime.datetime | None] = lambda _: None,
) -> None:
    """Let rows be sent again, with all attempts before them; how they had ended stays on record.

    `quiet_until`: until when each is held. Raises RefusedError for one that was delivered, that a
    scheduler is sending now, or that is for others since, ConflictError for one that has changed
    since it was read.
    """
    held: dict[datetime.datetime | None, list[str]] = defaultdict(list)
    for row in rows:
        _refuse_done(row, now, "sent again")
        _refuse_readdressed(row)
        held[quiet_until(row)].append(row.id)
    for until, ids in held.items():
        for some in portions(ids):
            _retry(conn, some, now, who, until)


def _retry(
    conn: Connection,
    ids: Sequence[str],
    now: datetime.datetime,
    who: str,
    quiet_until: datetime.datetime | None,
) -> None:
    at = micros(quiet_until or now)
    same = and_(t.c.id.in_(ids), t.c.state != DELIVERED, unclaimed(micros(now)))
    number = select(func.count() + 1).where(retries.c.outbox_id == t.c.id).scalar_subquery()
    kept = [t.c[name] for name in _KEPT]
    how = select(t.c.id, number, literal(micros(now), BigInteger), literal(who), *kept).where(same)
    conn.execute(insert(retries).from_select(["outbox_id", "number", "at", "by", *_KEPT], how))
    values = {
        "state": PENDING,
        "attempts": 0,
        "next_attempt_at": at,
        **FREED,
        "ended_at": None,
        "ended_by": None,
        "reason": None,
        "last_error": None,
        # It leaves its bundle, whose id would hide it if the rest is sent again later.
        "message": case(
            (and_(t.c.state != PENDING, t.c.message != t.c.id), null()), else_=t.c.message
        ),
    }
    if quiet_until is not None:
        values["not_before"] = at
    if conn.execute(update(t).where(same).values(values)).rowcount != len(ids):
        raise ConflictError("a message has changed meanwhile", "look again: tracker outbox list")


def _refuse_readdressed(row: Item) -> None:
    if (row.reason or "").startswith(READDRESSED):
        raise RefusedError(
            f"{row.id} is for others now, who are told instead ({row.reason})",
            "tracker outbox list --state delivered shows what was sent",
        )


def drop(conn: Connection, row: Item, now: datetime.datetime, who: str, reason: str) -> None:
    """Drop a row for a reason: it is not sent.

    Raises RefusedError and ConflictError as `retry` does, and for one that was dropped before.
    """
    _refuse_done(row, now, "dropped")
    if row.state == DROPPED:
        raise RefusedError(
            f"{row.id} was dropped before, by {row.ended_by}: {row.reason}",
            f"tracker outbox retry {row.id} lets it be sent after all",
        )
    _change(conn, row, dropped(who, micros(now), reason))


def _change(conn: Connection, row: Item, values: dict[str, Any]) -> None:
    """Change a row unless it has changed since it was read."""
    same = update(t).where(
        t.c.id == row.id,
        t.c.state == row.state,
        t.c.claimed_by.is_not_distinct_from(row.claimed_by),
    )
    if conn.execute(same.values(values)).rowcount != 1:
        raise ConflictError(f"{row.id} has changed meanwhile", "look again: tracker outbox show")


def _refuse_done(row: Item, now: datetime.datetime, what: str) -> None:
    if row.state == DELIVERED:
        raise RefusedError(f"{row.id} was delivered: it cannot be {what}")
    if row.state == PENDING and row.claimed_until is not None and row.claimed_until > now:
        raise RefusedError(
            f"{row.id} is being sent now: it cannot be {what}", "wait a little, then try again"
        )
