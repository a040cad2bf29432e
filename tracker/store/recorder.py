"""The recorder under the eventsourcing library: one transaction for events, chain and rows."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    IntegrityError,
    Notification,
    StoredEvent,
    Subscription,
)
from sqlalchemy import func, select

from tracker.errors import TrackerError
from tracker.store import locks, placing
from tracker.store.database import Database
from tracker.store.errors import CollisionError, ConstraintError, RowsError, VersionConflictError
from tracker.store.failures import trace
from tracker.store.placing import Positions
from tracker.store.refusals import refuses_all
from tracker.store.statements import Sender, Session
from tracker.store.tables import episodes, events

LOG = (events.name, episodes.name)


class TakenVersionError(IntegrityError, VersionConflictError):
    """The conflict as the library knows it, and as those know it who do not import the library."""


class Rows(Protocol):
    """What else is written in the transaction that appends events."""

    names: Sequence[str]
    """What only one transaction at a time may name."""
    known: Mapping[UUID, int]
    """Keys of the episodes that are there."""

    def ask(self, conn: Session) -> None:
        """Ask for what it has to know; the answers are there when it writes."""

    def work_out(self) -> None:
        """Work out what there is to write; a server answers meanwhile."""

    def write(self, conn: Session, keys: Mapping[UUID, int]) -> None:
        """Write what belongs to the episodes appended to, by their keys."""

    def settle(self, conn: Session, count: int) -> None:
        """Write what episodes share, once so many events are in."""


class EpisodeRecorder(AggregateRecorder):
    """Inserts and selects the events of one episode."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        rows: Rows | None = None,
        **_: Any,
    ) -> Sequence[int] | None:
        """Append events and write the rows in one transaction.

        Raises IntegrityError when an episode already has an event with that version, RowsError
        when the rows cannot be written, StoreError when the database cannot.
        """
        self._append(stored_events, rows)
        return None

    def _append(self, stored: Sequence[StoredEvent], rows: Rows | None) -> list[int]:
        if not stored:
            return []
        try:
            with self.database.appending() as conn:
                positions = _write(conn, stored, rows)
            return positions()
        except ConstraintError as error:
            if error.table not in LOG:
                raise RowsError(trace(error)) from error
            raise TakenVersionError("an event with that version is already there") from error
        except CollisionError as error:
            raise TakenVersionError("another writer was faster") from error

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return events of one episode in the order of their versions."""
        episode = originator_id if isinstance(originator_id, UUID) else UUID(originator_id)
        query = (
            select(events.c.version, events.c.topic, events.c.state)
            .join_from(events, episodes)
            .where(episodes.c.uuid == episode.hex)
            .order_by(events.c.version.desc() if desc else events.c.version)
            .limit(limit)
        )
        if gt is not None:
            query = query.where(events.c.version > gt)
        if lte is not None:
            query = query.where(events.c.version <= lte)
        with self.database.reading() as conn:
            return [StoredEvent(episode, *row) for row in conn.execute(query)]


class LogRecorder(EpisodeRecorder, ApplicationRecorder):
    """Adds the order of all events: positions without gaps, in the order of commit."""

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        rows: Rows | None = None,
        **_: Any,
    ) -> Sequence[int] | None:
        """Append events and return their positions; see EpisodeRecorder."""
        return self._append(stored_events, rows)

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return events in the order of position."""
        query = (
            select(
                episodes.c.uuid,
                events.c.version,
                events.c.topic,
                events.c.state,
                events.c.position,
            )
            .join_from(events, episodes)
            .order_by(events.c.position)
            .limit(limit)
        )
        if start is not None:
            first = start if inclusive_of_start else start + 1
            query = query.where(events.c.position >= first)
        if stop is not None:
            query = query.where(events.c.position <= stop)
        if topics:
            query = query.where(events.c.topic.in_(topics))
        with self.database.reading() as conn:
            return [Notification(UUID(uuid), *row) for uuid, *row in conn.execute(query)]

    def max_notification_id(self) -> int | None:
        """Return the last position, None if there is no event."""
        with self.database.reading() as conn:
            return conn.execute(select(func.max(events.c.position))).scalar()

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Refuse: readers of this log ask for what is new, by position."""
        raise NotImplementedError("the log is read by position; there are no subscriptions")


def _write(conn: Sender, stored: Sequence[StoredEvent], rows: Rows | None) -> Positions:
    first: dict[UUID, int] = {}
    for event in stored:
        episode = event.originator_id
        assert isinstance(episode, UUID)  # noqa: S101 (text ids are never made here)
        first.setdefault(episode, event.originator_version)
    locks.named(conn, [*(episode.hex for episode in first), *(rows.names if rows else ())])
    known = rows.known if rows else {}
    asked = placing.ask(conn, [episode for episode in first if episode not in known])
    if rows is None:
        return placing.put(conn, stored, placing.keys(conn, asked, first))
    rows.ask(conn)
    conn.ask()
    rows.work_out()
    keys = {**known, **placing.keys(conn, asked, first)}
    _attempt(rows.write, conn, keys)
    conn.push()
    positions = placing.put(conn, stored, keys)
    _attempt(rows.settle, conn, len(stored))
    return positions


def _attempt(step: Any, conn: Session, argument: Any) -> None:
    try:
        step(conn, argument)
    except TrackerError:
        raise
    except Exception as error:
        if refuses_all(error):
            raise
        raise RowsError(trace(error)) from error
