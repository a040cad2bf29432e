"""Whether a database stands up: log, protocols, access log, and all that checkpoints state."""

from collections.abc import Sequence
from typing import NamedTuple

from tracker.audit import shelf
from tracker.audit.accesses import AccessChain
from tracker.audit.against import claims, compare
from tracker.audit.chain import EventChain, backdated
from tracker.audit.checkpoint import Signed
from tracker.audit.faults import Fault, in_order
from tracker.audit.log import Bounds, LogVerifier, Step, bounds
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
    database: Database, part: Bounds, checkpoints: Sequence[Signed], step: Step, processes: int = 1
) -> Report:
    """Verify a part of the log, and everything else as a whole.

    `step` is told how many more events were looked at. Raises StoreError when the database cannot
    be read at all.
    """
    log = LogVerifier(database, part).run(processes, step)
    faults, remarks = [] if log.fault is None else [log.fault], log.remarks
    whole = part.first == 1 and part.last == part.head
    with database.reading() as conn:
        events = EventChain(conn, part.head)
        faults += compare(events, claims("events", checkpoints), trees=whole and log.fault is None)
        remarks += backdated(events, checkpoints)
        protocols = shelf.stored(conn)
        faults += [*shelf.faults(protocols), *shelf.compare(protocols, checkpoints)]
        accesses = AccessChain(conn)
        looks = list(accesses.faults())
        faults += [*looks, *compare(accesses, claims("access", checkpoints), trees=not looks)]
    return Report(
        bounds=part,
        episodes=log.episodes,
        accesses=accesses.size,
        protocols=len(protocols),
        faults=in_order(faults),
        remarks=in_order([*remarks, *shelf.remarks(protocols)]),
    )
