"""Making a checkpoint: the log is verified against all earlier ones before it is signed."""

import datetime
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tracker.audit import shelf
from tracker.audit.accesses import AccessChain
from tracker.audit.against import Chain
from tracker.audit.chain import EventChain
from tracker.audit.checkpoint import Checkpoint, Extent, Signed, digest
from tracker.audit.faults import Fault
from tracker.audit.kept import in_order
from tracker.audit.log import Bounds, Step
from tracker.audit.note import PrivateKey, signed
from tracker.audit.tree import Tree
from tracker.audit.verify import verify
from tracker.errors import AuditError
from tracker.events import real_instant
from tracker.store.database import Database


class Made(NamedTuple):
    """A new checkpoint."""

    checkpoint: Checkpoint
    note: bytes
    """As it is signed."""

    def named(self, name: str) -> Signed:
        """Return it as one that was read from a file of that name."""
        return Signed(name, self.checkpoint, digest(self.checkpoint.text()), self.note)


def make(
    database: Database,
    part: Bounds,
    key: PrivateKey,
    earlier: Sequence[Signed],
    now: datetime.datetime,
    step: Step,
    processes: int = 1,
) -> Made:
    """Sign what is there now: `part` must be the whole log, which is verified first.

    Raises AuditError, and signs nothing, when it does not stand up or is no extension of what the
    earlier checkpoints state.
    """
    checkpoint = state(database, part.head, key.name, now)
    known = in_order(earlier)
    if known:
        checkpoint = checkpoint._replace(previous=known[-1].digest)
    ensure(database, part, checkpoint, earlier, step, processes)
    return Made(checkpoint, signed(checkpoint.text(), key))


def ensure(
    database: Database,
    part: Bounds,
    stated: Checkpoint,
    earlier: Sequence[Signed],
    step: Step,
    processes: int,
) -> None:
    """Verify a log against what is about to be stated of it, too.

    What was read before is so held against what is verified: it may have been changed meanwhile.
    Raises AuditError when anything does not stand up.
    """
    claimed = Signed("what was read first", stated, digest(stated.text()), b"")
    report = verify(database, part, [*earlier, claimed], step, processes)
    if report.faults:
        raise refused(report.faults)


def refused(faults: Iterable[Fault]) -> AuditError:
    """Return the error for a record that does not stand up and is not signed therefore."""
    first, *_ = faults
    return AuditError(
        f"nothing is signed, for the record does not stand up: {first}",
        "tracker audit verify --checkpoint DIR says more",
    )


def state(database: Database, head: int, origin: str, now: datetime.datetime) -> Checkpoint:
    """Return what is there, up to a position of the log; unsigned."""
    with database.reading() as conn:
        rows = shelf.stored(conn)
        return Checkpoint(
            origin=origin,
            time=real_instant(now),
            events=extent(EventChain(conn, head)),
            accesses=extent(AccessChain(conn)),
            protocols={row.name: row.digest() or b"" for row in rows},
        )


def extent(chain: Chain) -> Extent:
    """Return how far a chain goes."""
    tree = Tree()
    tree.grow(chain.hashes(1, chain.size))
    head = chain.at(chain.size) if chain.size else chain.genesis
    return Extent(chain.size, head or b"", tree.root())
