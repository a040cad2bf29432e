"""The log in stretches that are checked one by one, in this process and in others beside it.

Each link needs only the hash stored before it, so a stretch can be checked by itself; what crosses
from one into another (versions and ids of an episode) is for `tracker.audit.log`.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context
from typing import Any

from tracker.audit.helping import Helper, Queries
from tracker.audit.stretch import Stretch, along
from tracker.errors import StoreError
from tracker.store import scan
from tracker.store.database import Database
from tracker.store.errors import DamagedError
from tracker.store.sqlite import FEW_PAGES

LENGTH = 250_000
"""Events of a stretch at most. Memory grows with it by some 100 bytes an event."""
_LEAST = 16
"""A stretch has at least this part of as many, and is not cut further."""

Bounds = tuple[int, int]
Uuids = Mapping[Any, str]


def check(database: Database, uuids: Uuids, first: int, last: int) -> Stretch:
    """Walk from one position to another."""
    found = along(uuids, None, (), first, last)._replace(damaged=True)  # if `before` is
    with suppress(DamagedError), database.reading() as conn:
        before = None if first == 1 else scan.event_before(conn, first)
        found = along(uuids, before, scan.events_between(conn, first - 1, last), first, last)
        if not found.stands:  # somewhere behind the file may be damaged
            raise DamagedError(found.last)  # then nothing more can be asked of that connection
    return found


def check_all(database: Database, first: int, last: int, processes: int) -> Iterator[Stretch]:
    """Walk from one position to another stretch by stretch; yield what each found, in order."""
    with database.reading() as conn:
        uuids = scan.identified(conn)
    several = cut(first, last, max(2, processes))
    if processes > 1 and last - first >= LENGTH:
        yield from _with_others(database, uuids, several, processes - 1)
        return
    for bounds in several:
        yield check(database, uuids, *bounds)


def cut(first: int, last: int, processes: int) -> Iterator[Bounds]:
    """Yield the bounds of stretches: shorter ones in the end, so that all are done together.

    A position that was changed may be far out, so no stretch is made before it is wanted.
    """
    while first <= last:
        length = max((last - first) // (2 * processes), LENGTH // _LEAST, 1)
        end = min(first + min(length, LENGTH) - 1, last)
        yield first, end
        first = end + 1


def _with_others(
    database: Database, uuids: Uuids, several: Iterator[Bounds], others: int
) -> Iterator[Stretch]:
    """Let other processes check what they can, and do here what is left."""
    waiting: deque[tuple[Bounds, Future[Stretch | None] | Stretch]] = deque()
    pool = _pool(database, uuids, others)
    try:
        for bounds in several:
            if sum(_goes_on(one) for _, one in waiting) <= others:  # one more, to go on with
                waiting.append((bounds, pool.submit(Helper.check, *bounds)))
            else:
                waiting.append((bounds, check(database, uuids, *bounds)))
            while waiting and not _goes_on(waiting[0][1]):
                yield _result(database, uuids, *waiting.popleft())
        while waiting:
            yield _result(database, uuids, *waiting.popleft())
    except BrokenProcessPool as error:
        raise StoreError(
            "a process that helped to verify was ended by the system",
            "make memory free, or use fewer --processes",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _pool(database: Database, uuids: Uuids, others: int) -> ProcessPoolExecutor:
    context = get_context("spawn")
    if database.path is None:
        start = Helper.start_on_server, (uuids, database.location)
        return ProcessPoolExecutor(others, context, *start)
    with database.reading() as conn:
        queries = Queries(FEW_PAGES, scan.query(conn), scan.BATCH)
    return ProcessPoolExecutor(
        others, context, Helper.start_on_file, (uuids, database.path, queries)
    )


def _goes_on(one: "Future[Stretch | None] | Stretch") -> bool:
    return isinstance(one, Future) and not one.done()


def _result(
    database: Database, uuids: Uuids, bounds: Bounds, one: "Future[Stretch | None] | Stretch"
) -> Stretch:
    found = one.result() if isinstance(one, Future) else one
    return found or check(database, uuids, *bounds)
