"""Going through all episodes in ranges, in this process or in several."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection

from projections.views import Judge
from tracker.errors import StoreError
from tracker.store import log
from tracker.store.database import Database, open_database

if TYPE_CHECKING:
    from tracker.config import Location

CHUNK = 500
"""Episodes of one range."""

Result = TypeVar("Result")
JudgeOf = Callable[[Database], Judge[Any]]
"""Makes what evaluates the episodes of a database; a function that other processes can import."""
Work = Callable[[Connection, Judge[Any], int, int], Result]
"""What is done with the episodes from one key to another, both included; it can be pickled."""


def in_ranges(
    database: Database,
    judge_of: JudgeOf,
    last_key: int,
    work: Work[Result],
    processes: int,
) -> Iterator[Result]:
    """Yield what `work` makes of each range of episodes up to a key, in order.

    In this process alone where its connections see what those of others would not.

    Raises StoreError when the system ends a process that helps.
    """
    ranges = [(first, first + CHUNK - 1) for first in range(1, last_key + 1, CHUNK)]
    if processes <= 1 or database.lifted:
        judge = judge_of(database)
        for first, last in ranges:
            with database.reading() as conn:
                result = work(conn, judge, first, last)
            yield result
    else:
        yield from _in_processes(database.location, judge_of, ranges, work, processes)


def in_all(
    database: Database, judge_of: JudgeOf, work: Work[Result], processes: int
) -> Iterator[Result]:
    """Yield what `work` makes of each range of the episodes that are there now, in order.

    Raises StoreError when the system ends a process that helps.
    """
    with database.reading() as conn:
        last_key = log.last_key(conn)
    return in_ranges(database, judge_of, last_key, work, processes)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except BrokenProcessPool as error:
        raise StoreError(
            "a process that helped was ended by the system; nothing was changed",
            "make memory free, or use fewer --processes",
        ) from error


def _in_processes(
    location: "Location",
    judge_of: JudgeOf,
    ranges: Sequence[tuple[int, int]],
    work: Work[Result],
    processes: int,
) -> Iterator[Result]:
    with (
        _explained(),
        ProcessPoolExecutor(
            processes, get_context("spawn"), _Worker.start, (location, judge_of)
        ) as pool,
    ):
        waiting: deque[Future[Result]] = deque()
        for first, last in ranges:
            waiting.append(pool.submit(_Worker.run, work, first, last))
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
    def run(cls, work: Work[Result], first: int, last: int) -> Result:
        with cls.database.reading() as conn:
            return work(conn, cls.judge, first, last)
