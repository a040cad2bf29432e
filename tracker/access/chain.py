"""The hash chain over the access log; of its own, so that a look never moves an event's position.

Each hash is SHA-256 over these parts, each preceded by its length as four bytes, big-endian: the
previous hash, the position (eight bytes, big-endian), and the bytes stored for the access.
"""

import hashlib
import struct
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from tracker.access.entry import read
from tracker.store.chain import Broken
from tracker.store.instants import micros

GENESIS = hashlib.sha256(b"tracker access log v1").digest()
"""What stands for the previous hash before the first access."""

_head = struct.Struct(">I32sIqI").pack


class Link(NamedTuple):
    """One row of the access log as it is stored, whatever the types of its values became."""

    position: int
    at: Any
    actor: Any
    episode_key: Any
    episode: UUID | None
    """The episode that has this key, None if none has."""
    state: Any
    hash: Any


def link(previous: bytes, position: int, state: bytes) -> bytes:
    """Return the hash of an access that follows the one whose hash is `previous`."""
    return hashlib.sha256(_head(32, previous, 8, position, len(state)) + state).digest()


def first_broken(
    links: Iterable[Link], previous: bytes = GENESIS, position: int = 0
) -> Broken | None:
    """Check links in the order of position; return the first that is wrong, None if none is.

    `previous` and `position` are the hash and position of the access before the first link.
    """
    for item in links:
        position += 1
        if item.position != position:
            return Broken(position, f"missing: the next position is {item.position}")
        if not isinstance(item.state, bytes) or item.hash != link(previous, position, item.state):
            return Broken(position, "the hash does not fit what is stored")
        if wrong := _differing(item):
            return Broken(position, wrong)
        previous = item.hash
    return None


def _differing(item: Link) -> str | None:
    """Return what the columns say otherwise than the bytes that are hashed."""
    try:
        access = read(item.state)
    except msgspec.DecodeError:
        return "what is stored is no access"
    told = (micros(access.at), access.actor, access.episode is not None, access.episode)
    stored = (item.at, item.actor, item.episode_key is not None, item.episode)
    names = ("at", "actor", "episode_key", "episode_key")
    wrong = [n for n, one, other in zip(names, told, stored, strict=True) if one != other]
    return f"the column {wrong[0]} does not say what is hashed" if wrong else None
