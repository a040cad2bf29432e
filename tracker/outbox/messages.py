"""What became of the messages of an episode, for whoever looks back."""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, select

from tracker.outbox.tables import outbox as t
from tracker.store.instants import instant, optional_instant

_AT_ONCE = 500
"""Episodes that one query names at most."""
_COLUMNS = (
    t.c.id, t.c.event, t.c.episode_key, t.c.reminder, t.c.channel, t.c.recipient, t.c.bundled,
    t.c.created_at, t.c.not_before, t.c.attempts, t.c.state, t.c.ended_at, t.c.ended_by,
    t.c.reason, t.c.last_error,
)  # fmt: skip


class Message(NamedTuple):
    """A row of the outbox without what it says."""

    id: str
    event: str | None
    """What issued it."""
    episode_key: int | None
    reminder: str | None
    channel: str
    recipient: str | None
    bundled: bool
    created_at: datetime.datetime
    not_before: datetime.datetime
    attempts: int
    state: str
    ended_at: datetime.datetime | None
    ended_by: str | None
    reason: str | None
    last_error: str | None


def messages_of(conn: Connection, keys: Sequence[int]) -> Iterator[Message]:
    """Yield the messages of the episodes with some keys."""
    for start in range(0, len(keys), _AT_ONCE):
        query: Select[Any] = select(*_COLUMNS).where(
            t.c.episode_key.in_(keys[start : start + _AT_ONCE])
        )
        for row in conn.execute(query.order_by(t.c.created_at, t.c.id)):
            yield _message(row)


def _message(row: Row[Any]) -> Message:
    values = dict(row._mapping)
    for name in ("created_at", "not_before"):
        values[name] = instant(values[name])
    return Message(**values | {"ended_at": optional_instant(values["ended_at"])})
