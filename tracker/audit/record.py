"""What is hashed of an event, put together from parts that are there already.

`tracker.store.chain` says what it is; most of it is short and comes again and again, so it is
looked up.
"""

import struct
from hashlib import sha256

from tracker.events import EVENT_TYPES

length = struct.Struct(">I").pack
number = struct.Struct(">q").pack
TOPICS = {name: length(len(raw)) + raw for name in EVENT_TYPES for raw in [name.encode()]}
NUMBERS = [number(value) for value in range(1024)]
"""The first numbers as they are hashed. A list, since to a dict 1.0 would be as good as 1."""
LENGTHS = [length(value) for value in range(2048)]
BLOCK = 256
LAST = [bytes([value]) for value in range(BLOCK)]
"""The last byte of positions."""
DIGEST = 32
"""Bytes of a hash."""
BEGUN = sha256(length(DIGEST))
"""Of every event: the length of the hash before it, which comes first."""


def begun_position(position: int) -> bytes:
    """Return a position as it is hashed, with its length and without the last byte."""
    return length(8) + number(position)[:-1]


def named(uuid: str) -> bytes:
    """Return the UUID of an episode, from hexadecimal, as it is hashed; and the next length."""
    return length(16) + bytes.fromhex(uuid) + length(8)
