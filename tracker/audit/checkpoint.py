"""Checkpoints: what was in the log, the access log and the protocols at one time, to be signed.

In the form of C2SP (https://c2sp.org/tlog-checkpoint): origin, size and hash by the line, then
lines of our own. The hash is that of the last event, which stands for all before it; the root of
the tree over the hashes of all events has a line of its own.
"""

import datetime
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tracker.audit.note import NoteError, PublicKey, decoded, encoded, opened

_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")
_HASH = 32


class Extent(NamedTuple):
    """How far a chain goes."""

    size: int
    head: bytes
    """Hash of the last link."""
    tree: bytes
    """Root of the tree whose leaves are the hashes of all links (RFC 6962)."""


class Checkpoint(NamedTuple):
    """What a checkpoint states."""

    origin: str
    """Names the log."""
    time: datetime.datetime
    events: Extent
    accesses: Extent
    protocols: Mapping[str, bytes]
    """Digest of the row of every stored protocol, by its name."""
    previous: bytes | None = None
    """Digest of the text of the checkpoint before; None if there was none."""

    def text(self) -> str:
        """Write it."""
        lines = [
            self.origin,
            str(self.events.size),
            encoded(self.events.head),
            f"time {self.time.isoformat().replace('+00:00', 'Z')}",
            f"tree {encoded(self.events.tree)}",
            f"access {self.accesses.size} {encoded(self.accesses.head)} "
            f"{encoded(self.accesses.tree)}",
        ]
        lines += [f"protocol {name} {encoded(d)}" for name, d in sorted(self.protocols.items())]
        if self.previous is not None:
            lines.append(f"previous {encoded(self.previous)}")
        return "".join(f"{line}\n" for line in lines)


class Signed(NamedTuple):
    """A checkpoint whose signature was verified, and where it was found."""

    name: str
    checkpoint: Checkpoint
    digest: bytes
    """SHA-256 of its text."""
    note: bytes
    """As it is signed."""


def read(name: str, note: bytes, keys: Iterable[PublicKey]) -> Signed:
    """Open a checkpoint. Raises NoteError when it is none, or not signed by one of some keys."""
    text = opened(note, keys)
    return Signed(name, parse(text), digest(text), note)


def digest(text: str) -> bytes:
    """Return what the next checkpoint calls this one by."""
    return hashlib.sha256(text.encode()).digest()


def parse(text: str) -> Checkpoint:
    """Read what `Checkpoint.text` wrote; lines of other kinds are passed over.

    Raises NoteError.
    """
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3 or "" in lines:
        raise NoteError("it is too short for a checkpoint, or has an empty line")
    origin, size, head, *more = lines
    values: dict[str, list[str]] = {}
    protocols: dict[str, bytes] = {}
    for line in more:
        key, *rest = line.split(" ")
        if key == "protocol" and len(rest) == 2:
            key = f"protocol {rest[0]}"
            protocols[rest[0]] = _hash(rest[1])
        if key in values:
            raise NoteError(f"it has a line twice: {key}")
        values[key] = rest
    return Checkpoint(
        origin=origin,
        time=_time(*_values(values, "time", 1)),
        events=_extent(size, head, *_values(values, "tree", 1)),
        accesses=_extent(*_values(values, "access", 3)),
        protocols=protocols,
        previous=_hash(*_values(values, "previous", 1)) if "previous" in values else None,
    )


def _values(lines: Mapping[str, list[str]], key: str, count: int) -> list[str]:
    values = lines.get(key, [])
    if len(values) != count:
        raise NoteError(f"its line {key} is missing, or is not in the right form")
    return values


def _extent(size: str, head: str, tree: str) -> Extent:
    if not _SIZE.fullmatch(size):
        raise NoteError("a size is no number")
    return Extent(int(size), _hash(head), _hash(tree))


def _hash(text: str) -> bytes:
    raw = decoded(text)
    if raw is None or len(raw) != _HASH:
        raise NoteError("a hash is not 32 bytes in base 64")
    return raw


def _time(text: str) -> datetime.datetime:
    try:
        time = datetime.datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None or not text.endswith("Z"):
        raise NoteError("its time is no instant")
    return time
