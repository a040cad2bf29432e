"""One look at patients' data: who, when, by which command, at what; and its stored bytes."""

import datetime
import re
from typing import Any
from uuid import UUID

import msgspec

from tracker.decoding import decoder
from tracker.events import real_instant


class Access(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who looked at an episode, or searched and listed, and when."""

    at: datetime.datetime
    actor: str
    """The user of the operating system, or the login of the database."""
    command: str
    """The command without its arguments: `show`, `audit replay`."""
    episode: UUID | None = None
    """The episode that was shown; None for a list or a search."""
    query: dict[str, Any] | None = None
    """What a list or a search was asked for."""
    count: int | None = None
    """How many rows it showed."""
    on_behalf_of: str | None = None
    purpose: str | None = None
    """Why, in the words of who looked."""
    break_glass: str | None = None
    """Why the limit to some sites was lifted for it."""


_decoder = decoder(Access)
_AT = re.compile(
    rb'\{"at":"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(\.[0-9]{6})?Z"'
)
_DEEPEST = 8
"""Lists within lists of what was asked for."""
_NUMBERS = range(-(2**63), 2**64)


def encode(access: Access) -> bytes:
    """Return the bytes that are stored and hashed: JSON, fields as declared, absent ones left out.

    The instant is UTC with `Z`, also where it is a test clock's.
    """
    return msgspec.json.encode(msgspec.structs.replace(access, at=real_instant(access.at)))


def decode(state: bytes) -> Access:
    """Read an access back. Raises msgspec.DecodeError for bytes that are none."""
    try:
        access = _decoder.decode(state)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(f"it cannot be read: {type(error).__name__}") from error
    if access.at.tzinfo is None:
        raise msgspec.ValidationError("its instant has no time zone")
    return access


def read(state: bytes) -> Access:
    """Read an access that is written as `encode` writes it, so that all read the same in it.

    Raises msgspec.DecodeError for bytes that are none, or that can be written in another way.
    """
    access = decode(state)
    if not all(map(_is_plain, (access.count, access.query))):
        raise msgspec.ValidationError("it holds a number that is written in several ways")
    try:
        again = encode(access)
    except (ValueError, OverflowError, RecursionError) as error:
        raise msgspec.DecodeError("it cannot be written again") from error
    begun, other = _AT.match(state), _AT.match(again)
    if begun is None or other is None or state[begun.end() :] != again[other.end() :]:
        raise msgspec.DecodeError("it can be written in another way")
    return access


def _is_plain(value: Any, depth: int = 0) -> bool:
    """Whether a value is text, a whole number, a truth value or none, or made of such."""
    if isinstance(value, dict | list):
        several = value.values() if isinstance(value, dict) else value
        return depth < _DEEPEST and all(_is_plain(one, depth + 1) for one in several)
    return value in _NUMBERS if isinstance(value, int) else value is None or isinstance(value, str)
