"""The lines of a bundle's files: JSON, and each value can be written in one way only.

A reader makes the line again from what he read and compares: there is no second reading of it.
"""

import base64
import re
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from tracker.audit.bundle.contents import UNREADABLE, Episode, Size
from tracker.audit.walk import is_sealed
from tracker.decoding import decode
from tracker.escapes import escaped
from tracker.store.scan import Row

_EVENT = re.compile(
    rb'\{"position":(\d{1,18}),"episode":"([0-9a-f-]{36})","version":(\d{1,18}),'
    rb'"topic":"([a-z0-9-]{1,100})","hash":"([0-9a-f]{64})","state":"([A-Za-z0-9+/=]*)",'
    rb'"event":(.*)\}'
)
_LOOK = re.compile(
    rb'\{"position":(\d{1,18}),"hash":"([0-9a-f]{64})","state":"([A-Za-z0-9+/=]*)","look":(.*)\}'
)


class Look(NamedTuple):
    """A row of the access log as a bundle has it."""

    position: int
    state: bytes
    hash: bytes


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That one link of a chain is in the tree over so many of them."""

    chain: str
    """events or access."""
    position: Size
    previous: str
    """Hash of the link before, in hexadecimal."""
    size: Size
    path: list[str]
    """Hashes beside the way from the link's own hash to the root, in hexadecimal."""


class ProtocolLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stored protocol, but for its text, which has a file of its own."""

    name: str
    hash: str
    added_at: Size
    actor: str


class EventLine(NamedTuple):
    """An event as a bundle has it."""

    row: Row
    """As the log has it, but that its episode is the UUID as a number."""
    shown: bytes
    """What is to be read: the stored bytes, or what they are unsealed, escaped for whoever reads it
    at a terminal; null if they are sealed."""


class KeyLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The key that sealed the events of an episode."""

    episode: Episode
    key: Episode
    """Its id, a UUID."""
    secret: str
    """32 bytes in base 64."""


def event_line(row: Row, shown: bytes) -> bytes:
    """Write an event; its second value is the UUID as a number.

    `shown`: what it says, escaped.
    """
    position, uuid, version, topic, state, hash_ = row
    head: bytes = (
        b'{"position":%d,"episode":"%s","version":%d,"topic":"%s","hash":"%s","state":"%s","event":'
        % (
            position,
            str(UUID(int=uuid)).encode(),
            version,
            topic.encode(),
            hash_.hex().encode(),
            base64.b64encode(state),
        )
    )
    return head + shown + b"}"


def read_event(line: bytes) -> EventLine | None:
    """Read an event, None for what is none."""
    found = _EVENT.fullmatch(line)
    if found is None:
        return None
    position, episode, version, topic, hash_, state, shown = found.groups()
    row = (
        int(position),
        int(episode.replace(b"-", b"") or b"0", 16),
        int(version),
        topic.decode(),
        _raw(state),
        bytes.fromhex(hash_.decode()),
    )
    if event_line(row, shown) != line or not (is_sealed(row[4]) or shown == escaped(row[4])):
        return None
    return EventLine(row, shown)


def look_line(look: Look) -> bytes:
    """Write a look."""
    head = b'{"position":%d,"hash":"%s","state":"%s","look":'
    begun = head % (look.position, look.hash.hex().encode(), base64.b64encode(look.state))
    return begun + escaped(look.state) + b"}"


def read_look(line: bytes) -> Look | None:
    """Read a look, None for what is none."""
    found = _LOOK.fullmatch(line)
    if found is None:
        return None
    position, hash_, state, _ = found.groups()
    look = Look(int(position), _raw(state), bytes.fromhex(hash_.decode()))
    return look if look_line(look) == line else None


def _raw(written: bytes) -> bytes:
    try:
        return base64.b64decode(written, validate=True)
    except ValueError:
        return b""


def read_line(line: bytes, kind: type[Any]) -> Any:
    """Read a line that is a struct, None for what is none."""
    try:
        found = decode(line, kind)
    except UNREADABLE:
        return None
    return found if written(found) == line else None


def written(value: Any) -> bytes:
    """Write a struct in the one way."""
    return escaped(msgspec.json.encode(value))


def is_one_line(state: bytes) -> bool:
    """Whether stored bytes can stand in a line: JSON without a line break."""
    try:
        decode(state)
    except UNREADABLE:
        return False
    return b"\n" not in state


def hashes(path: Sequence[str]) -> list[bytes] | None:
    """Read hashes in hexadecimal, None if one is none."""
    if not all(re.fullmatch("[0-9a-f]{64}", text) for text in path):
        return None
    return [bytes.fromhex(text) for text in path]
