"""Rebuild: every read model anew, episode by episode, beside the live ones, and then a swap."""

import datetime
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, select

from projections import catch_up, due, parking, swapping, writer
from projections.building import Built, build_all
from projections.models import beside
from projections.ranging import JudgeOf
from projections.swapping import Difference
from projections.tables import VERSION, parked, worklist
from projections.views import Judge
from tracker.store import locks, log, sequence
from tracker.store.database import Database
from tracker.store.instants import micros

FEW = 1_000
"""Events that may be left to catch up with while everybody else waits."""
SHOWN = 100
"""Differences that are reported for each table and direction."""

Clock = Callable[[], datetime.datetime]
Step = Callable[[int], None]
Protect = Callable[[Connection], None]
"""Protects tables that took the place of others as those were."""


class State(NamedTuple):
    """How far the read models have come."""

    version: int
    """Of the read models in the database."""
    expected_version: int
    """That this program works with."""
    position: int
    """Last position of the log that the rows take account of."""
    head: int
    """Last position of the log."""
    episodes: int
    parked: int
    """Episodes whose rows lag behind."""
    stale: int
    """Rows that time has overtaken; they are evaluated anew when they are read."""


def state(conn: Connection, now: datetime.datetime) -> State:
    """Return how far the read models have come."""
    version, position = writer.state(conn)
    head = sequence.last_position(conn)
    waiting, stale = len(parking.keys(conn)), len(due.stale(conn, now))
    return State(version, VERSION, position, head, log.count_episodes(conn), waiting, stale)


class Builder:
    """Builds the read models of one database anew."""

    def __init__(
        self,
        database: Database,
        judge_of: JudgeOf,
        clock: Clock,
        processes: int = 1,
        protect: Protect | None = None,
    ) -> None:
        self._database = database
        self._judge_of = judge_of
        self._judge: Judge[Any] = judge_of(database)
        self._clock = clock
        self._protect = protect
        self._processes = processes
        self._writers = writer.beside()
        self._changes = writer.none_yet(self._writers)
        self._failed: dict[int, str] = {}
        self._position = 0

    def rebuild(self, step: Step) -> int:
        """Build, then swap in one transaction; return how many episodes there are."""
        episodes = self._build(step, indexed=True)
        with self._database.writing() as conn:
            locks.all_rows(conn)
            now = self._clock()
            self._finish(conn, now)
            swapping.swap(conn, writer.MODELS)
            self._mark(conn, now)
            writer.restart(conn, self._position)
            if self._protect is not None:
                self._protect(conn)
        return episodes

    def verify(self, step: Step) -> list[Difference]:
        """Build, compare with the live tables row for row, and drop what was built.

        Rows that time has overtaken are written anew before they are compared.
        """
        self._build(step)
        with self._database.writing() as conn:
            locks.all_rows(conn)
            now = self._clock()
            catch_up.write_keys(conn, self._judge, due.stale(conn, now), now)
            self._finish(conn, now)
            found = swapping.differences(conn, writer.MODELS, SHOWN)
            swapping.drop(conn, writer.MODELS)
        return found

    def _build(self, step: Step, *, indexed: bool = False) -> int:
        with self._database.writing() as conn:
            locks.all_rows(conn)
            swapping.create(conn, writer.MODELS)
            self._position, _ = sequence.head(conn)
            last_key = log.last_key(conn)
        now, episodes = self._clock(), 0
        try:
            for built in build_all(self._database, self._judge_of, last_key, now, self._processes):
                self._put(built)
                episodes += built.episodes
                step(built.episodes)
            if indexed:
                with self._database.writing() as conn:
                    swapping.index(conn, writer.MODELS)
            while self._follow():
                pass
        except BaseException:
            with self._database.writing() as conn:
                swapping.drop(conn, writer.MODELS)
            raise
        return episodes

    def _put(self, built: Built) -> None:
        self._failed.update(built.failed)
        with self._database.writing() as conn:
            for target, rows in zip(self._writers, built.rows, strict=True):
                target.insert(conn, rows)
        for deltas, more in zip(self._changes, built.deltas, strict=True):
            for name, number in more.items():
                deltas[name] = deltas.get(name, 0) + number

    def _follow(self) -> bool:
        """Take in what was recorded meanwhile; return whether there may be much more."""
        with self._database.writing() as conn:
            locks.all_rows(conn)
            events = sequence.touched(conn, self._position, FEW)
            self._replace(conn, {key for _, key in events}, self._clock())
        if events:
            self._position = events[-1][0]
        return len(events) == FEW

    def _finish(self, conn: Connection, now: datetime.datetime) -> None:
        """Take in the rest, while nobody else can write, and what time has overtaken."""
        events = sequence.touched(conn, self._position)
        if events:
            self._position = events[-1][0]
        table = beside(worklist)
        overtaken = select(table.c.episode_key).where(table.c.changes_at <= micros(now))
        keys = {key for _, key in events} | set(conn.execute(overtaken).scalars())
        self._replace(conn, keys, now)
        writer.settle(conn, self._changes, self._writers)

    def _replace(self, conn: Connection, keys: Iterable[int], now: datetime.datetime) -> None:
        for key in sorted(keys):
            self._failed.pop(key, None)
            views = catch_up.evaluate_keys(conn, self._judge, [key], now)
            for view in views:
                writer.replace(conn, view, self._changes, self._writers)
            if not views:
                self._failed[key] = "it cannot be evaluated"

    def _mark(self, conn: Connection, now: datetime.datetime) -> None:
        conn.execute(delete(parked))
        for key, reason in sorted(self._failed.items()):
            parking.park(conn, key, self._position, reason, now)
