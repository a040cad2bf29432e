"""The log as a whole: stretch after stretch, and what crosses from one into another."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from tracker.audit import stretches
from tracker.audit.chain import cut_off
from tracker.audit.diagnosis import Case, diagnose
from tracker.audit.faults import Fault
from tracker.audit.stretch import Stretch
from tracker.audit.walk import Met, remarked, repetitions
from tracker.pathway.wording import counted
from tracker.store import log, scan
from tracker.store.chain import GENESIS
from tracker.store.database import Database
from tracker.store.errors import DamagedError
from tracker.store.statements import Session
from tracker.store.tables import events

Step = Callable[[int], None]


class Bounds(NamedTuple):
    """Which part of the log is checked; what is appended meanwhile is not."""

    first: int
    last: int
    head: int
    """The last position of the log."""
    last_key: int
    """The highest key of an episode when the log was looked at."""

    @property
    def whole(self) -> bool:
        """Whether it is all of the log, so that what holds for a whole can be asked of it."""
        return self.first == 1 and self.last == self.head


class Checked(NamedTuple):
    """What was found."""

    bounds: Bounds
    episodes: int
    fault: Fault | None
    remarks: list[Fault]


def bounds(conn: Session, first: int | None, last: int | None) -> Bounds:
    """Return what of the log is to be checked; all of it unless bounds are given."""
    last_key = log.last_key(conn)
    _, head = scan.ends(conn)
    return Bounds(first or 1, head if last is None else min(last, head), head, last_key)


class LogVerifier:
    """Checks a part of the log of one database, once."""

    def __init__(self, database: Database, part: Bounds) -> None:
        self._database = database
        self._part = part
        self._versions: dict[int, int] = {}
        self._sealed: int | None = None
        self._doubtful: set[int] = set()
        self._remarks: list[Fault] = []
        self._steps_back = 0

    def run(self, processes: int, step: Step) -> Checked:
        """Check it; `step` is told how many more events were checked."""
        fault = self._before() or self._along(processes, step)
        fault = self._repeated(fault.position if fault else None) or fault or self._after()
        return Checked(
            self._part, len(self._versions), fault, remarked(self._remarks, self._steps_back)
        )

    def _along(self, processes: int, step: Step) -> Fault | None:
        part = self._part
        done = part.first - 1
        for stretch in stretches.check_all(self._database, part.first, part.last, processes):
            fault = self._join(stretch)
            if fault is not None:
                return fault
            step(stretch.last - done)
            done = stretch.last
        return None

    def _before(self) -> Fault | None:
        """Look at what is before the part."""
        with self._database.reading() as conn:
            first, _ = scan.ends(conn)
            before = None if self._part.first == 1 else scan.event_at(conn, self._part.first - 1)
        if first < 1:
            return Fault("events", first, "position", "a position before the first")
        if self._part.first > 1 and before is None:
            return Fault("events", self._part.first - 1, "missing", "missing")
        return None

    def _join(self, stretch: Stretch) -> Fault | None:
        """Take in what a stretch found; return the first fault up to its end."""
        wrong = [met[0] for key, met in stretch.met.items() if self._skips(key, met)]
        if not stretch.stands:
            wrong.append(stretch.last + 1)
        if self._sealed is not None and stretch.plain is not None:
            wrong.append(stretch.plain)
        fault = self._fault(min(wrong), stretch) if wrong else None
        self._sealed = self._sealed or stretch.sealed
        self._doubtful |= stretch.doubtful | (stretch.met.keys() & self._versions.keys())
        self._versions.update(stretch.versions)
        self._remarks += stretch.remarks
        self._steps_back += stretch.steps_back
        return fault

    def _skips(self, key: int, met: Met) -> bool:
        """Whether an episode does not go on where it was left."""
        expected = self._next_version(key)
        return expected is not None and met[1] != expected

    def _next_version(self, key: Any) -> int | None:
        if key in self._versions:
            return self._versions[key] + 1
        return 1 if self._part.first == 1 else None

    def _fault(self, position: int, stretch: Stretch) -> Fault:
        """Say what is wrong at a position."""
        if stretch.damaged and position == stretch.last + 1:
            return Fault("events", position, "unreadable", "the file is damaged from here on")
        with self._database.reading() as conn:
            row = scan.event_from(conn, position)
            before = scan.event_at(conn, position - 1)
            uuids = scan.identified(conn)
        met = stretch.met.get(row[1])
        inside = met is not None and met[0] < position
        version = stretch.versions[row[1]] + 1 if inside else self._next_version(row[1])
        previous = GENESIS if position == 1 else before and before[5]
        known = self._sealed or stretch.sealed
        sealed = known is not None and known < position
        following = self._following(row[0])
        return diagnose(Case(row, following, position, previous, version, uuids, sealed))

    def _following(self, position: int) -> Any:
        """Return the row after a position, None if there is none that can be read."""
        with suppress(DamagedError, LookupError), self._database.reading() as conn:
            return scan.event_from(conn, position + 1)
        return None

    def _repeated(self, end: int | None) -> Fault | None:
        """Return the first event, before `end` if given, whose id its episode had already."""
        last = self._part.last if end is None else end - 1
        found: list[int] = []
        with self._database.reading() as conn:
            for key in sorted(self._doubtful):
                found += repetitions(scan.events_of(conn, key, self._part.first, last))
        if not found:
            return None
        return Fault("events", min(found), "event-id", "its episode has an event with that id")

    def _after(self) -> Fault | None:
        """Look at what is after the part, and at what no event names."""
        part = self._part
        if part.last < part.head:
            return None
        with self._database.reading() as conn:
            cut = list(cut_off(conn, events.name, "events", part.head))
            keys = scan.keys(conn)
        if cut:
            return cut[0]
        unused = () if part.first > 1 else keys - self._versions.keys()
        empty = [key for key in unused if key <= part.last_key]
        if not empty:
            return None
        return Fault(
            "events", None, "episode", f"{counted(len(empty), 'episode')} without an event"
        )
