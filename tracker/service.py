"""One database and one clock: what the command line, the scheduler, import and audit work with."""

import datetime
import os
from collections.abc import Callable, Iterable
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self
from uuid import UUID

from projections import catch_up, due, parking, worklist, writer
from projections import statistics as statistics_model
from projections.index import EpisodeRef
from projections.parking import ParkedEpisode
from projections.worklist import IN_CARE, Filters, Page, Place
from tracker.appending import Appended, Appender, Clock, Decide
from tracker.config import Location
from tracker.encryption import opening
from tracker.episodes import Episodes
from tracker.step import Beside
from tracker.store import heartbeats, locks, restores, schema, silences
from tracker.store.database import Database, Durability, open_database
from tracker.store.heartbeats import Heartbeat
from tracker.store.restores import Restore
from tracker.store.silences import Silence

if TYPE_CHECKING:  # slow to import, and a worklist that time has not overtaken needs none of it
    from sqlalchemy import Connection

    from projections.rebuild import Builder, Protect, State
    from projections.swapping import Difference
    from tracker.pathway import Protocol
    from tracker.pathway.status import Status

__all__ = ["Appended", "EpisodeRef", "Filters", "Page", "Place", "Service"]

Step = Callable[[int], None]


def silent(_: int) -> None:
    """Show no progress."""


