"""The access log: its own chain, and its columns against the bytes that are hashed."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from sqlalchemy import bindparam, select

from tracker.access.chain import GENESIS, Link, first_broken
from tracker.access.tables import accesses as t
from tracker.audit.faults import Fault, Part
from tracker.audit.stretches import identified
from tracker.store import log, scan
from tracker.store.statements import Session, Statement

_accesses = Statement(
    select(t.c.position, t.c.at, t.c.actor, t.c.episode_key, t.c.state, t.c.hash)
    .where(t.c.position > bindparam("after"), t.c.position <= bindparam("last"))
    .order_by(t.c.position)
    .limit(bindparam("at_most")),
    "after",
    "last",
    "at_most",
)
_first = Statement(select(t.c.position).order_by(t.c.position).limit(1))
_last = Statement(select(t.c.position).order_by(t.c.position.desc()).limit(1))
_BATCH = 10_000


class AccessChain:
    """The hashes of the access log, on one connection."""

    part: Part = "access"
    genesis = GENESIS

    def __init__(self, conn: Session) -> None:
        """Look at how far it goes; what is appended later is not looked at."""
        self._conn = conn
        first, last = _first.row(conn), _last.row(conn)
        self.first = 1 if first is None else first[0]
        self.size = 0 if last is None else max(last[0], 0)

    def at(self, position: int) -> bytes | None:
        """Return the hash stored at a position, None if there is none."""
        found = scan.rows(_accesses, self._conn, position - 1, position, 1)
        return found[0][-1] if found else None

    def hashes(self, first: int, last: int) -> Iterator[bytes]:
        """Yield the hashes from a position to another."""
        for row in self._rows(first - 1, last):
            yield row[-1]

    def stored(self, size: int) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield position, bytes and hash of the looks up to a position."""
        for position, _, _, _, state, hash_ in self._rows(0, size):
            yield position, state, hash_

    def _rows(self, after: int, last: int) -> Iterator[scan.Row]:
        while True:
            found = scan.rows(_accesses, self._conn, after, last, _BATCH)
            yield from found
            if len(found) < _BATCH:
                return
            after = found[-1][0]

    def faults(self) -> Iterator[Fault]:
        """Yield the first place that does not stand up."""
        if self.first < 1:
            yield Fault("access", self.first, "position", "a position before the first")
            return
        broken = first_broken(self._links())
        given = log.issued(self._conn, t.name)
        if broken is not None:
            yield Fault("access", broken.position, "access", broken.reason)
        elif given > self.size:
            told = f"cut off: positions up to {given} were given"
            yield Fault("access", self.size + 1, "truncated", told)

    def _links(self) -> Iterable[Link]:
        uuids = {key: UUID(hex=raw) for key, raw in identified(scan.uuids(self._conn)).items()}
        for position, at, actor, key, state, hash_ in self._rows(0, self.size):
            yield Link(position, at, actor, key, uuids.get(key), state, hash_)
