"""The outbox as people look at it: list, find, try again, drop."""

import datetime
from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, case, func, insert, or_, select, update

from tracker.errors import ConflictError, NotFoundError, RefusedError
from tracker.outbox.entries import DEAD, DELIVERED, DROPPED, PENDING, READDRESSED
from tracker.outbox.items import Item, item
from tracker.outbox.standing import STANDINGS, standing
from tracker.outbox.tables import outbox as t
from tracker.outbox.tables import retries
from tracker.store.instants import instant, micros, optional_instant

SHOWN = 10
_OPEN = tuple(word for word in STANDINGS if word != DELIVERED)


class Listed(NamedTuple):
    """A row, and how it stands now: one of STANDINGS."""

    item: Item
    standing: str


class Retried(NamedTuple):
    """Once that somebody let a row be sent again, and how it stood until then."""

    at: datetime.datetime
    by: str
    state: str
    ended_at: datetime.datetime | None
    ended_by: str | None
    reason: str | None
    attempts: int
    last_error: str | None


def _listed(conn: Connection, now: datetime.datetime) -> Select[Any]:
    return select(t, standing(conn, now).label("standing"))


def _read(conn: Connection, query: Select[Any]) -> list[Listed]:
    return [Listed(item(row), row.standing) for row in conn.execute(query)]


def listed(
    conn: Connection, now: datetime.datetime, words: Collection[str], limit: int
) -> list[Listed]:
    """Return rows that stand like one of `words`, or all that are not delivered.

    What needs somebody first comes first, then what is urgent, then the newest.
    """
    found = _listed(conn, now).subquery()
    rank = case({word: number for number, word in enumerate(STANDINGS)}, value=found.c.standing)
    query = (
        select(found)
        .where(found.c.standing.in_(words or _OPEN))
        .order_by(rank, found.c.priority, found.c.created_at.desc(), found.c.id)
        .limit(limit)
    )
    return _read(conn, query)


def find(conn: Connection, ref: str, now: datetime.datetime) -> Listed:
    """Return the row that `ref` names: its id, or the beginning of it.

    Raises NotFoundError when there is none or several; it lists these.
    """
    near = t.c.id.startswith(ref, autoescape=True)
    query = _listed(conn, now).where(or_(t.c.id == ref, near)).order_by(t.c.id).limit(SHOWN)
    rows = _read(conn, query) if ref else []
    found = [row for row in rows if row.item.id == ref] or rows
    if not found:
        raise NotFoundError(f"there is no message {ref!r}", "tracker outbox list")
    if len(found) > 1:
        names = ", ".join(row.item.id for row in found)
        raise NotFoundError(f"{ref!r} fits several messages: {names}", "give more of the id")
    return found[0]


def companions(conn: Connection, row: Item) -> int:
    """Return how many other rows go, or went, out in the same message."""
    if row.message is None:
        return 0
    same = select(func.count()).where(t.c.message == row.message, t.c.id != row.id)
    return conn.execute(same).scalar_one()


def retried(conn: Connection, row: Item) -> list[Retried]:
    """Return each time that somebody let a row be sent again, in order."""
    query = select(retries).where(retries.c.outbox_id == row.id).order_by(retries.c.number)
    return [
        Retried(
            instant(found.at),
            found.by,
            found.state,
            optional_instant(found.ended_at),
            found.ended_by,
            found.reason,
            found.attempts,
            found.last_error,
        )
        for found in conn.execute(query)
    ]


def dead(conn: Connection) -> list[Item]:
    """Return every row that was given up."""
    return [item(row) for row in conn.execute(select(t).where(t.c.state == DEAD).order_by(t.c.id))]


def retry(
    conn: Connection,
    row: Item,
    now: datetime.datetime,
    who: str,
    quiet_until: datetime.datetime | None = None,
) -> None:
    """Let a row be sent again, with all its attempts before it; how it had ended stays on record.

    `quiet_until`: it is held until then. Raises RefusedError for one that was delivered, that a
    scheduler is sending now, or that is for others since, ConflictError for one that has changed
    since it was read.
    """
    _refuse_done(row, now, "sent again")
    if (row.reason or "").startswith(READDRESSED):
        raise RefusedError(
            f"{row.id} is for others now, who are told instead ({row.reason})",
            "tracker outbox list --state delivered shows what was sent",
        )
    at = micros(quiet_until or now)
    values = {
        "state": PENDING,
        "attempts": 0,
        "next_attempt_at": at,
        "claimed_by": None,
        "claimed_until": None,
        "ended_at": None,
        "ended_by": None,
        "reason": None,
        "last_error": None,
    }
    if quiet_until is not None:
        values["not_before"] = at
    if row.state != PENDING and row.message != row.id:
        # It leaves its bundle, whose id would hide it if the rest is sent again later.
        values["message"] = None
    _change(conn, row, values)
    _note(conn, row, now, who)


def _note(conn: Connection, row: Item, now: datetime.datetime, who: str) -> None:
    """Keep how a row stood, in the transaction that lets it be sent again."""
    before = select(func.count()).where(retries.c.outbox_id == row.id)
    values = {
        "outbox_id": row.id,
        "number": conn.execute(before).scalar_one() + 1,
        "at": micros(now),
        "by": who,
        "state": row.state,
        "ended_at": None if row.ended_at is None else micros(row.ended_at),
        "ended_by": row.ended_by,
        "reason": row.reason,
        "attempts": row.attempts,
        "last_error": row.last_error,
    }
    conn.execute(insert(retries).values(values))


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
