"""The log in stretches that are checked one by one, in this process or in several.

Each link needs only the hash stored before it, so a stretch can be checked by itself; what crosses
from one into another (versions and ids of an episode) is for `tracker.audit.log`.
"""

import gc
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, NamedTuple

from tracker.audit.faults import Fault
from tracker.audit.walk import Met, Walk
from tracker.errors import StoreError
from tracker.store import scan
from tracker.store.chain import GENESIS
from tracker.store.database import Database, open_database
from tracker.store.statements import Session

if TYPE_CHECKING:
    from tracker.config import Location

LENGTH = 250_000
"""Events of a stretch. Memory grows with it by some 100 bytes an event."""


class Stretch(NamedTuple):
    """What a walk along a stretch found."""

    last: int
    """The last position that stands up."""
    stands: bool
    """Whether all of it stands up."""
    damaged: bool
    """Whether it ends where the file cannot be read."""
    sealed: int | None
    """The first position that is sealed."""
    plain: int | None
    """The first position that is not, and may not be if one before it is."""
    met: Mapping[int, Met]
    versions: Mapping[int, int]
    doubtful: set[int]
    remarks: Sequence[Fault]
    steps_back: int


def check(database: Database, uuids: Mapping[Any, str], first: int, last: int) -> Stretch:
    """Walk from one position to another."""
    walk, stands, damaged = Walk(uuids, first - 1, GENESIS), True, False
    try:
        with _nothing_collected(), database.reading() as conn:
            walk = _begin(conn, uuids, first - 1)
            for rows in scan.events_between(conn, first - 1, last):
                stands = walk.follow(rows)
                if not stands:
                    break
    except scan.DamagedError:  # nothing more can be asked of that connection
        stands, damaged = False, True
    return Stretch(
        last=walk.position,
        stands=stands and walk.position == last,
        damaged=damaged,
        sealed=walk.sealed,
        plain=walk.plain,
        met=walk.met,
        versions=walk.versions(),
        doubtful=walk.doubtful(),
        remarks=walk.remarks,
        steps_back=walk.steps_back,
    )


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Keep Python from looking for circles again and again: a walk makes none."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _begin(conn: Session, uuids: Mapping[Any, str], after: int) -> Walk:
    """Begin a walk after a position, from the hash and the time that are stored there."""
    if after == 0:
        return Walk(uuids, 0, GENESIS)
    row = scan.event_at(conn, after) or (None,) * 6
    return Walk(uuids, after, row[5], row[4])


def check_all(database: Database, first: int, last: int, processes: int) -> Iterator[Stretch]:
    """Walk from one position to another stretch by stretch; yield what each found, in order.

    A position that was changed may be far out, so no stretch is made before it is wanted.
    """
    several = ((at, min(at + LENGTH - 1, last)) for at in range(first, last + 1, LENGTH))
    if processes > 1 and last - first >= LENGTH:
        yield from _in_processes(database.location, several, processes)
        return
    with database.reading() as conn:
        uuids = scan.identified(conn)
    for one, other in several:
        yield check(database, uuids, one, other)


def _in_processes(
    location: "Location", several: Iterator[tuple[int, int]], processes: int
) -> Iterator[Stretch]:
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _Worker.start, (location,))
    try:
        waiting = deque(pool.submit(_Worker.check, *one) for one in islice(several, 2 * processes))
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(pool.submit(_Worker.check, *one) for one in islice(several, 1))
    except BrokenProcessPool as error:
        raise StoreError(
            "a process that helped to verify was ended by the system",
            "make memory free, or use fewer --processes",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


class _Worker:
    """What a worker process keeps between two stretches."""

    database: Database
    uuids: Mapping[Any, str]

    @classmethod
    def start(cls, location: "Location") -> None:
        cls.database = open_database(location)
        with cls.database.reading() as conn:
            cls.uuids = scan.identified(conn)

    @classmethod
    def check(cls, first: int, last: int) -> Stretch:
        return check(cls.database, cls.uuids, first, last)
