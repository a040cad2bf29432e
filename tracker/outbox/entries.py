"""What goes into the outbox: one entry for each recipient and channel."""

import datetime
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, bindparam, insert, select, update

from tracker.outbox.tables import outbox as t
from tracker.store.instants import micros
from tracker.store.statements import Session, Statement

PENDING, DELIVERED, DEAD, DROPPED = "pending", "delivered", "dead", "dropped"
STATES = (PENDING, DELIVERED, DEAD, DROPPED)
URGENT, ROUTINE = 0, 1
NOTICE, DAILY = "notice", "daily"
READDRESSED = "re-addressed"
"""How the reason begins for which a row is dropped that another one takes the place of."""
SUPERSEDED = "superseded"
"""How it begins for a row that a later one of the same reminder stands for."""
_Text = TypeVar("_Text", str, ColumnElement[str])
_MESSAGES = uuid.UUID("0e0a1c52-6c1b-4d0e-8a57-2f7f3f6f1d90")


class Entry(NamedTuple):
    """One message to one recipient by one channel, before anybody tried to send it."""

    id: str
    """The same whoever writes it, so that it is written once; see `message_id`."""
    channel: str
    recipient: str | None
    """Address, for channels that take one."""
    form: str
    """What the content is: a notice of one reminder, or a daily digest."""
    content: bytes
    due_at: datetime.datetime
    """When what it tells of is, or was, due: the longest overdue goes first."""
    created_at: datetime.datetime
    not_before: datetime.datetime
    """Quiet hours end then."""
    first_attempt_at: datetime.datetime
    event: str | None = None
    """Id of the event that issued it."""
    episode_key: int | None = None
    reminder: str | None = None
    level: int = 0
    coordinator: str | None = None
    site: str | None = None
    priority: int = ROUTINE
    bundled: bool = False
    """Whether it fell due in an outage: it goes out in one message with others, however few."""


def message_id(*parts: str | None) -> str:
    """Return the id of a message, made from what it says, by which channel, and to whom."""
    return str(uuid.uuid5(_MESSAGES, "|".join("" if p is None else p for p in parts)))


def superseded_by(later: _Text) -> _Text:
    """Return why a row is dropped that a later one stands for; text or an expression of SQL."""
    return f"{SUPERSEDED}: " + later + " tells of the same reminder later"


_columns = (
    "id", "event", "episode_key", "reminder", "level", "coordinator", "site", "channel",
    "recipient", "priority", "form", "content", "bundled", "due_at", "created_at", "not_before",
    "next_attempt_at", "attempts", "state",
)  # fmt: skip
_insert = Statement(insert(t).values({name: bindparam(name) for name in _columns}), *_columns)
FREED: dict[str, Any] = {"claimed_by": None, "claimed_until": None}
"""Of a row that nobody has in hand."""


def dropped(by: Any, at: Any, reason: Any) -> dict[str, Any]:
    """Return what is written of a row that is dropped: who did it, when, and why."""
    return {"state": DROPPED, "ended_by": by, "ended_at": at, "reason": reason, **FREED}


_withdraw = Statement(
    update(t)
    .where(t.c.event == bindparam("of"), t.c.state == PENDING)
    .values(dropped(bindparam("by"), bindparam("at"), bindparam("why"))),
    "at", "by", "why", "of",
)  # fmt: skip
_later = t.alias("later")
_revive = Statement(
    update(t)
    .where(
        t.c.state == DROPPED,
        t.c.episode_key.in_(select(_later.c.episode_key).where(_later.c.event == bindparam("of"))),
        t.c.reason.in_(
            select(superseded_by(_later.c.id)).where(
                _later.c.event == bindparam("by"), _later.c.state != DELIVERED
            )
        ),
    )
    .values(state=PENDING, ended_at=None, ended_by=None, reason=None),
    "of",
    "by",
)


def put(conn: Session, entries: Sequence[Entry]) -> None:
    """Write entries in the transaction of a connection."""
    _insert.many(conn, [_row(entry) for entry in entries])


def _row(e: Entry) -> tuple[object, ...]:
    return (
        e.id, e.event, e.episode_key, e.reminder, e.level, e.coordinator, e.site, e.channel,
        e.recipient, e.priority, e.form, e.content, e.bundled, micros(e.due_at),
        micros(e.created_at), micros(e.not_before), micros(e.first_attempt_at), 0, PENDING,
    )  # fmt: skip


def withdraw(conn: Session, event: str, now: datetime.datetime, who: str, why: str) -> None:
    """Drop what an event issued and nobody has sent yet."""
    _withdraw(conn, micros(now), who, why, event)


def take_back(conn: Session, event: str, now: datetime.datetime, who: str, why: str) -> None:
    """Drop what an event issued that counts for nothing; what it stood for goes out after all."""
    _revive(conn, event, event)
    withdraw(conn, event, now, who, why)
