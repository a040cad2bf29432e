"""The hash chain over the log: no event can be changed, removed or moved without it showing.

Each hash is SHA-256 over these parts, each preceded by its length as four bytes, big-endian: the
previous hash, the position (eight bytes, big-endian), the UUID of the episode (sixteen bytes), the
version (eight bytes, big-endian), the topic in UTF-8, and the bytes stored for the event.
"""

import hashlib
import struct
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

GENESIS = bytes(32)
"""What stands for the previous hash before the first event."""

_head = struct.Struct(">I32sIqI16sIqI").pack
_length = struct.Struct(">I").pack


class Link(NamedTuple):
    """One event of the log with the hash that was stored for it, whatever its values became."""

    position: int
    episode: UUID
    version: Any
    topic: Any
    state: Any
    hash: Any


class Broken(NamedTuple):
    """The first place where the log does not stand up, and why."""

    position: int
    reason: str


def link(
    previous: bytes, position: int, episode: UUID, version: int, topic: str, state: bytes
) -> bytes:
    """Return the hash of an event that follows the event whose hash is `previous`."""
    name = topic.encode()
    head = _head(32, previous, 8, position, 16, episode.bytes, 8, version, len(name))
    return hashlib.sha256(b"".join((head, name, _length(len(state)), state))).digest()


def first_broken(
    links: Iterable[Link], previous: bytes = GENESIS, position: int = 0
) -> Broken | None:
    """Check links in the order of position; return the first that is wrong, None if none is.

    `previous` and `position` are the hash and position of the event before the first link.
    """
    for item in links:
        position += 1
        if item.position != position:
            return Broken(position, f"missing: the next position is {item.position}")
        expected = _fitting(previous, item)
        if expected is None or item.hash != expected:
            return Broken(position, "the hash does not fit what is stored")
        previous = expected
    return None


def _fitting(previous: bytes, item: Link) -> bytes | None:
    """Return the hash that an event must have, None for one with a value that none can have."""
    try:
        return link(previous, *item[:-1])
    except (TypeError, AttributeError, UnicodeEncodeError, struct.error):
        return None
