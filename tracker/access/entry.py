"""One look at patients' data: who, when, by which command, at what; and its stored bytes."""

import datetime
from typing import Any
from uuid import UUID

import msgspec

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


_decoder = msgspec.json.Decoder(Access)


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
