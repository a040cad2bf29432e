"""JSON with nothing in it that a terminal would obey, though JSON allows it as it is."""

import re

OBEYED = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
"""Controls that JSON does not escape, bidi and other format characters, line separators."""


def escaped(raw: bytes) -> bytes:
    r"""Return JSON that says the same, with `\u` and hexadecimal for what a terminal would obey.

    What is no UTF-8 comes back as it is: that is no JSON.
    """
    if raw.isascii() and b"\x7f" not in raw:
        return raw
    try:
        return OBEYED.sub(_escape, raw.decode()).encode()
    except UnicodeDecodeError:
        return raw


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