class Service(Episodes):
    """Everything that is asked of one database. Close it, or use it as a context manager."""

    def __init__(self, database: Database, clock: Clock, *, created: bool = False) -> None:
        super().__init__(database, clock)
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
        """Open the database of a location; with `create`, make it if it is missing.

        Raises StoreError, with a hint, when it is missing, locked, or of another version.
        """
        database = open_database(location, create=create, durability=durability)
        try:
            if create:
                from tracker import privacy

                privacy.close(location.home)
            # Tables that are there are brought up to date by who asks for that, not by the way.
            missing = create and schema.stored_version(database) is None
            created = missing and schema.upgrade(database)
            schema.check(database)
            opening.attach(database, location, os.environ)
        except BaseException:
            database.close()
            raise
        return cls(database, clock, created=created)

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

    # Recording

    @cached_property
    def _appender(self) -> Appender:
        return Appender(self.database, self.judge, self.now, self.protocols.keep)

    @property
    def recorded(self) -> bool:
        """Whether any event was recorded through it."""
        return self._appender.recorded

    def append(self, uuid: UUID | None, decide: Decide, beside: Beside | None = None) -> Appended:
        """Append what `decide` says about an episode's history, events and rows at once.

        None: a new episode, whose first event is episode-opened. What is decided is decided again
        when somebody else was faster; deciding nothing means that it is already true.
        `beside` writes what else belongs into the same transaction.
        """
        return self._appender.append(uuid, decide, beside)

    def append_many(
        self, batch: Iterable[tuple[UUID | None, Decide]], beside: Beside | None = None
    ) -> list[Appended]:
        """Append to many episodes in one transaction, all of it or nothing."""
        return self._appender.append_many(batch, beside)

    def protocol(self, name: str) -> "Protocol":
        """Return a protocol by `id@version`. Raises NotFoundError if there is none."""
        return self.protocols.get(name)

    def stage_source(self, status: "Status") -> str:
        """Return where the guideline says what is done in the stage of an episode."""
        return self.protocol(status.protocol).stages[status.stage].source

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
            writer.check(conn)
            return worklist.page(
                conn,
                now,
                lambda keys: catch_up.evaluate_keys(conn, self.judge, keys, now),
                filters=filters,
                limit=limit,
                after=after,
            )

    def sites(self) -> set[str]:
        """Return every site that an episode is at, as far as whoever asks sees it."""
        with self.database.reading() as conn:
            return worklist.sites(conn)

    def statistics(self, group: str | None = None) -> dict[str, int]:
        """Return counters as they are now; see `projections.statistics.counts`."""
        now = self.now()
        with self.database.reading() as conn:
            writer.check(conn)
            stale = due.stale(conn, now)
            overtaken = catch_up.evaluate_keys(conn, self.judge, stale, now)
            return statistics_model.counts(conn, overtaken, group)

    # What time brings

    def due(self, now: datetime.datetime, limit: int) -> list[UUID]:
        """Return episodes that have something to issue at `now`, the longest waiting first."""
        with self.database.reading() as conn:
            writer.check(conn)
            return due.due(conn, now, limit)

    def count_due(self, now: datetime.datetime) -> int:
        """Return how many episodes have something to issue at `now`."""
        with self.database.reading() as conn:
            writer.check(conn)
            return due.count(conn, now)

    def next_due(self) -> datetime.datetime | None:
        """Return the earliest instant at which any episode has something to issue."""
        with self.database.reading() as conn:
            return due.next_due(conn)

    def refresh(self, limit: int = catch_up.BATCH) -> int:
        """Write anew up to `limit` rows that time has overtaken; return how many."""
        return catch_up.refresh(self.database, self.judge, self.now, limit)

    def ticked(
        self,
        now: datetime.datetime,
        scheduler: str,
        counts: dict[str, int],
        *,
        every: int | None = None,
    ) -> None:
        """Note that a scheduler did its work: how many it issued and skipped, and left due.

        `every`: seconds until it does again, if it means to.
        """
        beat = Heartbeat(now, scheduler, counts.get("issued", 0), counts.get("skipped", 0), every)
        beat = beat._replace(still_due=counts.get("still_due"))
        with self.database.writing() as conn:
            locks.named(conn, ["silences"])
            silences.note(conn, now, scheduler)
            heartbeats.beat(conn, beat)

    def delivered(self, scheduler: str, *, sent: int, failed: int) -> None:
        """Note how many messages a scheduler sent, and could not send."""
        with self.database.writing() as conn:
            heartbeats.delivered(conn, scheduler, self.now(), sent, failed)

    def retired(self, scheduler: str) -> None:
        """Note that a scheduler has ended as it should; nobody need look for it."""
        with self.database.writing() as conn:
            heartbeats.end(conn, scheduler, self.now())

    def last_tick(self) -> Heartbeat | None:
        """Return the latest tick of any scheduler, None if there was none."""
        beats = self.heartbeats()
        return beats[0] if beats else None

    def heartbeats(self) -> list[Heartbeat]:
        """Return the last tick of every scheduler, the latest first."""
        with self.database.reading() as conn:
            return heartbeats.beats(conn, figures=self._sees_all(conn))

    def _sees_all(self, conn: "Connection") -> bool:
        """Whether whoever asks may see what was counted over every site."""
        if conn.dialect.name == "sqlite":
            return True
        from tracker.roles.logins import limit_of  # nobody needs it for a file

        return limit_of(conn) is None

    def last_silence(self) -> Silence | None:
        """Return the latest stretch in which nobody ticked although somebody had to, if it is over.

        Two turns may pass between two ticks.
        """
        with self.database.reading() as conn:
            turns = [beat.every_seconds or 0 for beat in heartbeats.beats(conn, figures=False)]
            return silences.last(
                conn, self.now(), datetime.timedelta(seconds=2 * max(turns, default=0))
            )

    def restores(self) -> list[Restore]:
        """Return when the database was restored from a backup, the latest first."""
        with self.database.reading() as conn:
            return restores.restores(conn)

    # Read models

    def parked(self) -> list[ParkedEpisode]:
        """Return the episodes whose rows lag behind the log."""
        with self.database.reading() as conn:
            return parking.parked(conn)

    def catch_up(self) -> int:
        """Bring rows up to the end of the log and try parked episodes again; return how many."""
        self.protocols.check()
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
        Raises StoreError when a protocol is not what it was, since all would be judged otherwise.
        """
        return self._builder(processes).rebuild(step)

    def verify(self, step: Step = silent, *, processes: int = 1) -> "list[Difference]":
        """Build every read model anew, compare it row for row with the live one, and drop it."""
        return self._builder(processes).verify(step)

    def _builder(self, processes: int) -> "Builder":
        from projections.rebuild import Builder
        from tracker.judging import judge_for

        self.protocols.check()
        return Builder(self.database, judge_for, self.now, processes, self._protect())

    def _protect(self) -> "Protect | None":
        if not self.database.on_server:
            return None
        from tracker.roles.setup import renew  # needs the driver of a server

        return renew
