"""Values as JSON, with nothing in them that a terminal would obey."""

import datetime
from typing import Any

import msgspec

from tracker.escapes import escaped
from tracker.events import real_instant


def _plain(value: object) -> object:
    if isinstance(value, datetime.datetime):
        return real_instant(value)
    if isinstance(value, str):
        return str(value)  # a name that a library marked
    raise NotImplementedError(f"{type(value).__name__} has no JSON form")


def encode(value: object, *, indent: int = 0) -> bytes:
    """Return a value as JSON: UTF-8, instants with `Z`, nothing a terminal would obey."""
    raw = msgspec.json.encode(value, enc_hook=_plain)
    if indent:
        raw = msgspec.json.format(raw, indent=indent)
    return escaped(raw)


def plain(value: Any) -> Any:
    """Return a value as JSON would hold it."""
    return msgspec.to_builtins(value, enc_hook=_plain)
