"""Evaluating ranges of episodes for a rebuild, in this process or in several."""

import datetime
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection

from projections.models import Deltas, Row, count
from projections.views import Judge
from projections.writer import MODELS
from tracker.errors import StoreError
from tracker.store import log
from tracker.store.database import Database, open_database
from tracker.store.failures import trace

if TYPE_CHECKING:
    from tracker.config import Location

CHUNK = 500
"""Episodes that are evaluated and written together."""

JudgeOf = Callable[[Database], Judge[Any]]
"""Makes what evaluates the episodes of a database; a function that other processes can import."""


class Built(NamedTuple):
    """The rows of a range of episodes."""

    rows: list[list[Row]]
    """For each read model."""
    deltas: list[Deltas]
    """What the rows count for, for each read model."""
    episodes: int
    failed: dict[int, str]
    """Keys of episodes that could not be evaluated, and why."""


def build(
    conn: Connection, judge: Judge[Any], first: int, last: int, now: datetime.datetime
) -> Built:
    """Evaluate the episodes with keys from `first` to `last` and make their rows."""
    rows: list[list[Row]] = [[] for _ in MODELS]
    failed: dict[int, str] = {}
    episodes = 0
    for stored in log.read_range(conn, first, last):
        episodes += 1
        try:
            history = stored.decoded()
            view = judge.view(history.key, history.episode, history.events, now)
            made = [model.rows(view) for model in MODELS]
        except Exception as error:  # noqa: BLE001 (one episode must not stop the others)
            failed[stored.key] = f"it cannot be evaluated: {trace(error)}"
            continue
        for kept, new in zip(rows, made, strict=True):
            kept += new
    deltas: list[Deltas] = [{} for _ in MODELS]
    for model, kept, counted in zip(MODELS, rows, deltas, strict=True):
        count(model, kept, counted)
    return Built(rows, deltas, episodes, failed)


def build_all(
    database: Database, judge_of: JudgeOf, last_key: int, now: datetime.datetime, processes: int
) -> Iterator[Built]:
    """Yield the rows of all episodes up to a key, range by range, in order."""
    ranges = [(first, first + CHUNK - 1) for first in range(1, last_key + 1, CHUNK)]
    if processes <= 1:
        judge = judge_of(database)
        for first, last in ranges:
            with database.reading() as conn:
                built = build(conn, judge, first, last, now)
            yield built
    else:
        yield from _in_processes(database.location, judge_of, ranges, now, processes)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except BrokenProcessPool as error:
        raise StoreError(
            "a process that helped to build the read models was ended by the system; "
            "they are as they were",
            "make memory free, or use fewer --processes",
        ) from error


def _in_processes(
    location: "Location",
    judge_of: JudgeOf,
    ranges: Sequence[tuple[int, int]],
    now: datetime.datetime,
    processes: int,
) -> Iterator[Built]:
    with (
        _explained(),
        ProcessPoolExecutor(
            processes, get_context("spawn"), _Worker.start, (location, judge_of)
        ) as pool,
    ):
        waiting: deque[Future[Built]] = deque()
        for first, last in ranges:
            waiting.append(pool.submit(_Worker.build, first, last, now))
            if len(waiting) > 3 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


class _Worker:
    """What a worker process keeps between two ranges."""

    database: Database
    judge: Judge[Any]

    @classmethod
    def start(cls, location: "Location", judge_of: JudgeOf) -> None:
        cls.database = open_database(location)
        cls.judge = judge_of(cls.database)

    @classmethod
    def build(cls, first: int, last: int, now: datetime.datetime) -> Built:
        with cls.database.reading() as conn:
            return build(conn, cls.judge, first, last, now)
