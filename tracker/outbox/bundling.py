"""What goes out in one message: what piled up for a recipient, so that nobody is flooded.

Which rows belong together is decided when the first of them is claimed, and then for good: a
message that is sent again has the id it had. What is urgent goes out by itself.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, false, func, or_, select, update

from tracker.outbox.entries import NOTICE, PENDING, ROUTINE, dropped, message_id, superseded_by
from tracker.outbox.tables import outbox as t
from tracker.store.instants import micros

ABOVE = 5
"""More routine notices than this that one recipient could get at once go out in one message."""
LARGEST = 1000
"""The most rows that go out in one message."""
FAILING = 3
"""After so many messages that failed the next for the same recipient wait for one of them ..."""
PATIENCE = datetime.timedelta(hours=1)
"""... but no longer than this, and twice as long for each that failed since."""
_MOST_PATIENCE = datetime.timedelta(hours=8)
ORDER = (t.c.priority, t.c.next_attempt_at, t.c.due_at, t.c.id)
"""What is urgent goes first, and then what could have gone first."""


def fresh() -> ColumnElement[bool]:
    """Whether a row may still go out in a bundle: routine, and in no message yet.

    Whoever died with it in hand, or failed, may have delivered it all the same.
    """
    untried = and_(t.c.message.is_(None), t.c.attempts == 0)
    return and_(t.c.form == NOTICE, t.c.priority == ROUTINE, untried)


def _to(channel: str, recipient: str | None) -> ColumnElement[bool]:
    return and_(t.c.channel == channel, t.c.recipient.is_not_distinct_from(recipient))


Pair = tuple[str, str | None]
"""A channel, and a recipient if it takes one."""


def failing(conn: Connection) -> dict[Pair, int]:
    """Return to whom nothing gets through now, and how many messages have failed."""
    messages = func.count(message_of().distinct())
    query = (
        select(t.c.channel, t.c.recipient, messages.label("messages"))
        .where(t.c.state == PENDING, t.c.attempts > 0, t.c.last_error.is_not(None))
        .group_by(t.c.channel, t.c.recipient)
        .having(messages >= FAILING)
    )
    return {(row.channel, row.recipient): row.messages for row in conn.execute(query)}


def held_back(failing: Mapping[Pair, int], now: datetime.datetime) -> ColumnElement[bool]:
    """Return which rows wait because others to the same recipient fail.

    Each that is tried while a channel is out has an id of its own from then on, and when the
    channel is back all of them would come one by one.
    """
    waiting = [
        and_(_to(*pair), t.c.not_before > micros(now - _patience(messages)))
        for pair, messages in failing.items()
    ]
    return and_(fresh(), or_(false(), *waiting))


def _patience(messages: int) -> datetime.timedelta:
    return min(PATIENCE * 2.0 ** min(messages - FAILING, 10), _MOST_PATIENCE)


def message_of() -> ColumnElement[str]:
    """Return the id of the message that a row goes out in, as far as that is known."""
    return func.coalesce(t.c.message, t.c.id)


class Sorting:
    """Sorts rows that are about to be claimed by the message they go out in."""

    def __init__(
        self,
        conn: Connection,
        who: str,
        now: datetime.datetime,
        free: ColumnElement[bool],
        unclaimed: ColumnElement[bool],
        above: Callable[[Pair], int],
    ) -> None:
        """Take who claims, which rows are free and which are nobody's, and the limits.

        `above`: so many may go to a recipient one by one.
        """
        self._conn = conn
        self._who = who
        self._now = now
        self._free = free
        self._unclaimed = unclaimed
        self._above = above
        self._piles: dict[Pair, _Pile] = {}
        self._taken: set[str] = set()
        self.superseded = 0
        """How many rows were dropped, since a later one stands for each."""

    def messages(self, rows: Iterable[Row[Any]]) -> dict[str, list[str]]:
        """Return the ids of rows by message, in the order of the first of each.

        A row is dropped when a later one tells the same recipient of the same reminder.
        """
        found: dict[str, list[str]] = {}
        for row in rows:
            if row.id not in self._taken:
                message, ids = self._message(row)
                self._taken.update(ids)
                if message is not None:
                    found[message] = ids
        return found

    def _message(self, row: Row[Any]) -> tuple[str | None, list[str]]:
        """Return the message of a row, and all that goes out in it; None: it does not go now."""
        if row.message not in (None, row.id):
            return row.message, self._rest(row.message)
        if row.form == NOTICE:
            pile = self._pile(row)
            if row.id in pile.superseded:
                return None, [row.id]
            pair = (row.channel, row.recipient)
            if row.fresh and (together := pile.take(row.id, self._above(pair))) is not None:
                return self._bundle(together), together
        return row.id, [row.id]

    def _bundle(self, ids: list[str]) -> str | None:
        """Bind rows together for good; return the id of the message."""
        if not ids:
            return None
        message = message_id("bundle", *sorted(ids))
        self._conn.execute(update(t).where(t.c.id.in_(ids)).values(message=message))
        return message

    def _rest(self, message: str) -> list[str]:
        """Return what is left of a bundle, all of it, whatever the time: it is not torn apart."""
        of_it = and_(t.c.message == message, t.c.state == PENDING, self._unclaimed)
        return list(self._conn.execute(select(t.c.id).where(of_it).order_by(t.c.id)).scalars())

    def _pile(self, row: Row[Any]) -> "_Pile":
        pair = (row.channel, row.recipient)
        if pair not in self._piles:
            pile = self._piles[pair] = _Pile(self._single(pair))
            self._drop(pile.superseded)
        return self._piles[pair]

    def _single(self, pair: Pair) -> Sequence[Row[Any]]:
        """Return what is free for a recipient and in no bundle, in the order of claims."""
        columns = (t.c.id, t.c.episode_key, t.c.reminder, t.c.created_at, t.c.bundled)
        query = (
            select(*columns, fresh().label("fresh"))
            .where(self._free, _to(*pair), t.c.form == NOTICE, message_of() == t.c.id)
            .order_by(*ORDER)
            .limit(LARGEST)
        )
        return self._conn.execute(query).fetchall()

    def _drop(self, superseded: dict[str, str]) -> None:
        self.superseded += len(superseded)
        for id_, later in superseded.items():
            reason = superseded_by(later)
            row = update(t).where(t.c.id == id_, t.c.state == PENDING)
            self._conn.execute(row.values(dropped(self._who, micros(self._now), reason)))


class _Pile:
    """What is free to go to one recipient."""

    def __init__(self, rows: Sequence[Row[Any]]) -> None:
        latest = {_told(row): row for row in sorted(rows, key=lambda row: row.created_at)}
        self.superseded = {
            row.id: later.id
            for row in rows
            if (later := latest[_told(row)]).created_at > row.created_at
        }
        """Rows that a later one stands for, and which."""
        left = [row for row in rows if row.id not in self.superseded and row.fresh]
        self._fresh = [row.id for row in left]
        self._outage = any(row.bundled for row in left)
        self._taken = False

    def take(self, id_: str, above: int) -> list[str] | None:
        """Return the rows of the bundle that one goes out in; None: it goes alone.

        None of them if a bundle has been taken already: the next claim takes what did not fit.
        """
        if self._taken:
            return []
        if not self._outage and len(self._fresh) <= above:
            return None
        self._taken = True
        return self._fresh if id_ in self._fresh else [*self._fresh[: LARGEST - 1], id_]


def _told(row: Row[Any]) -> tuple[str, ...]:
    """Return what a row tells of."""
    return (row.id,) if row.reminder is None else (str(row.episode_key), row.reminder)
