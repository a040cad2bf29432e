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
from sqlalchemy import bindparam, func, insert, select

from tracker.errors import TrackerError
from tracker.store import locks, log
from tracker.store.chain import link
from tracker.store.database import Database
from tracker.store.failures import (
    CollisionError,
    ConstraintError,
    RowsError,
    VersionConflictError,
    is_forbidden,
    trace,
)
from tracker.store.statements import Session, Statement, unkept
from tracker.store.tables import episodes, events

_insert_episode = Statement(
    insert(episodes).values(uuid=bindparam("hex")).returning(episodes.c.key), "hex"
)
_insert_event = Statement(insert(events), *(column.name for column in events.columns))


LOG = (events.name, episodes.name)


class TakenVersionError(IntegrityError, VersionConflictError):
    """The conflict as the library knows it, and as those know it who do not import the library."""


class Rows(Protocol):
    """What else is written in the transaction that appends events."""

    names: Sequence[str]
    """What only one transaction at a time may name."""

    def write(self, conn: Session, keys: Mapping[UUID, int]) -> None:
        """Write what belongs to the episodes appended to, by their keys."""

    def settle(self, conn: Session, positions: Sequence[int]) -> None:
        """Write what episodes share, once the events are in at `positions`."""


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
                return _write(conn, stored, rows)
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


def _write(conn: Session, stored: Sequence[StoredEvent], rows: Rows | None) -> list[int]:
    first: dict[UUID, int] = {}
    for event in stored:
        episode = event.originator_id
        assert isinstance(episode, UUID)  # noqa: S101 (text ids are never made here)
        first.setdefault(episode, event.originator_version)
    names = () if rows is None else rows.names
    locks.named(conn, [*(episode.hex for episode in first), *names])
    keys = {episode: _place(conn, episode, version) for episode, version in first.items()}
    if rows is not None:
        _attempt(rows.write, conn, keys)
    positions = _insert(conn, stored, keys)
    if rows is not None:
        _attempt(rows.settle, conn, positions)
    return positions


def _place(conn: Session, episode: UUID, version: int) -> int:
    """Return the key of an episode whose next event is to have a version."""
    found = log.place(conn, episode)
    if found is None:
        made = _insert_episode.rows(conn, episode.hex)
        if not made:
            raise unkept()
        return int(made[0][0])
    key, last = found
    if last is not None and last >= version:
        raise TakenVersionError("an event with that version is already there")
    return key


def _attempt(step: Any, conn: Session, argument: Any) -> None:
    try:
        step(conn, argument)
    except TrackerError:
        raise
    except Exception as error:
        if is_forbidden(error):
            raise  # who may not write the rows may not append
        raise RowsError(trace(error)) from error


def _insert(conn: Session, stored: Sequence[StoredEvent], keys: Mapping[UUID, int]) -> list[int]:
    locks.log(conn)
    position, previous = log.end(conn)
    rows, positions = [], []
    for event in stored:
        episode: UUID = event.originator_id  # type: ignore[assignment]
        position += 1
        previous = link(
            previous, position, episode, event.originator_version, event.topic, event.state
        )
        positions.append(position)
        rows.append(
            (
                position,
                keys[episode],
                event.originator_version,
                event.topic,
                event.state,
                previous,
            )
        )
    _insert_event.insert(conn, rows)
    return positions
