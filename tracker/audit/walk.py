"""Going along the log: every row against the one before it and against what its episode had.

Every event there is goes through here, so all questions are asked at once; which of them was
answered wrongly, and why, is for `tracker.audit.diagnosis`.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tracker.audit.faults import Fault, Part
from tracker.audit.form import all_begun_by, begun_by, envelope
from tracker.audit.instants import is_far_back, step_back
from tracker.audit.record import (
    BEGUN,
    BLOCK,
    DIGEST,
    LAST,
    LENGTHS,
    NUMBERS,
    TOPICS,
    begun_position,
    named,
)
from tracker.audit.record import length as as_length
from tracker.audit.record import number as as_number
from tracker.pathway.wording import counted
from tracker.store.sealing import ERASED, SEALED

if TYPE_CHECKING:
    from tracker.store.scan import Row

SHORTEST_SEALED = 45
"""Mark, id of the key, nonce and tag of an event that is sealed."""
SHOWN = 10
"""Remarks that are kept."""

_topic = itemgetter(3)
_state = itemgetter(4)

Met = tuple[int, int]
"""Where an episode was first met on a walk: position and version."""


class _Episode:
    """What a walk knows of an episode."""

    __slots__ = ("first", "ids", "position", "uuid")

    def __init__(self, uuid: bytes, position: int, version: int) -> None:
        self.uuid = uuid
        """As it is hashed."""
        self.position = position
        """Where it was met."""
        self.first = version
        """The version with which it was met."""
        self.ids: list[bytes | None] = []
        """Of its events, as they are written; None for one that is sealed."""


class Walk:
    """A walk from a position on; what the next row must fit is carried along."""

    def __init__(
        self,
        uuids: Mapping[Any, str],
        after: int,
        previous: Any,
        state: Any = None,
        topic: Any = None,
    ) -> None:
        """Begin after a position whose event has a topic, the hash `previous`, the bytes `state`.

        `uuids`: the UUID of each episode in hexadecimal, by its key.
        """
        begun = envelope(state) if isinstance(state, bytes) else None
        sealed = isinstance(state, bytes) and is_sealed(state)
        self.sealed = after if sealed or topic == ERASED else None  # erased is what was sealed
        """The first position known to be sealed: no event after it may be plain."""
        self.plain: int | None = None
        """The first position at which one is that may be so nowhere after a sealed one."""
        self.position = after
        """The last position that stands up."""
        self.remarks: list[Fault] = []
        """On clocks: the first few."""
        self.steps_back = 0
        """How many there are."""
        possible = isinstance(previous, bytes) and len(previous) == DIGEST
        self._previous: Any = previous if possible else None  # to which nothing can be joined
        self._recorded = begun[2] if begun else b""
        self._uuids = uuids
        self._from_the_start = after == 0
        self._episodes: dict[Any, _Episode] = {}
        """By the key."""

    def met(self) -> dict[Any, Met]:
        """Return where each episode was met first, by its key."""
        return {key: (one.position, one.first) for key, one in self._episodes.items()}

    def versions(self) -> dict[Any, int]:
        """Return the last version that stands up of each episode that was met, by its key."""
        return {key: one.first + len(one.ids) - 1 for key, one in self._episodes.items()}

    def doubtful(self) -> set[Any]:
        """Return the keys of episodes in which an event id is there twice."""
        return {key for key, one in self._episodes.items() if _repeated(one.ids)}

    def follow(self, rows: Sequence["Row"]) -> bool:
        """Go on along rows, up to the first that does not stand up; return whether all do."""
        done = 0
        try:
            while done < len(rows):
                first = (self.position + 1) % BLOCK
                some = rows[done : done + BLOCK - first]
                if not self._take(some, LAST[first : first + len(some)]):
                    return False
                done += len(some)
        except (TypeError, LookupError, struct.error):  # a value that no event can have
            return False
        finally:
            self._forget()
        return True

    def _take(self, rows: Sequence["Row"], last: Sequence[bytes]) -> bool:
        """Go on along rows whose positions differ in the last byte alone.

        This is done for every event there is, so nothing is called that can be written out.
        """
        shown, plain = _shown(rows)
        unsure = not plain or self.sealed is not None or self.plain is None or _erases(rows)
        numbers, topics, lengths = NUMBERS, TOPICS, LENGTHS
        previous, recorded, at = self._previous, self._recorded, self.position
        begun, high, join, known = BEGUN.copy, begun_position(at + 1), b"".join, self._episodes.get
        same: Any = object()  # no key is this
        uuid, first, ids = b"", 0, list[bytes | None]()
        try:
            for (position, key, version, topic, state, hash_), low, (id_, time) in zip(
                rows, last, shown, strict=True
            ):
                if key != same:
                    episode = known(key) or self._meet(key, at + 1, version)
                    same, uuid, first, ids = key, episode.uuid, episode.first, episode.ids
                if position != at + 1 or version != first + len(ids):
                    return False
                size = len(state)
                hashed = begun()
                hashed.update(
                    join(
                        (
                            previous,
                            high,
                            low,
                            uuid,
                            numbers[version] if version < 1024 else as_number(version),
                            topics[topic],
                            lengths[size] if size < 2048 else as_length(size),
                            state,
                        )
                    )
                )
                if hashed.digest() != hash_:
                    return False
                if unsure and not self._keep_sealed(position, id_, topic):
                    return False
                if time < recorded:
                    if id_ is None:  # nobody can tell
                        time = recorded
                    else:
                        self._look_back(position, recorded, time)
                ids.append(id_)
                previous, recorded, at = hash_, time, position
        finally:
            self._previous, self._recorded, self.position = previous, recorded, at
        return True

    def _meet(self, key: Any, position: int, version: Any) -> _Episode:
        """Make an episode that was not met before; LookupError if it cannot begin so.

        On a walk from the start an episode must begin with its first version.
        """
        if version != 1 and (self._from_the_start or version < 1):
            raise LookupError(version)
        made = self._episodes[key] = _Episode(named(self._uuids[key]), position, version)
        return made

    def _forget(self) -> None:
        """Forget the episode that was met last if its event did not stand up."""
        if self._episodes:
            key, last = next(reversed(self._episodes.items()))
            if not last.ids:
                del self._episodes[key]

    def _keep_sealed(self, at: int, id_: bytes | None, topic: str) -> bool:
        """Note whether an event is sealed; return whether it is not plain after one that is.

        That an episode was erased is said in plain, and only after one that is sealed.
        """
        if id_ is None:
            self.sealed = self.sealed or at
        elif topic == ERASED:
            return self.sealed is not None
        else:
            if self.sealed is not None:
                return False
            self.plain = self.plain or at
        return True

    def _look_back(self, position: int, before: bytes, time: bytes) -> None:
        if not is_far_back(before, time):
            return
        self.steps_back += 1
        if len(self.remarks) < SHOWN:
            self.remarks.append(Fault("events", position, "clock", step_back(before, time)))


def _erases(rows: Sequence["Row"]) -> bool:
    return ERASED in map(_topic, rows)


def _repeated(ids: Sequence[bytes | None]) -> bool:
    shown = set(ids)
    return len(shown) < len(ids) and len(shown - {None}) < len(ids) - ids.count(None)


def _shown(rows: Sequence["Row"]) -> tuple[Sequence[Any], bool]:
    """Return what each event shows: its id and when it was recorded; and whether all show it.

    One that is sealed shows neither; None stands for what is no event.
    """
    states = list(map(_state, rows))
    try:
        shown = all_begun_by(states)
    except TypeError:  # one is no bytes
        shown = [begun_by(one) if isinstance(one, bytes) else None for one in states]
    if None not in shown:
        return shown, True
    return [one or _hidden(state) for one, state in zip(shown, states, strict=True)], False


def _hidden(state: Any) -> tuple[None, bytes] | None:
    return (None, b"") if isinstance(state, bytes) and is_sealed(state) else None


def is_sealed(state: bytes) -> bool:
    """Whether an event is sealed, so that only its key tells its id and its times."""
    return state[:1] == SEALED and len(state) >= SHORTEST_SEALED


def remarked(
    first: Sequence[Fault], steps_back: int, part: Part = "events", what: str = "event"
) -> list[Fault]:
    """Return the first remarks on clocks, and how many more there are of so many."""
    shown = list(first[:SHOWN])
    if steps_back > len(shown):
        more = steps_back - len(shown)
        told = f"{counted(more, f'more {what}')} recorded long before the one before"
        shown.append(Fault(part, None, "clock", told))
    return shown


def repetitions(rows: Iterable["Row"]) -> Iterator[int]:
    """Yield the positions of events whose id their episode had already."""
    ids = set()
    for row in rows:
        found = envelope(row[4])
        if found is not None:
            mark = row[1], found[1]
            if mark in ids:
                yield row[0]
            ids.add(mark)
