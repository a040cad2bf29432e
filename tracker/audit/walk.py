"""Going along the log: every row against the one before it and against what its episode had.

The loop runs for every event there is, so it asks all its questions at once; which of them was
answered wrongly, and why, is for `tracker.audit.diagnosis`.
"""

import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from tracker.audit.faults import Fault
from tracker.audit.instants import is_far_back, step_back
from tracker.events import EVENT_TYPES
from tracker.store.scan import Row
from tracker.store.sealing import SEALED

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
_UNKNOWN = (_BACKSLASH, b"")

_pack = struct.Struct(">I32sIq20sIq").pack
_length = struct.Struct(">I").pack
_LENGTHS = [_length(number) for number in range(4096)]
_TOPICS = {name: _length(len(raw)) + raw for name in EVENT_TYPES for raw in [name.encode()]}


class Met(NamedTuple):
    """Where an episode was first met on a walk."""

    position: int
    version: int


class Walk:
    """A walk from a position on; what the next row must fit is carried along."""

    def __init__(
        self, uuids: Mapping[Any, str], after: int, previous: bytes, recorded: bytes = b""
    ) -> None:
        """Begin after a position whose event has the hash `previous` and was recorded then.

        `uuids`: the UUID of each episode in hexadecimal, by its key.
        """
        self.position = after
        """The last position that stands up."""
        self.met: dict[int, Met] = {}
        """By the key of the episode."""
        self.remarks: list[Fault] = []
        """On clocks: the first few."""
        self.steps_back = 0
        """How many there are."""
        self._previous = previous
        self._recorded = recorded
        self._uuids = uuids
        self._from_the_start = after == 0
        self._episodes: dict[Any, list[Any]] = {}
        """Of each its UUID as it is hashed, the last version, and the ids of its events."""

    def versions(self) -> dict[int, int]:
        """Return the last version that stands up of each episode that was met, by its key."""
        return {key: self._episodes[key][1] for key in self.met}

    def doubtful(self) -> set[int]:
        """Return the keys of episodes in which an event id is there twice."""
        return {
            key
            for key, (_, _, *ids) in self._episodes.items()
            if len(ids) > 1 and len(set(ids)) < len(ids)
        }

    def follow(self, rows: Iterable[Row]) -> bool:
        """Go on along rows, up to the first that does not stand up; return whether all do."""
        position, previous, latest = self.position, self._previous, self._recorded
        episodes = self._episodes
        for stored_position, key, version, topic, state, stored in rows:
            position += 1
            try:
                episode = episodes.get(key) or self._meet(key, version, position)
                expected = episode[1] + 1
                size = len(state)
                head = _pack(32, previous, 8, position, episode[0], 8, expected)
                length = _LENGTHS[size] if size < 4096 else _length(size)
                found = sha256(b"".join((head, _TOPICS[topic], length, state))).digest()
            except (TypeError, LookupError, struct.error):
                return self._stop(key, position)
            if found != stored or version != expected or stored_position != position:
                return self._stop(key, position)
            begun = _quick(state)
            id_, recorded = begun.groups() if begun else _UNKNOWN
            if _BACKSLASH in id_:
                begun = envelope(state)
                if begun is None and not is_sealed(state):
                    return self._stop(key, position)
                id_, recorded = begun.groups() if begun else (None, latest)
            episode[1] = version
            previous = stored
            if id_ is not None:
                episode.append(id_)
            if recorded < latest:
                self._look_back(position, latest, recorded)
            latest = recorded
        self.position, self._previous, self._recorded = position, previous, latest
        return True

    def _meet(self, key: Any, version: Any, position: int) -> list[Any]:
        """Note an episode; on a walk from the start it must begin with its first version."""
        begun = [_length(16) + bytes.fromhex(self._uuids[key]), 0]
        if not self._from_the_start:
            begun[1] = version - 1
        self.met[key] = Met(position, version)
        self._episodes[key] = begun
        return begun

    def _look_back(self, position: int, latest: bytes, recorded: bytes) -> None:
        if not is_far_back(latest, recorded):
            return
        self.steps_back += 1
        if len(self.remarks) < SHOWN:
            told = step_back(latest, recorded)
            self.remarks.append(Fault("events", position, "clock", told))

    def _stop(self, key: Any, position: int) -> bool:
        self.position = position - 1
        if self.met.get(key, (0,))[0] == position:
            del self.met[key]
        return False


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
