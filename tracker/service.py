"""One database and one clock: what the command line, the scheduler, import and audit work with."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self
from uuid import UUID

from projections import catch_up, due, index, parking, worklist
from projections import statistics as statistics_model
from projections.index import EpisodeRef
from projections.parking import ParkedEpisode
from projections.views import Judge
from projections.worklist import IN_CARE, Filters, Page, Place
from tracker.appending import Appended, Appender, Clock, Decide
from tracker.config import Location
from tracker.errors import NotFoundError
from tracker.events import Recorded
from tracker.store import heartbeats, log, schema
from tracker.store.database import Database, Durability, open_database
from tracker.store.heartbeats import Heartbeat

if TYPE_CHECKING:  # slow to import, and a worklist that time has not overtaken needs none of it
    from projections.rebuild import Builder, State
    from projections.swapping import Difference
    from tracker.pathway import Protocol
    from tracker.pathway.status import Status
    from tracker.protocols import ProtocolShelf

__all__ = ["Appended", "EpisodeRef", "Filters", "Page", "Place", "Service"]

Step = Callable[[int], None]


def silent(_: int) -> None:
    """Show no progress."""


class Service:
    """Everything that is asked of one database. Close it, or use it as a context manager."""

    def __init__(self, database: Database, clock: Clock, *, created: bool = False) -> None:
        self.database = database
        self.now = clock
        self.created = created
        """Whether opening made the tables, or brought them up to date."""

    @classmethod
    def open(
        cls,
        location: Location,
        clock: Clock,
        *,
        create: bool = False,
        durability: Durability = "FULL",
    ) -> Self:
        """Open the database of a location; with `create`, make what is missing.

        Raises StoreError, with a hint, when it is missing, locked, or of another version.
        """
        database = open_database(location, create=create, durability=durability)
        try:
            created = create and schema.upgrade(database)
            if not create:
                schema.check(database)
        except BaseException:
            database.close()
            raise
        return cls(database, clock, created=created)

    @cached_property
    def protocols(self) -> "ProtocolShelf":
        """The protocols by name, built in and stored."""
        from tracker.protocols import ProtocolShelf

        return ProtocolShelf(self.database)

    @cached_property
    def judge(self) -> "Judge[Protocol]":
        """What evaluates histories, each by the protocol that it names."""
        from tracker.judging import judge_by

        return judge_by(self.protocols)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self.database.close()

    # Episodes

    def resolve(self, ref: str) -> EpisodeRef:
        """Return the episode that `ref` names: short id, uuid or reference, exact or its beginning.

        Raises NotFoundError when there is none or several; it lists these.
        """
        with self.database.reading() as conn:
            found = index.exact(conn, ref) or (index.prefixed(conn, ref) if ref else [])
        found = found or [e for e in self.parked_episodes() if index.names(e, ref)]
        if len(found) == 1:
            return found[0]
        if not found:
            raise NotFoundError(f"there is no episode {ref!r}", "tracker find searches")
        listed = ", ".join(episode.label for episode in found[:10])
        raise NotFoundError(f"{ref!r} fits several episodes: {listed}", "give more of the name")

    def parked_episodes(self) -> Iterator[EpisodeRef]:
        """Yield what parked episodes are called by the log: the index may not have them."""
        with self.database.reading() as conn:
            for key in parking.keys(conn):
                history = log.read_key(conn, key)
                if history is not None:
                    yield index.from_history(history)

    def episode(self, uuid: UUID) -> EpisodeRef:
        """Return what an episode is called. Raises NotFoundError if there is none."""
        with self.database.reading() as conn:
            found = index.of_uuid(conn, uuid)
            history = None if found else log.read_episode(conn, uuid)
        if found is not None:
            return found
        if history is None:
            raise NotFoundError(f"there is no episode {uuid}", "tracker find searches")
        return index.from_history(history)

    def by_reference(self, reference: str) -> EpisodeRef | None:
        """Return the episode with exactly this client reference, None if there is none."""
        with self.database.reading() as conn:
            return index.by_reference(conn, reference)

    def short_id_taken(self, short_id: str) -> bool:
        """Whether an episode has exactly this short id."""
        with self.database.reading() as conn:
            return index.by_short_id(conn, short_id) is not None

    def short_ids(self, prefix: str, limit: int) -> list[str]:
        """Return short ids that begin with `prefix`, in any case."""
        with self.database.reading() as conn:
            return index.short_ids(conn, prefix, limit)

    def open_episodes_of(self, patient: str) -> list[EpisodeRef]:
        """Return the episodes of a patient that are not closed, in the order of opening."""
        with self.database.reading() as conn:
            episodes = index.of_patient(conn, patient)
            closed = worklist.in_stage(conn, [e.key for e in episodes], "closed")
        return [episode for episode in episodes if episode.key not in closed]

    def find(self, text: str, limit: int = 20) -> Sequence[EpisodeRef]:
        """Return episodes whose patient, reference or short id begins with `text`."""
        with self.database.reading() as conn:
            return index.search(conn, text, limit)

    def all_episodes(self) -> Iterator[EpisodeRef]:
        """Yield every episode, in the order of opening."""
        after = 0
        while True:
            with self.database.reading() as conn:
                episodes = index.all_episodes(conn, after)
            yield from episodes
            if not episodes:
                return
            after = episodes[-1].key

    def history(self, uuid: UUID) -> list[Recorded]:
        """Return every event of an episode in recorded order. NotFoundError if there is none."""
        with self.database.reading() as conn:
            found = log.read_episode(conn, uuid)
        if found is None:
            raise NotFoundError(f"there is no episode {uuid}", "tracker find searches")
        return found.events

    def status(
        self,
        uuid: UUID,
        at: datetime.datetime | None = None,
        known_at: datetime.datetime | None = None,
    ) -> "Status":
        """Evaluate an episode as it was `at`, by what was known at `known_at` (default: all).

        Without `at` it is known_at, else now. NotFoundError if it was unknown then.
        """
        history = self.history(uuid)
        if known_at is not None and all(e.recorded_at > known_at for e in history):
            raise NotFoundError("nothing was known of this episode at that time")
        return self.judge.status(history, at or known_at or self.now(), known_at)

    # Recording

    @cached_property
    def _appender(self) -> Appender:
        return Appender(self.database, self.judge, self.now)

    def append(self, uuid: UUID | None, decide: Decide) -> Appended:
        """Append what `decide` says about an episode's history, events and rows at once.

        None: a new episode, whose first event is episode-opened. What is decided is decided again
        when somebody else was faster; deciding nothing means that it is already true.
        """
        return self._appender.append(uuid, decide)

    def append_many(self, batch: Iterable[tuple[UUID | None, Decide]]) -> list[Appended]:
        """Append to many episodes in one transaction, all of it or nothing."""
        return self._appender.append_many(batch)

    def protocol(self, name: str) -> "Protocol":
        """Return a protocol by `id@version`. Raises NotFoundError if there is none."""
        return self.protocols.get(name)

    # What is shown

    def worklist(
        self,
        filters: Filters = IN_CARE,
        *,
        limit: int | None = 50,
        after: Place | None = None,
    ) -> Page:
        """Return a page of the worklist as it is now."""
        now = self.now()
        with self.database.reading() as conn:
            return worklist.page(
                conn,
                now,
                lambda keys: catch_up.evaluate_keys(conn, self.judge, keys, now),
                filters=filters,
                limit=limit,
                after=after,
            )

    def statistics(self, group: str | None = None) -> dict[str, int]:
        """Return kept counters; see `projections.statistics.counts`."""
        with self.database.reading() as conn:
            return statistics_model.counts(conn, group)

    # What time brings

    def due(self, now: datetime.datetime, limit: int) -> list[UUID]:
        """Return episodes that have something to issue at `now`, the longest waiting first."""
        with self.database.reading() as conn:
            return due.due(conn, now, limit)

    def next_due(self) -> datetime.datetime | None:
        """Return the earliest instant at which any episode has something to issue."""
        with self.database.reading() as conn:
            return due.next_due(conn)

    def refresh(self, limit: int = catch_up.BATCH) -> int:
        """Write anew up to `limit` rows that time has overtaken; return how many."""
        return catch_up.refresh(self.database, self.judge, self.now, limit)

    def ticked(self, now: datetime.datetime, scheduler: str, counts: dict[str, int]) -> None:
        """Note that a scheduler did its work, and how many it issued and skipped."""
        beat = Heartbeat(now, scheduler, counts.get("issued", 0), counts.get("skipped", 0))
        with self.database.writing() as conn:
            heartbeats.beat(conn, beat)

    def last_tick(self) -> Heartbeat | None:
        """Return the latest tick of any scheduler, None if there was none."""
        beats = self.heartbeats()
        return beats[0] if beats else None

    def heartbeats(self) -> list[Heartbeat]:
        """Return the last tick of every scheduler, the latest first."""
        with self.database.reading() as conn:
            return heartbeats.beats(conn)

    # Read models

    def parked(self) -> list[ParkedEpisode]:
        """Return the episodes whose rows lag behind the log."""
        with self.database.reading() as conn:
            return parking.parked(conn)

    def catch_up(self) -> int:
        """Bring rows up to the end of the log and try parked episodes again; return how many."""
        behind = catch_up.catch_up(self.database, self.judge, self.now)
        return behind + len(catch_up.unpark(self.database, self.judge, self.now))

    def projections(self) -> "State":
        """Return how far the read models have come."""
        from projections.rebuild import state

        with self.database.reading() as conn:
            return state(conn, self.now())

    def rebuild(self, step: Step = silent, *, processes: int = 1) -> int:
        """Build every read model anew beside the live ones, then swap; return the episodes built.

        `step` is told how many more episodes are done, of as many as `projections()` counts.
        """
        return self._builder(processes).rebuild(step)

    def verify(self, step: Step = silent, *, processes: int = 1) -> "list[Difference]":
        """Build every read model anew, compare it row for row with the live one, and drop it."""
        return self._builder(processes).verify(step)

    def _builder(self, processes: int) -> "Builder":
        from projections.rebuild import Builder
        from tracker.judging import judge_for

        return Builder(self.database, judge_for, self.now, processes)
