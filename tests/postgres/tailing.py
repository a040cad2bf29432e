"""A reader that follows the log by position, and writers that are held at a place of their own."""

import threading
from collections.abc import Mapping
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent

from tracker.store import sequence
from tracker.store.database import Database
from tracker.store.recorder import LogRecorder
from tracker.store.statements import Session

CARELESS = """
CREATE SEQUENCE careless;
CREATE OR REPLACE FUNCTION append_events(
    keys bigint[], uuids text[], versions integer[], topics text[], states bytea[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    item record;
    place bigint;
BEGIN
    FOR item IN SELECT * FROM unnest(keys, versions, topics, states)
        AS event (key, version, topic, state)
    LOOP
        place := nextval('careless');
        INSERT INTO events (position, episode_key, version, topic, state, hash)
            VALUES (place, item.key, item.version, item.topic, item.state, '');
    END LOOP;
    RETURN place;
END $$
"""
"""The twin: positions from a sequence, by who comes first and not by who commits first."""


class Tail:
    """Follows the log as a projection would: it asks for what comes after what it saw."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.seen: list[int] = []

    def read(self) -> list[int]:
        """Read what is new; return all that was seen so far."""
        with self._database.reading() as conn:
            new = sequence.touched(conn, self.seen[-1] if self.seen else 0)
        self.seen += [position for position, _ in new]
        return self.seen


class Held:
    """Rows of a writer that stops once its event is in, until it is told to go on."""

    names = ()
    known: Mapping[UUID, int] = {}

    def __init__(self) -> None:
        self.is_in, self.go_on = threading.Event(), threading.Event()

    def ask(self, conn: Session) -> None:
        """Ask for nothing."""

    def work_out(self) -> None:
        """Know it already."""

    def write(self, conn: Session, keys: Mapping[UUID, int]) -> None:
        """Write nothing."""

    def settle(self, conn: Session, count: int) -> None:
        """Wait between the insert and the commit."""
        sequence.head(conn)  # its answer comes after the event is in
        self.is_in.set()
        assert self.go_on.wait(60)


def append(database: Database, rows: Held | None = None) -> list[int]:
    """Append one event to an episode of its own; return its position."""
    event = StoredEvent(uuid4(), 1, "leak-suspected", b"{}")
    return list(LogRecorder(database).insert_events([event], rows=rows) or ())
