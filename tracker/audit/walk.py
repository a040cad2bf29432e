"""Going along the log: every row against the one before it and against what its episode had.

Every event there is goes through here, so all questions are asked at once; which of them was
answered wrongly, and why, is for `tracker.audit.diagnosis`.
"""

import re
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import repeat
from typing import Any, NamedTuple

from tracker.audit.faults import Fault
from tracker.audit.instants import is_far_back, step_back
from tracker.events import EVENT_TYPES
from tracker.store.scan import Row
from tracker.store.sealing import ERASED, SEALED

envelope = re.compile(
    rb'\{"id":"([^"\\]*(?:\\.[^"\\]*)*)","occurred_at":"[^"]*","recorded_at":"([^"]*)","actor":"'
).match
"""The beginning of the bytes of an event; gives its id, as it is written, and when it was recorded.
"""

SHORTEST_SEALED = 45
"""Mark, id of the key, nonce and tag of an event that is sealed."""
SHOWN = 10
"""Remarks that are kept."""

_quick = re.compile(
    rb'\{"id":"([^"]*)","occurred_at":"[^"]*","recorded_at":"([^"]*)","actor":"'
).match
"""The same, and right, for an id without a backslash; in a third of the time."""
_BACKSLASH = b"\\"

_pack = struct.Struct(">I32sIq20sIq").pack
_length = struct.Struct(">I").pack
_8, _32 = repeat(8), repeat(32)
_TOPICS = {name: _length(len(raw)) + raw for name in EVENT_TYPES for raw in [name.encode()]}


class Met(NamedTuple):
    """Where an episode was first met on a walk."""

    position: int
    version: int


class Walk:
    """A walk from a position on; what the next row must fit is carried along."""

    def __init__(
        self, uuids: Mapping[Any, str], after: int, previous: bytes, state: bytes | None = None
    ) -> None:
        """Begin after a position whose event has the hash `previous` and the bytes `state`.

        `uuids`: the UUID of each episode in hexadecimal, by its key.
        """
        begun = envelope(state) if isinstance(state, bytes) else None
        self.sealed = after if isinstance(state, bytes) and is_sealed(state) else None
        """The first position known to be sealed: no event after it may be plain."""
        self.plain: int | None = None
        """The first position at which one is that may be so nowhere after a sealed one."""
        self.position = after
        """The last position that stands up."""
        self.met: dict[int, Met] = {}
        """By the key of the episode."""
        self.remarks: list[Fault] = []
        """On clocks: the first few."""
        self.steps_back = 0
        """How many there are."""
        self._previous = previous
        self._recorded = begun[2] if begun else b""
        self._uuids = _Uuids(uuids)
        self._from_the_start = after == 0
        self._versions: dict[int, int] = {}
        self._ids: list[tuple[Sequence[int], Sequence[bytes | None]]] = []
        """The keys of episodes and the ids of their events, in the order of position."""

    def versions(self) -> dict[int, int]:
        """Return the last version that stands up of each episode that was met, by its key."""
        return self._versions

    def doubtful(self) -> set[int]:
        """Return the keys of episodes in which an event id is there twice."""
        if not _repeated([id_ for _, ids in self._ids for id_ in ids if id_ is not None]):
            return set()  # an id has another event in no episode at all
        of_episode = defaultdict[int, list[bytes]](list)
        for keys, ids in self._ids:
            for key, id_ in zip(keys, ids, strict=True):
                if id_ is not None:
                    of_episode[key].append(id_)
        return {key for key, ids in of_episode.items() if _repeated(ids)}

    def follow(self, rows: Sequence[Row]) -> bool:
        """Go on along rows, up to the first that does not stand up; return whether all do."""
        return self._take(rows) or all(self._take([row]) for row in rows)

    def _take(self, rows: Sequence[Row]) -> bool:
        """Go on along rows if all of them stand up; go nowhere if one does not.

        What is asked is asked of all rows at once, which takes half the time that asking row by
        row does: the hash stored for a row is what the next must follow, since it is checked too.
        """
        if not rows:
            return True
        positions, keys, versions, topics, states, hashes = zip(*rows, strict=True)
        at = range(self.position + 1, self.position + 1 + len(rows))
        try:
            expected, met = self._expected(keys, versions, at)
            uuids = [self._uuids[key] for key in keys]
            previous = (self._previous, *hashes[:-1])
            heads = map(_pack, _32, previous, _8, at, uuids, _8, versions)
            lengths = map(_length, map(len, states))
            parts = zip(heads, [_TOPICS[topic] for topic in topics], lengths, states, strict=True)
            found = tuple([sha256(b"".join(one)).digest() for one in parts])
        except (TypeError, LookupError, struct.error):
            return False
        if found != hashes or versions != expected or positions != tuple(at):
            return False
        begun = _begun(states)
        if begun is None or not self._keep_sealed(at, begun[0], topics):
            return False
        self.position, self._previous = at[-1], hashes[-1]
        self.met.update(met)
        self._versions.update(zip(keys, versions, strict=True))
        self._note(at, keys, *begun)
        return True

    def _keep_sealed(
        self, at: Sequence[int], ids: Sequence[bytes | None], topics: Sequence[str]
    ) -> bool:
        """Note what is sealed and what is not; return whether nothing is plain after it."""
        if self.sealed is None and self.plain is not None and None not in ids:
            return True  # nothing was sealed ever
        sealed, plain = self.sealed, self.plain
        for position, id_, topic in zip(at, ids, topics, strict=True):
            if id_ is None:
                sealed = sealed or position
            elif topic != ERASED:
                if sealed is not None:
                    return False
                plain = plain or position
        self.sealed, self.plain = sealed, plain
        return True

    def _expected(
        self, keys: Sequence[Any], versions: Sequence[Any], at: Sequence[int]
    ) -> tuple[tuple[Any, ...], dict[Any, Met]]:
        """Return the version that each row must have, and where episodes are met.

        On a walk from the start an episode must begin with its first version.
        """
        ahead: dict[Any, Any] = {}
        known, met, expected = self._versions, dict[Any, Met](), []
        for position, key, version in zip(at, keys, versions, strict=True):
            last = ahead.get(key) or known.get(key)
            if last is None:
                met[key] = Met(position, version)
                number = 1 if self._from_the_start else version
            else:
                number = last + 1
            ahead[key] = number
            expected.append(number)
        return tuple(expected), met

    def _note(
        self,
        at: Sequence[int],
        keys: Sequence[int],
        ids: Sequence[bytes | None],
        recorded: Sequence[bytes | None],
    ) -> None:
        """Note the ids of events, and remark on clocks."""
        self._ids.append((keys, ids))
        times = [self._recorded, *(time for time in recorded if time is not None)]
        if times != sorted(times):
            self._look_back(at, recorded)
        self._recorded = times[-1]

    def _look_back(self, at: Sequence[int], recorded: Sequence[bytes | None]) -> None:
        latest = self._recorded
        for position, time in zip(at, recorded, strict=True):
            if time is None:
                continue
            if time < latest and is_far_back(latest, time):
                self.steps_back += 1
                if len(self.remarks) < SHOWN:
                    told = step_back(latest, time)
                    self.remarks.append(Fault("events", position, "clock", told))
            latest = time


