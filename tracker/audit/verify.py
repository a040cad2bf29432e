"""Whether a database stands up: log, protocols, access log, and all that checkpoints state."""

import datetime
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

from tracker.audit import ahead, shelf
from tracker.audit.accesses import AccessChain
from tracker.audit.against import claims, compare, unseen
from tracker.audit.chain import EventChain, backdated
from tracker.audit.checkpoint import Signed
from tracker.audit.faults import Fault, in_order
from tracker.audit.log import Bounds, LogVerifier, Step, bounds
from tracker.audit.structure import check as structure
from tracker.store.database import Database


class Report(NamedTuple):
    """What an audit found."""

    bounds: Bounds
    """Of the log."""
    episodes: int
    accesses: int
    protocols: int
    faults: list[Fault]
    """Empty if everything stands up."""
    remarks: list[Fault]
    """What does not break the record and an auditor should look at."""


def part_of(database: Database, first: int | None = None, last: int | None = None) -> Bounds:
    """Return what of the log is to be verified; all of it as it is now, unless bounds are given."""
    with database.reading() as conn:
        return bounds(conn, first, last)


def verify(
    database: Database,
    part: Bounds,
    checkpoints: Sequence[Signed],
    step: Step,
    processes: int = 1,
    now: datetime.datetime | None = None,
) -> Report:
    """Verify a part of the log, and everything else as a whole.

    `step` is told how many more events were looked at. What is later than `now`, else than this
    machine's clock, is remarked on. Raises StoreError when the database cannot
    be read at all.
    """
    with database.reading() as conn:
        wrong = structure.faults(conn)
    if not structure.has_tables(wrong):
        return Report(part, 0, 0, 0, in_order(wrong), [])
    with _contents(database, wanted=part.whole) as contents:
        report = _rows(
            database, part, checkpoints, step, processes, now or datetime.datetime.now(datetime.UTC)
        )
        found = [*wrong, *report.faults]
        return report._replace(faults=in_order(found or contents()))


@contextmanager
def _contents(database: Database, *, wanted: bool) -> Iterator[Callable[[], list[Fault]]]:
    """Ask the database about its indexes while something else is done; give what answers."""
    if not wanted:
        yield list
        return
    with ThreadPoolExecutor(1) as aside:
        yield aside.submit(structure.contents, database).result


def _rows(
    database: Database,
    part: Bounds,
    checkpoints: Sequence[Signed],
    step: Step,
    processes: int,
    now: datetime.datetime,
) -> Report:
    log = LogVerifier(database, part).run(processes, step)
    faults = [] if log.fault is None else [log.fault]
    with database.reading() as conn:
        events = EventChain(conn, part.head)
        last = 0 if log.fault else part.last
        remarks = ahead.named("events", log.remarks, events.time, last, now)
        stands = part.whole and log.fault is None
        faults += compare(events, claims("events", checkpoints), trees=stands)
        remarks += [*backdated(events, checkpoints), *unseen(checkpoints)]
        protocols = shelf.stored(conn)
        faults += [*shelf.faults(protocols), *shelf.compare(protocols, checkpoints)]
        accesses = AccessChain(conn)
        looks = list(accesses.faults())
        remarks += [] if looks else accesses.remarks(now)
        faults += [*looks, *compare(accesses, claims("access", checkpoints), trees=not looks)]
    return Report(
        bounds=part,
        episodes=log.episodes,
        accesses=accesses.size,
        protocols=len(protocols),
        faults=faults,
        remarks=in_order(remarks),
    )
