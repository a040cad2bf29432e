"""A database with nothing but an outbox, and a clock that is moved by hand."""

import datetime
from collections.abc import Iterator

import msgspec
import pytest

from tracker.config import Location
from tracker.outbox import queue
from tracker.outbox.entries import NOTICE, Entry, put
from tracker.outbox.items import Item, Parcel
from tracker.reminders.message import Notice
from tracker.service import Service

NOW = datetime.datetime(2026, 3, 5, 9, 0, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime.datetime:
        """Return where it stands."""
        return self.now


class Box:
    """The outbox of one database."""

    def __init__(self, service: Service, clock: Clock) -> None:
        self.service = service
        self.clock = clock

    def put(self, *entries: Entry) -> None:
        """Write entries, as the transaction of an append does."""
        with self.service.database.appending() as conn:
            put(conn, entries)

    def claim(
        self, who: str = "one", limit: int = 20, channel: str = "file", urgent: bool = False
    ) -> list[Parcel]:
        """Claim what is waiting for a channel now."""
        with self.service.database.writing() as conn:
            return queue.claim(
                conn, who, self.clock.now, channel=channel, limit=limit, urgent=urgent
            )

    def items(self) -> dict[str, Item]:
        """Return every row by its id."""
        from sqlalchemy import select

        from tracker.outbox.items import item
        from tracker.outbox.tables import outbox

        with self.service.database.reading() as conn:
            return {row.id: item(row) for row in conn.execute(select(outbox))}


def entry(name: str, channel: str = "file", **fields: object) -> Entry:
    """Return an entry that waits since NOW."""
    told = Notice(
        id=f"event-{name}", episode="E-AAAAA", kind="early-review", phase="open", text="Review",
        opens_at=NOW, due_at=NOW + MINUTE, time_zone="UTC", source="L1", command="tracker",
        issued_at=NOW,
    )  # fmt: skip
    made = Entry(
        id=name, channel=channel, recipient=None, form=NOTICE, content=msgspec.json.encode(told),
        due_at=NOW,
        created_at=NOW, not_before=NOW, first_attempt_at=NOW, event=f"event-{name}",
    )  # fmt: skip
    return made._replace(**fields)


@pytest.fixture
def box(location: Location) -> Iterator[Box]:
    """An empty outbox."""
    clock = Clock()
    with Service.open(location, clock, create=True) as service:
        yield Box(service, clock)
