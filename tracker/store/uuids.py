"""UUIDs of episodes as they are stored: those that can be."""

from collections.abc import Sequence
from typing import Any

_LENGTH = 32


def possible(pairs: Sequence[tuple[Any, Any]]) -> dict[Any, str]:
    """Return the UUIDs that can be, by key: 32 hexadecimal digits that no lower key has.

    `pairs`: keys with what is stored as their UUIDs, by key.
    """
    if _all_are([uuid for _, uuid in pairs]):
        return dict(pairs)
    found: dict[str, Any] = {}
    for key, uuid in dict(pairs).items():
        if isinstance(uuid, str) and len(uuid) == _LENGTH and set(uuid) <= set("0123456789abcdef"):
            found.setdefault(uuid, key)
    return {key: uuid for uuid, key in found.items()}


def _all_are(uuids: Sequence[Any]) -> bool:
    """Whether all can be; asked of all at once, since there are as many as episodes."""
    try:
        digits = "".join(uuids)
        same = bytes.fromhex(digits).hex() == digits
    except (TypeError, ValueError):
        return False
    return same and set(map(len, uuids)) <= {_LENGTH} and len(set(uuids)) == len(uuids)
