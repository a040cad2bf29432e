"""A row of the outbox as the program sees it."""

import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row

from tracker.outbox.entries import ROUTINE, URGENT, Entry, message_id
from tracker.outbox.tables import outbox as t
from tracker.store.instants import instant, optional_instant


class Item(NamedTuple):
    """A row of the outbox."""

    id: str
    event: str | None
    episode_key: int | None
    reminder: str | None
    level: int
    coordinator: str | None
    site: str | None
    channel: str
    recipient: str | None
    urgent: bool
    form: str
    content: bytes
    bundled: bool
    message: str | None
    """Id of the message it goes out in, once that is known: its own id, or that of a bundle."""
    due_at: datetime.datetime
    created_at: datetime.datetime
    not_before: datetime.datetime
    next_attempt_at: datetime.datetime
    attempts: int
    claimed_by: str | None
    claimed_until: datetime.datetime | None
    state: str
    ended_at: datetime.datetime | None
    ended_by: str | None
    """Who dropped it, or whose scheduler delivered it."""
    reason: str | None
    last_error: str | None

    def told_by(self, channel: str, recipient: str | None, not_before: datetime.datetime) -> Entry:
        """Return what tells the same by another channel, or another address, from a time on."""
        return Entry(
            id=message_id(self.event, channel, recipient),
            channel=channel,
            recipient=recipient,
            form=self.form,
            content=self.content,
            due_at=self.due_at,
            created_at=self.created_at,
            not_before=not_before,
            first_attempt_at=not_before,
            event=self.event,
            episode_key=self.episode_key,
            reminder=self.reminder,
            level=self.level,
            coordinator=self.coordinator,
            site=self.site,
            priority=URGENT if self.urgent else ROUTINE,
        )


def item(row: Row[Any]) -> Item:
    """Return a row of the table as an item; what else was selected is left out."""
    values = {column: row._mapping[column] for column in t.columns.keys()}  # noqa: SIM118
    values["urgent"] = values.pop("priority") == URGENT
    for name in ("due_at", "created_at", "not_before", "next_attempt_at"):
        values[name] = instant(values[name])
    for name in ("claimed_until", "ended_at"):
        values[name] = optional_instant(values[name])
    return Item(**values)


class Parcel(NamedTuple):
    """What goes out in one message, claimed by one process."""

    message: str
    """Id of the message: whenever these rows are sent again, it is the same."""
    items: tuple[Item, ...]

    @property
    def ids(self) -> list[str]:
        """The rows it is made of."""
        return [item.id for item in self.items]

    @property
    def first(self) -> Item:
        """Its first row; channel, recipient and form are the same for all."""
        return self.items[0]

    @property
    def bundle(self) -> bool:
        """Whether it tells of what piled up, and not of one reminder under that one's id."""
        return self.message != self.first.id
