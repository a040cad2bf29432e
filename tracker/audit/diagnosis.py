"""What is wrong with a row of the log that does not fit: the first question it fails, and why."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from tracker.audit.faults import Fault
from tracker.audit.form import is_event
from tracker.audit.walk import is_sealed
from tracker.events import EVENT_TYPES
from tracker.store.chain import link
from tracker.store.scan import Row, is_text
from tracker.store.sealing import ERASED

NOTHING_TO_ERASE = "it says that the episode was erased, and no event before it is encrypted"
_LONGEST_TOPIC = 60


class Case(NamedTuple):
    """A row that does not fit, and what would have."""

    row: Row
    following: Row | None
    """The row after it."""
    position: int
    previous: Any
    """The hash stored for the event before it."""
    version: int | None
    """None if any would do."""
    uuids: Mapping[Any, str]
    """UUID of each episode in hexadecimal, by its key."""
    sealed: bool
    """Whether an event before it is sealed."""

    @property
    def uuid(self) -> str | None:
        """The UUID of the row's episode in hexadecimal, None if it names none."""
        return self.uuids.get(self.row[1])


def diagnose(case: Case) -> Fault:
    """Return what is wrong with a row; ValueError if nothing is."""
    for code, question in _QUESTIONS.items():
        if told := question(case):
            return Fault("events", case.position, code, told)
    raise ValueError(f"nothing is wrong with the event at position {case.position}")


def _missing(case: Case) -> str | None:
    there = case.row[0]
    if there == case.position:
        return None
    return f"missing: the next event in the log has position {there}"


def _episode(case: Case) -> str | None:
    if case.uuid is not None:
        return None
    return "it names no episode, or one whose UUID cannot be"


def _version(case: Case) -> str | None:
    version = case.row[2]
    if not isinstance(version, int) or version < 1:
        return "its version is no number from 1"
    if case.version not in (None, version):
        return f"it is version {version} of its episode where {case.version} comes next"
    return None


def _hash(case: Case) -> str | None:
    computed = _computed(case.row, case.previous, case.uuid)
    if computed is not None and computed == case.row[5]:
        return None
    return f"the hash does not fit what is stored: {_blame(case, computed)}"


def _computed(row: Row, previous: Any, uuid: str | None) -> bytes | None:
    position, _, version, topic, state, _ = row
    if not (is_text(topic) and isinstance(state, bytes) and isinstance(previous, bytes)):
        return None
    if uuid is None or not isinstance(version, int) or len(previous) != 32:
        return None
    return link(previous, position, UUID(hex=uuid), version, topic, state)


def _blame(case: Case, computed: bytes | None) -> str:
    """Say which of the two was changed, as far as the event after it can tell."""
    if case.following is None:
        return "either was changed, and no event follows that could tell which"
    uuid, after = case.uuids.get(case.following[1]), case.following[5]
    if computed is not None and _computed(case.following, computed, uuid) == after:
        return "the hash was changed; the event after it continues from the right one"
    if _computed(case.following, case.row[5], uuid) == after:
        return "the event was changed; the one after it continues from the stored hash"
    return "the event after it continues from neither, so more was changed"


def _topic(case: Case) -> str | None:
    topic = case.row[3]
    if topic in EVENT_TYPES:
        return None
    return f"the topic {topic[:_LONGEST_TOPIC]!r} is none that this program writes"


def _state(case: Case) -> str | None:
    if is_event(case.row[4]) or is_sealed(case.row[4]):
        return None
    return "the stored bytes are not in the form in which an event is written"


def _plain(case: Case) -> str | None:
    if not case.sealed or case.row[3] == ERASED or is_sealed(case.row[4]):
        return None
    return "it is not encrypted, though an event before it is"


def _erased(case: Case) -> str | None:
    if case.sealed or case.row[3] != ERASED or is_sealed(case.row[4]):
        return None
    return NOTHING_TO_ERASE


_QUESTIONS: dict[str, Callable[[Case], str | None]] = {
    "missing": _missing,
    "episode": _episode,
    "version": _version,
    "hash": _hash,
    "topic": _topic,
    "state": _state,
    "plain": _plain,
    "erased": _erased,
}
"""By the code of the fault, in the order in which they are asked."""
