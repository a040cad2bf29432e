"""What can be done to the files of a bundle, as hypothesis chooses it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.audit.records import KEY, OTHER
from tracker.audit.bundle import contents, sums
from tracker.audit.note import PrivateKey

FILES = (
    contents.EVENTS, contents.LOOKS, contents.PROOFS, contents.PROTOCOLS, contents.ABOUT,
    contents.PUBLIC_KEY, contents.KEYS, sums.SUMS, "protocols/ward@1.toml", "checkpoints/*",
)  # fmt: skip
WEIRD = st.sampled_from(
    [None, True, -1, 0, 1.0, 1e300, 10**17, 10**30, "", "x", "\ud800", "\u202e", [], {}, "0" * 64]
)
Change = Callable[[bytes], bytes]
"""Changes the content of a file."""


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """Draw what is done to a file."""
    kind = draw(st.sampled_from(["flip", "cut", "insert", "lines", "lines", "value", "value"]))
    at, more = draw(st.floats(0, 1)), draw(st.floats(0, 1))
    if kind == "flip":
        mask = draw(st.integers(1, 255))
        return lambda raw: _at(raw, at, lambda some: bytes([some[0] ^ mask]) if some else b"x")
    if kind == "cut":
        return lambda raw: raw[: int(at * len(raw))]
    if kind == "insert":
        extra = draw(st.binary(max_size=20) | st.sampled_from([b"\n", b"\r", b" ", b"{}", b"\n\n"]))
        return lambda raw: _at(raw, at, lambda some: extra + some)
    if kind == "lines":
        how = draw(st.sampled_from(["delete", "double", "swap", "sort"]))
        return lambda raw: _lines(raw, how, at, more)
    value = draw(WEIRD)
    return lambda raw: _value(raw, at, more, value)


def _at(raw: bytes, at: float, change: Change) -> bytes:
    place = min(int(at * len(raw)), max(len(raw) - 1, 0))
    return raw[:place] + change(raw[place : place + 1]) + raw[place + 1 :]


def _lines(raw: bytes, how: str, at: float, more: float) -> bytes:
    lines = raw.splitlines(keepends=True) or [b""]
    one, other = (min(int(x * len(lines)), len(lines) - 1) for x in (at, more))
    if how == "delete":
        del lines[one]
    elif how == "double":
        lines.insert(other, lines[one])
    elif how == "swap":
        lines[one], lines[other] = lines[other], lines[one]
    else:
        lines.sort()
    return b"".join(lines)


def _value(raw: bytes, at: float, more: float, value: Any) -> bytes:
    """Put another value into one of the objects, written as Python likes it."""
    lines = raw.splitlines(keepends=True) or [b"{}"]
    index = min(int(at * len(lines)), len(lines) - 1)
    try:
        found = json.loads(lines[index])
        name = sorted(found)[min(int(more * len(found)), len(found) - 1)]
    except (ValueError, TypeError, IndexError):
        return raw + json.dumps(value).encode()
    found[name] = value
    lines[index] = json.dumps(found, separators=(",", ":")).encode() + b"\n"
    return b"".join(lines)


def sign_anew(folder: Path, how: str) -> None:
    """Write the list of files anew: not at all, unsigned, or signed by somebody."""
    if how == "as it is":
        return
    key: PrivateKey | None = {"unsigned": None, "by another": OTHER, "by the holder": KEY}[how]
    for name in (sums.SUMS, sums.SIGNATURE):
        (folder / name).unlink(missing_ok=True)
    if how in ("unsigned", "by another"):
        (folder / contents.PUBLIC_KEY).unlink(missing_ok=True)
    if how == "by another":
        (folder / contents.PUBLIC_KEY).write_text(str(OTHER.public))
    raw = sums.write(folder)
    if key is not None:
        (folder / sums.SIGNATURE).write_bytes(key.sign(raw))
