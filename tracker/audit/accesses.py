"""The access log: its own chain, and its columns against the bytes that are hashed."""

import datetime
from collections.abc import Iterator

from sqlalchemy import select

from tracker.access.chain import GENESIS, first_broken
from tracker.access.log import links, rows
from tracker.access.tables import accesses as t
from tracker.audit.ahead import LookTimes, named
from tracker.audit.chain import cut_off
from tracker.audit.faults import Fault, Part
from tracker.store.instants import instant
from tracker.store.statements import Session, Statement

_first = Statement(select(t.c.position).order_by(t.c.position).limit(1))
_last = Statement(select(t.c.position).order_by(t.c.position.desc()).limit(1))


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
        self._times = LookTimes()

    def at(self, position: int) -> bytes | None:
        """Return the hash stored at a position, None if there is none."""
        return next((row[-1] for row in rows(self._conn, position - 1, position)), None)

    def hashes(self, first: int, last: int) -> Iterator[bytes]:
        """Yield the hashes from a position to another."""
        for row in rows(self._conn, first - 1, last):
            yield row[-1]

    def stored(self, size: int) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield position, bytes and hash of the looks up to a position."""
        for position, _, _, _, state, hash_ in rows(self._conn, last=size):
            yield position, state, hash_

    def faults(self) -> Iterator[Fault]:
        """Yield the first place that does not stand up."""
        if self.first < 1:
            yield Fault("access", self.first, "position", "a position before the first")
            return
        broken = first_broken(self._times.noting(links(self._conn, self.size)))
        if broken is not None:
            yield Fault("access", broken.position, "access", broken.reason)
        else:
            yield from cut_off(self._conn, t.name, self.part, self.size)

    def remarks(self, now: datetime.datetime) -> list[Fault]:
        """Return remarks on the times of looks, once all were found to stand up."""
        return named("access", self._times.steps_back, self._recorded, self.size, now)

    def _recorded(self, position: int) -> datetime.datetime | None:
        return next((instant(row[1]) for row in rows(self._conn, position - 1, position)), None)
