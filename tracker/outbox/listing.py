"""The outbox as people look at it: list, find, and how often a row was taken up again."""

import datetime
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, case, func, or_, select

from tracker.errors import NotFoundError
from tracker.outbox.entries import DEAD, DROPPED
from tracker.outbox.items import Item, item
from tracker.outbox.standing import STANDINGS, UNDELIVERED, standing
from tracker.outbox.tables import outbox as t
from tracker.outbox.tables import retries
from tracker.store.instants import instant, optional_instant

SHOWN = 10
_AT_ONCE = 1000


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
    """Return rows that stand like one of `words`, or all that are neither delivered nor dropped.

    What needs somebody first comes first, then what is urgent, then the newest.
    """
    found = _listed(conn, now).subquery()
    rank = case({word: number for number, word in enumerate(STANDINGS)}, value=found.c.standing)
    query = (
        select(found)
        .where(found.c.standing.in_(words or UNDELIVERED))
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


def portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield ids by as many as a statement takes."""
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


def named(conn: Connection, ids: Sequence[str], now: datetime.datetime) -> list[Listed]:
    """Return the rows of these ids, in order."""
    found: dict[str, Listed] = {}
    for some in portions(ids):
        query = _listed(conn, now).where(t.c.id.in_(some))
        found |= {row.item.id: row for row in _read(conn, query)}
    return [found[id_] for id_ in ids]


def companions(conn: Connection, row: Item) -> int:
    """Return how many other rows go, or went, out in the same message."""
    if row.message is None:
        return 0
    same = select(func.count()).where(t.c.message == row.message, t.c.id != row.id)
    return conn.execute(same).scalar_one()


class Other(NamedTuple):
    """Another way by which what a row tells of goes, or went, out."""

    channel: str
    recipient: str | None
    standing: str

    @property
    def words(self) -> str:
        """In words."""
        return f"{self.channel}{f' to {self.recipient}' if self.recipient else ''}"


def others(conn: Connection, id_: str, now: datetime.datetime) -> list[Other]:
    """Return the other rows of the issue that a row tells of, but those that were dropped."""
    of = select(t.c.event).where(t.c.id == id_).scalar_subquery()
    rows = _listed(conn, now).where(t.c.event == of, t.c.id != id_, t.c.state != DROPPED)
    return [
        Other(row.channel, row.recipient, row.standing)
        for row in conn.execute(rows.order_by(t.c.channel, t.c.id))
    ]


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
