"""The hashes of the log as they are stored, for comparison with checkpoints."""

import datetime
from collections.abc import Iterator, Sequence

from tracker.audit.checkpoint import Signed
from tracker.audit.faults import Fault, Part
from tracker.audit.form import envelope
from tracker.audit.instants import TOLERANCE, read
from tracker.store import scan, sequence
from tracker.store.chain import GENESIS
from tracker.store.statements import Session


class EventChain:
    """The hashes of the log up to a position, on one connection."""

    part: Part = "events"
    genesis = GENESIS

    def __init__(self, conn: Session, size: int) -> None:
        """Take the last position; what is appended later is not looked at."""
        self._conn = conn
        self.size = size

    def at(self, position: int) -> bytes | None:
        """Return the hash stored at a position, None if there is none."""
        row = scan.event_at(self._conn, position)
        return None if row is None else row[5]

    def hashes(self, first: int, last: int) -> Iterator[bytes]:
        """Yield the hashes from a position to another."""
        return scan.hashes_between(self._conn, first - 1, last)

    def recorded(self, position: int) -> bytes | None:
        """Return when an event says it was recorded, None if there is none that says so."""
        row = scan.event_at(self._conn, position) if position <= self.size else None
        begun = envelope(row[4]) if row and isinstance(row[4], bytes) else None
        return begun[2] if begun else None

    def time(self, position: int) -> datetime.datetime | None:
        """Return the same as an instant, None if it is none."""
        written = self.recorded(position)
        return None if written is None else read(written)


def cut_off(conn: Session, table: str, part: Part, size: int) -> Iterator[Fault]:
    """Yield that more positions were given in a table than there are, as far as that is known."""
    given = sequence.counted(conn, table)
    if not isinstance(given, int):
        yield Fault(part, size + 1, "truncated", "what counts the positions holds no number")
    elif given > size:
        yield Fault(part, size + 1, "truncated", f"cut off: positions up to {given} were given")


def backdated(chain: EventChain, checkpoints: Sequence[Signed]) -> Iterator[Fault]:
    """Yield events that say they were recorded long before a checkpoint that does not hold them.

    One that is further on shows by a step back from the event before it.
    """
    for signed in checkpoints:
        position, time = signed.checkpoint.events.size + 1, signed.checkpoint.time
        written = chain.recorded(position)
        recorded = None if written is None else read(written)
        if recorded is not None and written is not None and time - recorded > TOLERANCE:
            told = f"recorded at {written.decode()}, but {signed.name} of {time:%Y-%m-%dT%H:%M:%SZ}"
            yield Fault("events", position, "clock", f"{told} does not hold it")