class _Uuids(dict[Any, bytes]):
    """The UUIDs of episodes as they are hashed, each made when it is first asked for."""

    def __init__(self, digits: Mapping[Any, str]) -> None:
        super().__init__()
        self._digits = digits

    def __missing__(self, key: Any) -> bytes:
        made = _length(16) + bytes.fromhex(self._digits[key])
        self[key] = made
        return made


def _repeated(ids: Sequence[bytes]) -> bool:
    return len(set(ids)) < len(ids)


def _begun(states: Sequence[bytes]) -> tuple[Sequence[bytes | None], Sequence[bytes | None]] | None:
    """Return the ids, and the times of recording, where they can be read: not if sealed.

    None if one is no event.
    """
    quick = [begun.groups() for begun in map(_quick, states) if begun]
    if len(quick) == len(states):
        ids, recorded = zip(*quick, strict=True)
        if _BACKSLASH not in b"".join(ids):
            return ids, recorded
    read = [envelope(state) for state in states]
    if not all(begun or is_sealed(state) for begun, state in zip(read, states, strict=True)):
        return None
    return [one and one[1] for one in read], [one and one[2] for one in read]


def is_sealed(state: bytes) -> bool:
    """Whether an event is sealed, so that only its key tells its id and its times."""
    return state[:1] == SEALED and len(state) >= SHORTEST_SEALED


def remarked(first: Sequence[Fault], steps_back: int) -> list[Fault]:
    """Return the first remarks on clocks, and how many more there are of so many."""
    shown = list(first[:SHOWN])
    if steps_back > len(shown):
        more = steps_back - len(shown)
        told = f"{more} more events were recorded long before the one before them"
        shown.append(Fault("events", None, "clock", told))
    return shown


def repetitions(rows: Iterable[Row]) -> Iterator[int]:
    """Yield the positions of events of one episode whose id it had already."""
    ids = set()
    for row in rows:
        found = envelope(row[4])
        if found is not None:
            if found[1] in ids:
                yield row[0]
            ids.add(found[1])
