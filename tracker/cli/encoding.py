"""Values as JSON, with nothing in them that a terminal would obey."""

import datetime
import re
from typing import Any

import msgspec

from tracker.events import real_instant


def _plain(value: object) -> object:
    if isinstance(value, datetime.datetime):
        return real_instant(value)
    if isinstance(value, str):
        return str(value)  # a name that a library marked
    raise NotImplementedError(f"{type(value).__name__} has no JSON form")


# What a terminal might act on although JSON allows it as it is.
_UNSAFE = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)


def _escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def encode(value: object, *, indent: int = 0) -> bytes:
    """Return a value as JSON: UTF-8, instants with `Z`, nothing a terminal would obey."""
    raw = msgspec.json.encode(value, enc_hook=_plain)
    if indent:
        raw = msgspec.json.format(raw, indent=indent)
    return _UNSAFE.sub(_escaped, raw.decode()).encode()


def plain(value: Any) -> Any:
    """Return a value as JSON would hold it."""
    return msgspec.to_builtins(value, enc_hook=_plain)
