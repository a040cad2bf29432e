"""The outbox as people look at it: list, find, try again, drop."""

import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select, update

from tracker.errors import ConflictError, NotFoundError, RefusedError
from tracker.outbox.entries import DEAD, DELIVERED, DROPPED, PENDING
from tracker.outbox.items import Item, item
from tracker.outbox.tables import outbox as t
from tracker.store.instants import micros

SHOWN = 10


def counts(conn: Connection) -> dict[str, int]:
    """Return how many rows there are in each state."""
    rows = conn.execute(select(t.c.state, func.count().label("number")).group_by(t.c.state))
    return {row.state: row.number for row in rows}


def items(conn: Connection, state: str | None, limit: int) -> list[Item]:
    """Return rows of a state, or those that are not done; the newest first."""
    query = select(t).order_by(t.c.created_at.desc(), t.c.id).limit(limit)
    wanted = t.c.state == state if state else t.c.state != DELIVERED
    return [item(row) for row in conn.execute(query.where(wanted))]


def find(conn: Connection, ref: str) -> Item:
    """Return the row that `ref` names: its id, or the beginning of it.

    Raises NotFoundError when there is none or several; it lists these.
    """
    near = t.c.id.startswith(ref, autoescape=True)
    query = select(t).where(or_(t.c.id == ref, near)).order_by(t.c.id).limit(SHOWN)
    rows = [item(row) for row in conn.execute(query)] if ref else []
    found = [row for row in rows if row.id == ref] or rows
    if not found:
        raise NotFoundError(f"there is no message {ref!r}", "tracker outbox list")
    if len(found) > 1:
        listed = ", ".join(row.id for row in found)
        raise NotFoundError(f"{ref!r} fits several messages: {listed}", "give more of the id")
    return found[0]


def retry(conn: Connection, row: Item, now: datetime.datetime) -> None:
    """Let a row be sent again at once, with all its attempts before it.

    Raises RefusedError for one that was delivered, or that a scheduler is sending now.
    """
    _refuse_done(row, now, "sent again")
    _change(conn, row, _anew(now))


def _anew(now: datetime.datetime) -> dict[str, Any]:
    return {
        "state": PENDING,
        "attempts": 0,
        "next_attempt_at": micros(now),
        "claimed_by": None,
        "claimed_until": None,
        "ended_at": None,
        "ended_by": None,
        "reason": None,
    }


def retry_dead(conn: Connection, now: datetime.datetime) -> list[str]:
    """Let everything that was given up be sent again at once; return the ids."""
    dead = select(t.c.id).where(t.c.state == DEAD).order_by(t.c.id)
    ids = list(conn.execute(dead).scalars())
    conn.execute(update(t).where(t.c.state == DEAD).values(_anew(now)))
    return ids


def drop(conn: Connection, row: Item, now: datetime.datetime, who: str, reason: str) -> None:
    """Drop a row for a reason: it is not sent. Raises RefusedError, as `retry`."""
    _refuse_done(row, now, "dropped")
    values = {
        "state": DROPPED,
        "ended_at": micros(now),
        "ended_by": who,
        "reason": reason,
        "claimed_by": None,
        "claimed_until": None,
    }
    _change(conn, row, values)


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
