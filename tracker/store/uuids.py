"""UUIDs of episodes as they are stored: those that can be."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tracker.errors import StoreError

_LENGTH = 32
_DIGITS = frozenset("0123456789abcdef")


def possible(pairs: Sequence[tuple[Any, Any]]) -> dict[Any, str]:
    """Return the UUIDs that can be, by key: 32 hexadecimal digits that no lower key has.

    `pairs`: keys with what is stored as their UUIDs, by key.
    """
    if _all_are([uuid for _, uuid in pairs]):
        return dict(pairs)
    found: dict[str, Any] = {}
    for key, uuid in dict(pairs).items():
        if _is_one(uuid):
            found.setdefault(uuid, key)
    return {key: uuid for uuid, key in found.items()}


def uuid_of(key: int, stored: Any) -> UUID:
    """Return the UUID of the episode with a key, by what is stored as such.

    Raises StoreError, naming the row, for what is none.
    """
    if not _is_one(stored):
        raise StoreError(
            f"in the table episodes the row with the key {key} holds no UUID,"
            " so that it was not written by tracker",
            "ask whoever looks after the database; tracker audit verify says what else is wrong",
        )
    return UUID(hex=stored)


def _is_one(stored: Any) -> bool:
    return isinstance(stored, str) and len(stored) == _LENGTH and set(stored) <= _DIGITS


def _all_are(uuids: Sequence[Any]) -> bool:
    """Whether all can be; asked of all at once, since there are as many as episodes."""
    try:
        digits = "".join(uuids)
        same = bytes.fromhex(digits).hex() == digits
    except (TypeError, ValueError):
        return False
    return same and set(map(len, uuids)) <= {_LENGTH} and len(set(uuids)) == len(uuids)
