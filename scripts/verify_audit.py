#!/usr/bin/env python3
"""Verify the record of a tracker without trusting the tracker: this file uses none of its code.

    verify_audit.py SOURCE [--checkpoint PATH]... [--public-key KEY]... [--from P] [--to P] [--json]

SOURCE is a bundle made by `tracker audit export`, a data directory or its tracker.sqlite, or the
URL of a PostgreSQL database. It needs Python 3.11 or newer, `cryptography` where a signature is to
be verified, and `psycopg` for PostgreSQL. It only reads: no byte of tracker.sqlite or of its -wal
is changed, though where the directory can be written SQLite puts a -shm and an empty -wal into it.
It ends with 0 if everything stands up, 6 if not, 1 if SOURCE cannot be read or holds no proof for a
checkpoint that was given, 2 for a mistake in the command.

What must hold (`||` joins; H is SHA-256; every part that is hashed is preceded by its length in
bytes as a number of four bytes; all numbers are big-endian):

Types. `state` and `hash` of events and looks are stored as bytes: the same ones stored as text are
wrong, and so is a text that is not UTF-8.

Events. Positions are 1, 2, 3 ... without a gap. Each names an episode; the UUID of that is stored
once. The versions of an episode are 1, 2, 3 ... The hash of an event is
    H(hash before || position, 8 bytes || UUID, 16 bytes || version, 8 bytes || topic || state)
where `state` are the bytes stored for it and the hash before the first event is 32 zeros. Its topic
is one of TOPICS; `state` begins as BEGINNING says, up to its data, and after these it ends as END
says, so that no field of an event is there twice (that the data are JSON is not asked); or it is
sealed. After one that is sealed all are, but for those that say that an episode was erased, and
these come only after one that is sealed (in a bundle of one episode, one of that episode). No two
events of an episode have the same id. Every episode has an event.

Access log. Positions as above. The hash of a look is H(hash before || position, 8 bytes || state);
before the first it is H("tracker access log v1"), without a length. `state` is JSON in the one way
that LOOK_KINDS and `written` say. The columns `at` (microseconds since 1970), `actor` and
`episode_key` say what it says.

Protocols. The text is TOML and its id@version is the name, or those of its `base` where it mentions
none; `hash` is H(text) in hexadecimal, or, if it has a `base`, H(hash of the base || newline ||
text) without lengths. A `base` is stored too.

Checkpoints. A signed note (c2sp.org/signed-note): text, an empty line, a line with a signature by
Ed25519. The text: the name of the log; the number of events; the hash of the last one, base 64;
then lines `time`, `tree`, `access SIZE HASH TREE`, `protocol NAME DIGEST`, `previous DIGEST`. A
tree is the root of the Merkle tree of RFC 6962 whose leaves are the hashes of all events (or looks)
in order. A protocol's digest is H(name || text || hash || added_at, 8 bytes || actor). The previous
digest is H(text of the checkpoint before), without a length. The log must contain what each
checkpoint states: at that size, that hash and that tree.

Schema. The tables of the log, their columns, indexes and triggers are as FILE (SQLite) or SERVER
(PostgreSQL) says, and there are no others on them; in a file there is no other trigger or view at
all, and on a server the functions that guard and append are those; it may have what OF_ROLES says
too, and may lack it. In a file the indexes say what the tables do, by SQLite's own check.
alembic_version holds one of VERSIONS, once, and of the tables that LATER names none is there that
is younger; the access log is there from its version on.

Bundles. SHA256SUMS lists every file but itself and its signature; SHA256SUMS.sig is the Ed25519
signature of its bytes. What is to be read of an event or a look is what is stored, or was sealed,
with JSON's escapes for the letters of ESCAPED. A bundle of everything is checked like a database.
In a bundle of one episode each event (and look) comes with the hash before it and the path from its
own hash to the tree; so it is shown to be in the log, and that no later event was left out is not
shown. What the bundle and checkpoints state of one size is the same. Where the bundle has no path
for a checkpoint from elsewhere, or ends before it, nothing is shown by that one.
"""

import argparse
import base64
import contextlib
import datetime
import hashlib
import itertools
import json
import os
import re
import sqlite3
import struct
import sys
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TextIO

TOPICS = frozenset(
    """
    activity-recorded alert-acknowledged aspiration-performed bed-rest-ended bed-rest-started
    blood-patch-cancelled blood-patch-declined blood-patch-deferred blood-patch-ordered
    blood-patch-performed complication-diagnosed complication-resolved
    conservative-management-ended conservative-management-started contact-failed
    csf-drainage-performed dural-puncture-recorded embolization-performed episode-assigned
    episode-closed episode-erased episode-opened episode-reopened episodes-linked
    episodes-unlinked
    event-corrected event-voided headache-assessed imaging-cancelled imaging-ordered
    imaging-performed leak-site-identified leak-suspected lost-to-follow-up medication-given
    medication-started medication-stopped other-procedure-performed patient-died
    patient-discharged patient-mobilized patient-readmitted patient-transferred position-changed
    protocol-adopted rebound-headache-diagnosed reminder-acknowledged reminder-issued
    reminder-skipped reminder-snoozed reminder-waived review-completed specialist-referral-made
    surgery-performed surgical-repair-performed symptoms-recorded targeted-patch-performed
    thromboprophylaxis-decided treatment-outcome-recorded wound-drain-removed wound-examined
    """.split()  # noqa: SIM905 (to be read, and compared)
)
TEXT = rb'[^"\\]*+(?:\\(?s:.)[^"\\]*+)*+'
BEGINNING = re.compile(
    # in an id nothing is escaped but what JSON must escape, so that it is written in one way only
    rb'\{"id":"(?P<id>[^"\\]*(?:\\(?:["\\bfnrt]|u00(?:0[0-7be-f]|1[0-9a-f]))[^"\\]*)*)",'
    rb'"occurred_at":"[^"]*(?<=Z)",'
    rb'"recorded_at":"(?P<recorded>[0-9.]*-[0-9.]*-[0-9.]*T[0-9.]*:[0-9.]*:[0-9.]*Z)",'
    rb'"actor":"%b","source":"%b","schema":[0-9]+,"data":\{' % (TEXT, TEXT)
)
END = re.compile(rb'\}(?:,"on_behalf_of":"%b")?\}\Z' % TEXT)
EVENT_GENESIS = bytes(32)
ACCESS_GENESIS = hashlib.sha256(b"tracker access log v1").digest()
ERASED = "episode-erased"
NOTHING_TO_ERASE = "it says that the episode was erased, and no event before it is encrypted"
TOLERANCE = datetime.timedelta(hours=1)
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
REMARKS = 10
NO_PROOF = "no-proof"
"""Code of what cannot be checked by what a bundle holds: it tells of no change, and proves nothing.
"""
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class Fault(NamedTuple):
    """What does not stand up, or is remarked on."""

    part: str
    position: int | None
    code: str
    text: str


class UnreadableError(Exception):
    """The source cannot be read at all."""


class UntrustedError(ValueError):
    """It is a note, and none of the keys that are trusted has signed it."""


class RangeError(Exception):
    """There are no such positions."""


def counted(number: int, noun: str) -> str:
    """Return a number of things in words."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def is_text(value: Any) -> bool:
    """Whether a stored value is text, all of it UTF-8."""
    return isinstance(value, str) and not re.search("[\ud800-\udfff]", value)


# ----- Hashes


def with_length(*parts: bytes) -> bytes:
    """Join parts, each preceded by its length."""
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def number(value: int) -> bytes:
    """Return a number as eight bytes."""
    return value.to_bytes(8, "big", signed=True)


def event_hash(
    previous: bytes, position: int, uuid: str, version: int, topic: str, state: bytes
) -> bytes:
    """Return the hash of an event."""
    parts = (number(position), bytes.fromhex(uuid), number(version), topic.encode(), state)
    return hashlib.sha256(with_length(previous, *parts)).digest()


def access_hash(previous: bytes, position: int, state: bytes) -> bytes:
    """Return the hash of a look."""
    return hashlib.sha256(with_length(previous, number(position), state)).digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf of a tree (RFC 6962)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node of a tree (RFC 6962)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_roots(leaves: Sequence[bytes], sizes: Iterable[int]) -> dict[int, bytes]:
    """Return the root of the tree over the first leaves, for some numbers of leaves."""
    wanted, roots = set(sizes), {0: hashlib.sha256().digest()}
    subtrees: list[bytes] = []  # one for each 1 in the number of leaves, the largest first
    for count, data in enumerate(leaves, 1):
        subtrees.append(leaf_hash(data))
        rest = count
        while rest % 2 == 0:
            right = subtrees.pop()
            subtrees[-1] = node_hash(subtrees[-1], right)
            rest //= 2
        if count in wanted:
            *larger, roots[count] = subtrees
            for left in reversed(larger):
                roots[count] = node_hash(left, roots[count])
    return roots


def root_by_path(data: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root to which a path leads from a leaf; None if it has not the right length."""
    if not 0 <= index < size:
        return None
    found, beside = leaf_hash(data), iter(path)
    while size > 1:
        if index % 2 or index + 1 < size:
            other = next(beside, None)
            if other is None:
                return None
            found = node_hash(other, found) if index % 2 else node_hash(found, other)
        index, size = index // 2, (size + 1) // 2
    return found if next(beside, None) is None else None


def from_base64(text: str) -> bytes | None:
    """Read base 64 as there is one way to write it, else None."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return raw if base64.b64encode(raw).decode() == text else None


def instant(text: str) -> datetime.datetime | None:
    """Read an instant, None if it is none."""
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if found.tzinfo is None else found


# ----- Events


class Event(NamedTuple):
    """A row as it is stored, whatever the types of its values became."""

    position: Any
    episode: Any
    """What names its episode: a key of the table of episodes, or a UUID."""
    version: Any
    topic: Any
    state: Any
    hash: Any


class EventCheck:
    """Checks events one by one, in the order in which they are stored."""

    def __init__(
        self, uuid_of: Callable[[Any], str | None], first: int, before: Event | None
    ) -> None:
        """Begin at a position; `before` is the event before it.

        `uuid_of`: the 32 digits of the UUID of what names an episode, None if it names none.
        """
        self.uuid_of = uuid_of
        self.whole = first == 1
        self.position = first - 1
        self.previous: Any = EVENT_GENESIS if before is None else before.hash
        self.recorded = "" if before is None else recorded_at(before.state)
        self.sealed = before is not None and (is_sealed(before.state) or before.topic == ERASED)
        self.versions: dict[Any, int] = {}
        self.ids: set[tuple[Any, bytes]] = set()
        self.hashes: list[bytes] = []
        self.remarks: list[Fault] = []

    def check(self, event: Event) -> Fault | None:
        """Return what is wrong with the next event: the first rule that it breaks."""
        at = self.position + 1
        if event.position != at:
            return Fault("events", at, "missing", f"missing: the next one is {event.position}")
        for code, question in (
            ("episode", self._episode),
            ("version", self._version),
            ("hash", self._hash),
            ("topic", self._topic),
            ("state", self._state),
            ("plain", self._plain),
            ("erased", self._erased),
            ("event-id", self._event_id),
        ):
            if told := question(event):
                return Fault("events", at, code, told)
        self._accept(event)
        return None

    def _episode(self, event: Event) -> str | None:
        return None if self.uuid_of(event.episode) else "it names no episode that can be"

    def _version(self, event: Event) -> str | None:
        if not isinstance(event.version, int) or event.version < 1:
            return "its version is no number from 1"
        expected = self.versions.get(event.episode, 0 if self.whole else event.version - 1) + 1
        if event.version != expected:
            return f"it is version {event.version} of its episode where {expected} comes next"
        return None

    def _hash(self, event: Event) -> str | None:
        if not is_text(event.topic) or not isinstance(event.state, bytes):
            return "its topic is no text, or its state no bytes"
        if not isinstance(self.previous, bytes) or len(self.previous) != 32:
            return "there is no hash before it"
        uuid = self.uuid_of(event.episode) or ""
        place = (event.position, uuid, event.version, event.topic, event.state)
        if event_hash(self.previous, *place) != event.hash:
            return "the hash does not fit what is stored"
        return None

    def _topic(self, event: Event) -> str | None:
        return None if event.topic in TOPICS else f"the topic {event.topic[:60]!r} is unknown"

    def _state(self, event: Event) -> str | None:
        if is_plain_event(event.state) or is_sealed(event.state):
            return None
        return "the bytes are not in the form in which an event is written"

    def _plain(self, event: Event) -> str | None:
        if not self.sealed or event.topic == ERASED or is_sealed(event.state):
            return None
        return "it is not encrypted, though an event before it is"

    def _erased(self, event: Event) -> str | None:
        if self.sealed or event.topic != ERASED or is_sealed(event.state):
            return None
        return NOTHING_TO_ERASE

    def _event_id(self, event: Event) -> str | None:
        if is_sealed(event.state) or (event.episode, event_id(event.state)) not in self.ids:
            return None
        return "its episode has an event with that id"

    def _accept(self, event: Event) -> None:
        self.position += 1
        self.sealed = self.sealed or is_sealed(event.state)
        self.previous = event.hash
        self.hashes.append(event.hash)
        self.versions[event.episode] = event.version
        self.ids.add((event.episode, event_id(event.state)))
        recorded = self.recorded if is_sealed(event.state) else recorded_at(event.state)
        if recorded < self.recorded and (told := step_back(self.recorded, recorded)):
            self.remarks.append(Fault("events", self.position, "clock", told))
        self.recorded = recorded


def is_sealed(state: Any) -> bool:
    """Whether an event is encrypted: a byte 1, id of the key, nonce, ciphertext and tag."""
    return isinstance(state, bytes) and state[:1] == b"\x01" and len(state) >= 45


def is_plain_event(state: bytes) -> bool:
    """Whether bytes begin and end as an event does, with its data between and nothing else.

    Whoever reads JSON takes the last of two fields of one name; there must be no second one.
    """
    begun = BEGINNING.match(state)
    end = END.search(state, begun.end()) if begun else None
    if begun is None or end is None:
        return False
    depth = 1
    for brace in re.findall(
        rb"[{}]", re.sub(rb'"%b"' % TEXT, b"", state[begun.end() : end.start()])
    ):
        depth += 1 if brace == b"{" else -1
        if depth == 0:  # the data end there, and something follows
            return False
    return True


def event_id(state: bytes) -> bytes:
    """Return the id of an event as it is written."""
    found = BEGINNING.match(state)
    return found["id"] if found else b""


def recorded_at(state: Any) -> str:
    """Return when an event says it was recorded; empty if it does not."""
    found = BEGINNING.match(state) if isinstance(state, bytes) else None
    return found["recorded"].decode("utf-8", "replace") if found else ""


def step_back(before: str, after: str) -> str | None:
    """Say that an event was recorded long before the one before it; None if it was not."""
    later, earlier = instant(before), instant(after)
    if later is None or earlier is None:
        return "when it was recorded, or the event before it, is no instant"
    if later - earlier <= TOLERANCE:
        return None
    return f"recorded at {after}, the event before it at {before}"


# ----- The access log


class Look(NamedTuple):
    """A row of the access log; `columns` are None where it was not read from a database."""

    position: Any
    state: Any
    hash: Any
    columns: tuple[Any, Any, Any, Any] | None
    """at, actor, whether an episode is named, UUID of that episode."""


def check_looks(
    looks: Iterable[Look], hashes: list[bytes], times: list[int] | None = None
) -> Fault | None:
    """Return the first look that does not stand up; hashes and times of those before are added."""
    for look in looks:
        at, previous = len(hashes) + 1, hashes[-1] if hashes else ACCESS_GENESIS
        if look.position != at:
            told = f"missing: the next one is {look.position}"
        elif not isinstance(look.state, bytes) or look.hash != access_hash(
            previous, at, look.state
        ):
            told = "the hash does not fit what is stored"
        elif (said := said_by(look.state)) is None:
            told = "what is stored is no look"
        elif look.columns is not None and look.columns != said:
            told = "a column does not say what is hashed"
        else:
            hashes.append(look.hash)
            if times is not None:
                times.append(said[0])
            continue
        return Fault("access", at, "access", told)
    return None


LOOK_KINDS = {
    "at": str, "actor": str, "command": str, "episode": str, "query": dict, "count": int,
    "on_behalf_of": str, "purpose": str, "break_glass": str,
}  # fmt: skip
"""The parts of a look in their order; all but the first three may be left out."""
LOOK_AT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(\.[0-9]{6})?Z"


def said_by(state: bytes) -> tuple[int, str, bool, str | None] | None:
    """Return what the columns must say by the bytes of a look; None if they are none."""
    said = read_json(state)
    if not isinstance(said, dict) or list(said) != [key for key in LOOK_KINDS if key in said]:
        return None
    if list(said)[:3] != list(LOOK_KINDS)[:3]:
        return None
    if not all(type(value) is LOOK_KINDS[key] and is_plain(value) for key, value in said.items()):
        return None
    if written(said) != state or not re.fullmatch(LOOK_AT, said["at"]):
        return None
    at, episode = instant(said["at"]), said.get("episode")
    if at is None or (episode is not None and not re.fullmatch(UUID, episode)):
        return None
    since = at - EPOCH
    micros = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    uuid = None if episode is None else episode.replace("-", "")
    return micros, said["actor"], episode is not None, uuid


def is_plain(value: Any, depth: int = 0) -> bool:
    """Whether a value is text, a whole number, a truth value or none, or made of such."""
    if isinstance(value, dict | list):
        several = value.values() if isinstance(value, dict) else value
        return depth < 8 and all(is_plain(one, depth + 1) for one in several)
    if isinstance(value, int):
        return -(2**63) <= value < 2**64
    return value is None or isinstance(value, str)


def written(said: Any) -> bytes | None:
    """Write JSON in the one way, without spaces; None for text that cannot be."""
    try:
        return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return None


def read_json(raw: bytes) -> Any:
    """Read JSON, None for what is none."""
    try:
        return json.loads(raw.decode(), parse_constant=lambda _: 1 / 0)
    except (ValueError, RecursionError, ZeroDivisionError):
        return None


# ----- Protocols


class StoredProtocol(NamedTuple):
    """A row of the table of protocols."""

    name: Any
    text: Any
    hash: Any
    added_at: Any
    actor: Any

    def digest(self) -> bytes | None:
        """Return what stands for it in a checkpoint, None if a value has a wrong type."""
        texts = (self.name, self.text, self.hash, self.actor)
        if not all(map(is_text, texts)) or not isinstance(self.added_at, int):
            return None
        name, text, hash_, actor = (text.encode() for text in texts)
        return hashlib.sha256(with_length(name, text, hash_, number(self.added_at), actor)).digest()


def check_protocols(rows: Sequence[StoredProtocol]) -> list[Fault]:
    """Return what is wrong with stored protocols."""
    hashes = {row.name: row.hash for row in rows}
    faults = []
    for row in rows:
        name = row.name[:100] if is_text(row.name) else "a protocol without a name"
        read = read_toml(row.text)
        base = None if read is None else read.get("base")
        id_, _, version = ("" if base is None else str(base)).partition("@")
        if row.digest() is None:
            told: str | None = "a value of it has another type"
        elif read is None:
            told = "its text is not TOML"
        elif f"{read.get('id', id_)}@{read.get('version', version)}" != row.name:
            told = "its text has another name"
        elif base is not None and str(base) not in hashes:
            told = f"{str(base)[:100]}, on which it is based, is not stored"
        else:
            before = "" if base is None else f"{hashes[str(base)]}\n"
            whole = (before + row.text).encode("utf-8", "surrogateescape")
            right = hashlib.sha256(whole).hexdigest()
            told = None if right == row.hash else "its hash is not that of its text"
        if told:
            by = f" (added by {row.actor[:100]})" if is_text(row.actor) else ""
            faults.append(Fault("protocols", None, "protocol", f"{name}: {told}{by}"))
    return faults


def read_toml(text: Any) -> dict[str, Any] | None:
    """Read TOML, None for what is none."""
    try:
        return tomllib.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None


# ----- Checkpoints


class PublicKey(NamedTuple):
    """A key that is trusted."""

    name: str
    raw: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which signatures name it."""
        return hashlib.sha256(self.name.encode() + b"\n\x01" + self.raw).digest()[:4]

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether that is its signature of a message."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def read_key(text: str) -> PublicKey | None:
    """Read `name+id+key`, None if it is none."""
    name, _, rest = text.strip().partition("+")
    id_, _, written = rest.partition("+")
    raw = from_base64(written)
    if not re.fullmatch(r"[^\s+\x00-\x1f]+", name) or raw is None or len(raw) != 33 or raw[0] != 1:
        return None
    key = PublicKey(name, raw[1:])
    return key if key.id.hex() == id_ else None


class Extent(NamedTuple):
    """How far a chain goes, as a checkpoint states it."""

    size: int
    head: bytes
    tree: bytes


class Checkpoint(NamedTuple):
    """A checkpoint whose signature was verified."""

    name: str
    time: datetime.datetime
    events: Extent
    looks: Extent
    protocols: dict[str, bytes]
    digest: bytes
    """By which the next one names it."""
    previous: bytes | None


def open_note(note: bytes, keys: Sequence[PublicKey]) -> str:
    """Return the text of a note that a trusted key has signed. Raises ValueError."""
    whole = note.decode()
    text, gap, lines = whole.rpartition("\n\n")
    text += "\n"
    if len(note) > 100_000 or not gap or not lines.endswith("\n"):
        raise ValueError("it is no signed note")
    if re.search(r"[\x00-\x09\x0b-\x1f]", whole):
        raise ValueError("it holds a control character")
    trusted = {(key.name, key.id): key for key in keys}
    verified = False
    for line in lines[:-1].split("\n"):
        found = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/]+=*)", line)
        raw = from_base64(found[2]) if found else None
        if found is None or raw is None or len(raw) < 5:
            raise ValueError("a line of it is no signature")
        key = trusted.get((found[1], raw[:4]))
        if key is not None and not key.verifies(raw[4:], text.encode()):
            raise ValueError("a signature does not fit the text")
        verified = verified or key is not None
    if not verified:
        raise UntrustedError("no trusted key has signed it")
    return text


def read_checkpoint(name: str, note: bytes, keys: Sequence[PublicKey]) -> Checkpoint:
    """Open a checkpoint. Raises ValueError."""
    text = open_note(note, keys)
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3 or "" in lines:
        raise ValueError("it is no checkpoint")
    values: dict[str, list[str]] = {}
    for line in lines[3:]:
        words = line.split(" ")
        several = words[0] == "protocol" and len(words) == 3
        key, rest = (" ".join(words[:2]), words[2:]) if several else (words[0], words[1:])
        if key in values:
            raise ValueError("it has a line twice")
        values[key] = rest
    time = instant(one_of(values, "time", 1)[0])
    if time is None or not values["time"][0].endswith("Z"):
        raise ValueError("its time is no instant")
    before = one_of(values, "previous", 1) if "previous" in values else None
    return Checkpoint(
        name=name,
        time=time,
        events=extent_of(lines[1], lines[2], *one_of(values, "tree", 1)),
        looks=extent_of(*one_of(values, "access", 3)),
        protocols={
            key.partition(" ")[2]: hash_of(rest[0])
            for key, rest in values.items()
            if key.startswith("protocol ")
        },
        digest=hashlib.sha256(text.encode()).digest(),
        previous=None if before is None else hash_of(before[0]),
    )


def one_of(values: Mapping[str, list[str]], key: str, count: int) -> list[str]:
    """Return the values of a line that must be there."""
    found = values.get(key, [])
    if len(found) != count:
        raise ValueError(f"its line {key} is missing, or is not in the right form")
    return found


def extent_of(size: str, head: str, tree: str) -> Extent:
    """Read how far a chain goes."""
    if not re.fullmatch(r"0|[1-9][0-9]{0,17}", size):
        raise ValueError("a size is no number")
    return Extent(int(size), hash_of(head), hash_of(tree))


def hash_of(text: str) -> bytes:
    """Read a hash."""
    raw = from_base64(text)
    if raw is None or len(raw) != 32:
        raise ValueError("a hash is not 32 bytes in base 64")
    return raw


class Chain(NamedTuple):
    """The hashes of a chain, to be compared with what checkpoints state."""

    part: str
    size: int
    genesis: bytes
    at: Callable[[int], Any]
    """The hash stored at a position."""
    verified: Sequence[bytes] | None
    """All hashes, if all of them stand up."""


class Claim(NamedTuple):
    """What is stated of a chain, and by what."""

    name: str
    extent: Extent
    outside: bool = False
    """Whether it came from elsewhere, so that a bundle need not have been made for it."""


def claims_of(part: str, checkpoints: Iterable[Checkpoint], outside: bool = False) -> list[Claim]:
    """Return what checkpoints state of the log, or of the access log."""
    if part == "events":
        return [Claim(c.name, c.events, outside) for c in checkpoints]
    return [Claim(c.name, c.looks, outside) for c in checkpoints]


def compare(chain: Chain, stated: Iterable[Claim]) -> Iterator[Fault]:
    """Yield the first place where a chain is not what checkpoints state of it."""
    agreed, stated = 0, sorted(stated, key=lambda claim: claim.extent.size)
    roots = (
        {}
        if chain.verified is None
        else tree_roots(chain.verified, (claim.extent.size for claim in stated))
    )
    for name, extent, _ in stated:
        if extent.size > chain.size:
            told = f"cut off: {name} covers {extent.size}"
            yield Fault(chain.part, chain.size + 1, "truncated", told)
            return
        if (chain.at(extent.size) if extent.size else chain.genesis) != extent.head:
            told = f"written anew: {name} covers something else up to position {extent.size}"
            yield Fault(chain.part, min(agreed + 1, extent.size), "forked", told)
            return
        if chain.verified is not None and roots[extent.size] != extent.tree:
            yield Fault("checkpoint", None, "tree", f"{name} states a tree that does not fit")
            return
        agreed = extent.size


def unseen(checkpoints: Sequence[Checkpoint]) -> list[Fault]:
    """Remark on checkpoints that follow on one which is not among them."""
    there = {None, *(checkpoint.digest for checkpoint in checkpoints)}
    told = "{} was signed after one that is not among these"
    return [
        Fault("checkpoint", None, "gap", told.format(checkpoint.name))
        for checkpoint in checkpoints
        if checkpoint.previous not in there
    ]


def compare_protocols(
    rows: Sequence[StoredProtocol],
    checkpoints: Iterable[Checkpoint],
    later: Sequence[Checkpoint] = (),
) -> Iterator[Fault]:
    """Yield protocols that are gone, or others than checkpoints state, each of them once.

    What is stated by one that was signed later than the rows may have been added since.
    """
    digests, seen = {row.name: row.digest() for row in rows}, set[str]()
    for checkpoint in sorted(checkpoints, key=lambda one: one in later):
        for name, digest in checkpoint.protocols.items():
            if name in seen or digests.get(name) == digest:
                continue
            seen.add(name)
            if name not in digests and checkpoint in later:
                told = f"{name[:100]}: only {checkpoint.name}, signed since, states it"
                yield Fault("protocols", None, NO_PROOF, told)
            else:
                how = "another one" if name in digests else "gone"
                told = f"{name[:100]}: it is {how} since {checkpoint.name}"
                yield Fault("protocols", None, "forked", told)


# ----- The schema of a database

SAME = {
    "episodes": ("key = NEW.key", "uuid = NEW.uuid"),
    "events": (
        "position = NEW.position",
        "episode_key = NEW.episode_key AND version = NEW.version",
    ),
    "accesses": ("position = NEW.position",),
    "protocols": ("name = NEW.name",),
}
"""The tables to which rows are only added, and what no two rows have in common."""
FILE = {
    ("table", "episodes"): "CREATE TABLE episodes (key INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,"
    " uuid VARCHAR(32) NOT NULL, UNIQUE (uuid))",
    ("table", "events"): "CREATE TABLE events (position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,"
    " episode_key INTEGER NOT NULL, version INTEGER NOT NULL, topic TEXT NOT NULL,"
    " state BLOB NOT NULL, hash BLOB NOT NULL, CONSTRAINT uq_events_episode_key_version"
    " UNIQUE (episode_key, version), FOREIGN KEY (episode_key) REFERENCES episodes (key))",
    ("table", "accesses"): "CREATE TABLE accesses (position INTEGER NOT NULL PRIMARY KEY"
    " AUTOINCREMENT, at BIGINT NOT NULL, actor TEXT NOT NULL, episode_key INTEGER,"
    " state BLOB NOT NULL, hash BLOB NOT NULL)",
    ("table", "protocols"): "CREATE TABLE protocols (name VARCHAR(100) NOT NULL,"
    " text TEXT NOT NULL, hash VARCHAR(64) NOT NULL, added_at BIGINT NOT NULL,"
    " actor TEXT NOT NULL, PRIMARY KEY (name))",
    ("index", "sqlite_autoindex_episodes_1"): "",
    ("index", "sqlite_autoindex_events_1"): "",
    ("index", "sqlite_autoindex_protocols_1"): "",
    ("index", "ix_accesses_at"): "CREATE INDEX ix_accesses_at ON accesses (at)",
    ("index", "ix_accesses_actor"): "CREATE INDEX ix_accesses_actor ON accesses (actor, position)",
    ("index", "ix_accesses_episode_key"): "CREATE INDEX ix_accesses_episode_key ON accesses"
    " (episode_key, position)",
}
"""What SQLite was told to make; triggers are added below."""
SERVER = {
    ("columns", "episodes"): "key bigint NOT NULL, uuid text NOT NULL",
    ("columns", "events"): "position bigint NOT NULL, episode_key bigint NOT NULL,"
    " version integer NOT NULL, topic text NOT NULL, state bytea NOT NULL, hash bytea NOT NULL",
    ("columns", "accesses"): "position bigint NOT NULL, at bigint NOT NULL, actor text NOT NULL,"
    " episode_key bigint, state bytea NOT NULL, hash bytea NOT NULL",
    ("columns", "protocols"): "name text NOT NULL, text text NOT NULL, hash text NOT NULL,"
    " added_at bigint NOT NULL, actor text NOT NULL",
    ("index", "episodes_pkey"): "episodes unique key",
    ("index", "episodes_uuid_key"): "episodes unique uuid",
    ("index", "events_pkey"): "events unique position",
    ("index", "uq_events_episode_key_version"): "events unique episode_key, version",
    ("index", "accesses_pkey"): "accesses unique position",
    ("index", "ix_accesses_at"): "accesses at",
    ("index", "ix_accesses_actor"): "accesses actor, position",
    ("index", "ix_accesses_episode_key"): "accesses episode_key, position",
    ("index", "protocols_pkey"): "protocols unique name",
    (
        "function",
        "access_hash(bytea,bigint,bytea)",
    ): "15a5cac3c617794ecd891c5794e99183e9b30170137f736c3069daa67e9e300d",
    (
        "function",
        "accesses_end()",
    ): "24a72a90674cd8f11c4cf696d0e9dba080a62f36704aea36c40037b3d7501819",
    (
        "function",
        "append_events(bigint[],text[],integer[],text[],bytea[])",
    ): "37dce5622bb5607968667097f788d2206a65e481437a89fa488eee5d1ed1b605",
    (
        "function",
        "check_actor()",
    ): "e51118b1e38febb37129b798f814a523a4a389baf8be387e44969614c5ade315",
    (
        "function",
        "check_appended()",
    ): "5e3289f9c526daa9b0f7595fc1c35ee3edb56a5cfa51b3c2d930a67061561911",
    (
        "function",
        "event_hash(bytea,bigint,text,bigint,text,bytea)",
    ): "3b0cef4df53eb240241613839afd34ce616b746b7b697b8b2f7ad49ea7ab5cef",
    (
        "function",
        "events_end()",
    ): "6d303f35622817bec2ecee10fab0ea369bb4b96acee804c992f3a1ad542428a1",
    (
        "function",
        "refuse_change()",
    ): "345ffb8f1e8e2c91b7ecb0f58c88b76cd42e2080b41a485b5455dc1e9b553a0b",
}
"""What a server has, in the words of the query below; SHA-256 of functions, with single spaces."""
OF_ROLES = {
    ("trigger", "check_admitted"): "CREATE TRIGGER check_admitted BEFORE INSERT ON events"
    " FOR EACH ROW EXECUTE FUNCTION check_admitted() O",
    ("trigger", "check_episode"): "CREATE CONSTRAINT TRIGGER check_episode AFTER INSERT ON episodes"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_episode() O",
    (
        "function",
        "check_admitted()",
    ): "47f67ab893eeb43990ec3990ac12ec38d6096d994502ffc811043ce428dd83c2",
    (
        "function",
        "check_episode()",
    ): "b0ae5b09f6dd104b6a7ac47f2c1d5c50c4bff6cad9ab60511ffd469129fc63c7",
}
"""What a server with roles may have besides."""
OF_A_FILE = "SELECT type, name, tbl_name, sql FROM sqlite_master"
OF_A_SERVER = """
WITH ours AS (
    SELECT oid, relname, relkind FROM pg_class
    WHERE relname IN ('events', 'episodes', 'accesses', 'protocols')
    AND relnamespace = quote_ident(current_schema())::regnamespace
)
SELECT CASE relkind WHEN 'r' THEN 'table' ELSE 'view' END, relname::text, '', '' FROM ours
UNION ALL
SELECT 'columns', relname, string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod),
    CASE WHEN attnotnull THEN 'NOT NULL' END), ', ' ORDER BY attnum), ''
FROM ours JOIN pg_attribute ON attrelid = ours.oid AND attnum > 0 AND NOT attisdropped
GROUP BY relname
UNION ALL
SELECT 'index', indexrelid::regclass::text, concat_ws(' ', relname,
    CASE WHEN indisunique THEN 'unique' END,
    CASE WHEN NOT (indisvalid AND indisready AND indislive) THEN 'invalid' END,
    (SELECT string_agg(pg_get_indexdef(indexrelid, n, true), ', ' ORDER BY n)
     FROM generate_series(1, indnatts::int) AS n),
    'WHERE ' || pg_get_expr(indpred, indrelid)), ''
FROM ours JOIN pg_index ON indrelid = ours.oid
UNION ALL
SELECT 'trigger', tgname, pg_get_triggerdef(pg_trigger.oid, true) || ' ' || tgenabled::text, ''
FROM ours JOIN pg_trigger ON tgrelid = ours.oid AND NOT tgisinternal
UNION ALL
SELECT 'rule', rulename, relname, '' FROM ours JOIN pg_rewrite ON ev_class = ours.oid
UNION ALL
SELECT 'function', oid::regprocedure::text, '', prosrc FROM pg_proc
WHERE proname IN ('refuse_change', 'check_appended', 'check_actor', 'append_events', 'event_hash',
    'access_hash', 'events_end', 'accesses_end', 'check_admitted', 'check_episode')
AND pronamespace = quote_ident(current_schema())::regnamespace
"""
for _table, _same in SAME.items():
    _log, _of = ("access log", "") if _table == "accesses" else ("log", f" on {_table}")
    for _act in ("UPDATE", "DELETE"):
        _name = f"{_table}_refuse_{_act.lower()}"
        FILE["trigger", _name] = (
            f"CREATE TRIGGER {_name} BEFORE {_act} ON {_table} BEGIN SELECT RAISE(ABORT,"
            f" 'the {_log} is append-only: {_act}{_of} refused'); END"
        )
    _name, _row = f"{_table}_refuse_replace", "that row is there" if not _of else f"{_table} has"
    _when = " OR ".join(
        f"EXISTS (SELECT 1 FROM {_table} WHERE {some})"  # noqa: S608 (is compared, and not run)
        for some in _same
    )
    FILE["trigger", _name] = (
        f"CREATE TRIGGER {_name} BEFORE INSERT ON {_table} WHEN {_when} BEGIN SELECT RAISE(ABORT,"
        f" 'the {_log} is append-only: {_row}{' that row' if _of else ''} already'); END"
    )
    SERVER["table", _table] = ""
    SERVER["trigger", f"{_table}_refuse_change"] = (
        f"CREATE TRIGGER {_table}_refuse_change BEFORE DELETE OR UPDATE OR TRUNCATE ON {_table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() O"
    )
for _table, _check in (
    ("events", "check_appended"),
    ("accesses", "check_appended"),
    ("protocols", "check_actor"),
):
    SERVER["trigger", f"{_table}_{_check}"] = (
        f"CREATE TRIGGER {_table}_{_check} BEFORE INSERT ON {_table} FOR EACH ROW"
        f" EXECUTE FUNCTION {_check}() O"
    )


def check_schema(database: "Database") -> list[Fault]:
    """Return what is not as it was made, or does not belong there."""
    made = {key: one_way(sql) for key, sql in (FILE if database.sqlite else SERVER).items()}
    version, doubt = database.version()
    if not database.has_looks and version is not None and version < LATER["accesses"]:
        made = {key: sql for key, sql in made.items() if "accesses" not in key[1]}
    found = objects_of_file(database) if database.sqlite else objects_of_server(database)
    if not database.sqlite:
        made |= {key: one_way(sql) for key, sql in OF_ROLES.items() if key in found}
    faults = []
    for kind, name in sorted(made.keys() | found.keys()):
        there = (kind, name) in found
        if made.get((kind, name)) == found.get((kind, name)):
            continue
        told = "is not as it was made" if there else "is missing"
        told = told if (kind, name) in made else "does not belong there"
        code = "table" if kind == "table" and not there else "schema"
        faults.append(Fault("schema", None, code, f"the {kind} {name[:60]!a} {told}"))
    if doubt:
        faults.append(Fault("schema", None, "schema", f"alembic_version {doubt}"))
    return faults


def one_way(sql: str) -> str:
    """Return SQL without what makes no difference."""
    return re.sub(r"\s*([(),])\s*", r"\1", " ".join(sql.replace('"', "").split()))


def objects_of_file(database: "Database") -> dict[tuple[str, str], str]:
    """Return what a file has of the tables, and all triggers and views."""
    return {
        (kind, name): one_way(sql)
        for row in database.rows(OF_A_FILE)
        for kind, name, table, sql in [map(read_name, row)]
        if kind in ("trigger", "view") or {name.lower(), table.lower()} & set(SAME)
    }


def read_name(value: str | bytes | None) -> str:
    """Return what is stored as a name, also where it is no text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value or ""


def objects_of_server(database: "Database") -> dict[tuple[str, str], str]:
    """Return what a server has of the tables, and the functions that guard them and append."""
    found = {}
    for kind, name, told, body in database.rows(OF_A_SERVER):
        digest = hashlib.sha256(" ".join(body.split()).encode()).hexdigest() if body else ""
        found[kind, name] = one_way(f"{told} {digest}")
    return found


def check_indexes(database: "Database") -> Iterator[Fault]:
    """Yield the tables of a file whose indexes leave rows out: a query by them does so too."""
    for table in sorted(SAME) if database.sqlite else ():
        if table == "accesses" and not database.has_looks:
            continue
        try:
            sound = list(database.rows(f"PRAGMA integrity_check({table})")) == [("ok",)]
        except sqlite3.DatabaseError:
            sound = False
        if not sound:
            told = f"an index of {table} leaves out rows, or the file is damaged"
            yield Fault("schema", None, "index", told)


# ----- Databases

VERSIONS = (
    "0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012",
    "0013",
)  # fmt: skip
"""The versions of the tables that there were up to that with which this file was made."""
LATER = {
    "outbox": 2, "digests": 2, "accesses": 3, "silences": 4, "outbox_retries": 5, "encryption": 6,
    "restores": 7, "copies": 8, "trusts": 11,
}  # fmt: skip
"""The tables that there are since a later version than the first, and since which."""


class Database:
    """A database that is only read."""

    def __init__(self, source: str) -> None:
        """Open it. Raises UnreadableError."""
        self.sqlite = "://" not in source
        self.conn: Any = open_sqlite(Path(source)) if self.sqlite else open_postgresql(source)
        found = {row[0] for row in self.rows(_TABLES[self.sqlite])}
        self.tables = found
        self.has_looks = "accesses" in found
        if not {"events", "episodes", "protocols"} <= found:
            raise UnreadableError(f"{source} holds no tracker")

    def rows(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query."""
        if self.sqlite:
            yield from self.conn.execute(query, values)
            return
        with self.conn.cursor(name="verify_audit") as cursor:
            cursor.itersize = 10_000
            yield from cursor.execute(query.replace("?", "%s"), values)

    def close(self) -> None:
        """Close the connection."""
        self.conn.close()

    def version(self) -> tuple[int | None, str | None]:
        """Return the version of the tables, None if there is none; and what is wrong with it."""
        if "alembic_version" not in self.tables:
            return None, "is missing"
        rows = list(self.rows("SELECT version_num FROM alembic_version"))
        if not rows:
            return None, "holds no version"
        if len(rows) > 1:
            return None, "holds more than one version"
        (stored,) = rows[0]
        if stored not in VERSIONS:
            later = isinstance(stored, str) and re.fullmatch("[0-9]{4}", stored)
            if later and stored > VERSIONS[-1]:
                return None, f"holds a version after {VERSIONS[-1]}, the last that is known here"
            return None, "holds a version that never was"
        version = int(stored)
        for table in sorted(self.tables & LATER.keys()):
            if LATER[table] > version:
                return version, f"holds {stored}, a version that had no {table}"
        return version, None

    def uuids(self) -> dict[Any, str]:
        """Return the UUID of each episode by its key: 32 digits that no lower key has."""
        found: dict[str, Any] = {}
        for key, uuid in self.rows("SELECT key, uuid FROM episodes ORDER BY key"):
            if isinstance(uuid, str) and re.fullmatch(r"[0-9a-f]{32}", uuid):
                found.setdefault(uuid, key)
        return {key: uuid for uuid, key in found.items()}

    def keys(self) -> list[Any]:
        """Return the keys of all episodes."""
        return [key for (key,) in self.rows("SELECT key FROM episodes")]

    def events(self, first: int, last: int) -> Iterator[Event]:
        """Yield the events from a position to another."""
        yield from (
            Event(*row)
            for row in self.rows(
                "SELECT position, episode_key, version, topic, state, hash FROM events"
                " WHERE position BETWEEN ? AND ? ORDER BY position",
                first,
                last,
            )
        )

    def event(self, position: int) -> Event | None:
        """Return one event, None if there is none."""
        return next(self.events(position, position), None)

    def event_after(self, position: int) -> Event | None:
        """Return the next event after a position, None if there is none."""
        query = (
            "SELECT position, episode_key, version, topic, state, hash FROM events"
            " WHERE position > ? ORDER BY position LIMIT 1"
        )
        return next((Event(*row) for row in self.rows(query, position)), None)

    def looks(self, first: int, last: int) -> Iterator[Look]:
        """Yield looks from a position to another."""
        uuids = self.uuids()
        for position, at, actor, key, state, hash_ in self.rows(
            "SELECT position, at, actor, episode_key, state, hash FROM accesses"
            " WHERE position BETWEEN ? AND ? ORDER BY position",
            first,
            last,
        ):
            yield Look(position, state, hash_, (at, actor, key is not None, uuids.get(key)))

    def protocols(self) -> list[StoredProtocol]:
        """Return the stored protocols."""
        query = "SELECT name, text, hash, added_at, actor FROM protocols ORDER BY name"
        return [StoredProtocol(*row) for row in self.rows(query)]

    def ends(self, table: str) -> tuple[int, int]:
        """Return the first and the last position in a table; 1 and 0 when it is empty."""
        query = {
            "events": "SELECT position FROM events ORDER BY position ",
            "accesses": "SELECT position FROM accesses ORDER BY position ",
        }[table]
        # An index, which may say otherwise than the table, is not asked in this way.
        first, last = (next(self.rows(f"{query}{way} LIMIT 1"), None) for way in ("ASC", "DESC"))
        return (1, 0) if first is None or last is None else (first[0], last[0])

    def given(self, table: str) -> Any:
        """Return the last position that SQLite remembers to have given, 0 if it does not.

        It may be no number.
        """
        if not self.sqlite:
            return 0
        row = next(self.rows("SELECT seq FROM sqlite_sequence WHERE name = ?", table), None)
        return row[0] if row else 0


_TABLES = {
    True: "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')",
    False: "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()",
}


def open_sqlite(path: Path) -> sqlite3.Connection:
    """Open a file, or the one in a data directory, for reading alone."""
    file = path / "tracker.sqlite" if path.is_dir() else path
    if not file.is_file():
        raise UnreadableError(f"there is no file {file}")
    try:
        return begun(file, "mode=ro")
    except sqlite3.OperationalError as error:
        if os.access(file.parent, os.W_OK):
            raise UnreadableError(f"{file} cannot be read: {error}") from error
    except (sqlite3.Error, UnicodeDecodeError) as error:  # a name in the file may be no text
        raise UnreadableError(f"{file} cannot be read: {error}") from error
    return open_unwritable(file)


def open_unwritable(file: Path) -> sqlite3.Connection:
    """Open a file beside which SQLite cannot make what it needs, if nothing is kept there."""
    for beside in (file.with_name(file.name + "-wal"), file.with_name(file.name + "-journal")):
        if beside.exists() and beside.stat().st_size:
            raise UnreadableError(
                f"{beside} holds a part of it, which only a place that can be written lets anybody"
                f" read: copy both, {file.name} and {beside.name}, to such a place"
            )
    try:
        return begun(file, "mode=ro&immutable=1")
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise UnreadableError(f"{file} cannot be read: {error}") from error


def begun(file: Path, how: str) -> sqlite3.Connection:
    """Open a file and begin to read one state of it."""
    conn = sqlite3.connect(f"{file.absolute().as_uri()}?{how}", uri=True)
    conn.text_factory = lossless
    try:
        conn.execute("BEGIN")
        conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        conn.close()
        raise
    return conn


def lossless(raw: bytes) -> str:
    """Return stored text; what of it is no UTF-8 comes as surrogates, which no text has.

    Never as bytes: they could pass for what is stored as such, and be read by nothing else.
    """
    return raw.decode("utf-8", "surrogateescape")


def open_postgresql(url: str) -> Any:
    """Connect to a server, for reading alone."""
    import psycopg

    try:
        conn = psycopg.connect("postgresql://" + url.partition("://")[2])
        conn.read_only = True
        conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    except psycopg.Error as error:
        raise UnreadableError(f"the server cannot be asked: {error}") from error
    return conn


class Report(NamedTuple):
    """What was found, and how much was looked at."""

    faults: list[Fault]
    remarks: list[Fault]
    events: int = 0
    looks: int = 0
    head: int | None = None
    """The last position of the log; None for a bundle."""


def verify_database(
    source: str, checkpoints: Sequence[Checkpoint], first: int, last: int | None
) -> Report:
    """Verify a database."""
    with contextlib.closing(Database(source)) as database:
        return verify_opened(database, checkpoints, first, last)


def verify_opened(
    database: Database, checkpoints: Sequence[Checkpoint], first: int, last: int | None
) -> Report:
    """Verify a database that is open."""
    wrong = check_schema(database)
    if any(fault.code == "table" for fault in wrong):
        return Report(wrong, [])
    head = database.ends("events")[1]
    if first > max(head, 1):
        raise RangeError(f"the log ends at position {head}: give an earlier --from")
    report = verify_rows(database, checkpoints, first, last)
    report.faults.extend(wrong)
    if not report.faults and first == 1 and (last is None or last >= head):
        report.faults.extend(check_indexes(database))
    return report


def verify_rows(
    database: Database, checkpoints: Sequence[Checkpoint], first: int, last: int | None
) -> Report:
    """Verify what is stored."""
    lowest, head = database.ends("events")
    end = head if last is None else min(last, head)
    check = EventCheck(database.uuids().get, first, database.event(first - 1))
    fault = check_events(database, check, lowest, first, end)
    faults = [] if fault is None else [fault]
    if fault is None and end == head:
        faults += check_end(database, check, head)
    sound = 0 if faults else end
    whole = first == 1 and end == head and not faults
    events = Chain(
        "events", max(head, 0), EVENT_GENESIS,
        lambda position: getattr(database.event(position), "hash", None),
        check.hashes if whole else None,
    )  # fmt: skip
    faults += compare(events, claims_of("events", checkpoints))

    def recorded(position: int) -> Any:
        event = database.event(position) if position <= head else None
        return instant(recorded_at(event.state)) if event else None

    remarks = ahead("events", shortened(check.remarks), recorded, sound)
    remarks += backdated(database, head, checkpoints)
    rows = database.protocols()
    faults += [*check_protocols(rows), *compare_protocols(rows, checkpoints)]
    hashes: list[bytes] = []
    times: list[int] = []
    faults += verify_looks(database, checkpoints, hashes, times)
    remarks += look_remarks(times)
    remarks += unseen(checkpoints)
    return Report(faults, remarks, len(check.hashes), len(hashes), head)


def check_events(
    database: Database, check: EventCheck, lowest: int, first: int, last: int
) -> Fault | None:
    """Return the first event that does not stand up."""
    if lowest < 1:
        return Fault("events", lowest, "position", "a position before the first")
    if first > 1 and database.event(first - 1) is None:
        return Fault("events", first - 1, "missing", "missing")
    try:
        for event in database.events(first, last):
            if fault := check.check(event):
                return fault
    except sqlite3.DatabaseError:  # one by one from here on, to find the place
        try:
            while (one := database.event_after(check.position)) and one.position <= last:
                if fault := check.check(one):
                    return fault
        except sqlite3.DatabaseError:
            told = "the file is damaged from here on"
            return Fault("events", check.position + 1, "unreadable", told)
    if check.position < last:
        return Fault("events", check.position + 1, "missing", "missing")
    return None


def check_end(database: Database, check: EventCheck, head: int) -> Iterator[Fault]:
    """Yield what is wrong behind the last event, or with episodes that none names."""
    if told := cut_off(database.given("events"), head):
        yield Fault("events", head + 1, "truncated", told)
    elif check.whole and (empty := set(database.keys()) - set(check.versions)):
        yield Fault("events", None, "episode", f"{counted(len(empty), 'episode')} without an event")


def cut_off(given: Any, head: int) -> str | None:
    """Say that later positions were given, None if not."""
    if not isinstance(given, int):
        return "what counts the positions holds no number"
    return "cut off: later positions were given" if given > head else None


def shortened(remarks: list[Fault]) -> list[Fault]:
    """Return the first remarks, and how many more there are."""
    more = len(remarks) - REMARKS
    if more <= 0:
        return remarks
    told = f"{more} more, recorded long before the one before"
    return [*remarks[:REMARKS], Fault(remarks[0].part, None, "clock", told)]


def ahead(
    part: str, remarks: Iterable[Fault], time_of: Callable[[int], Any], last: int
) -> list[Fault]:
    """Return remarks on steps back, on the row before where its time is still to come.

    The last row has none after it, and is asked too. `time_of` gives the time at a position.
    """
    now = datetime.datetime.now(datetime.UTC)

    def of(position: int) -> Fault | None:
        time = time_of(position)
        if time is None or time - now <= TOLERANCE:
            return None
        return Fault(part, position, "clock", f"recorded at {time}, which is still to come")

    found = [(r.position and of(r.position - 1)) or r for r in remarks]
    end = of(last)
    return [*found, *([end] if end else [])]


def look_remarks(times: Sequence[int]) -> list[Fault]:
    """Remark on looks that say they are much older than the one before them."""
    at = [EPOCH + datetime.timedelta(microseconds=time) for time in times]
    found = [
        Fault("access", position, "clock", f"at {after}, the look before it at {before}")
        for position, (before, after) in enumerate(itertools.pairwise(at), start=2)
        if before - after > TOLERANCE
    ]
    return ahead(
        "access", shortened(found), lambda p: at[p - 1] if 0 < p <= len(at) else None, len(at)
    )


def backdated(database: Database, head: int, checkpoints: Iterable[Checkpoint]) -> list[Fault]:
    """Remark on events that say they are older than a checkpoint that does not hold them."""
    found = []
    for checkpoint in checkpoints:
        position = checkpoint.events.size + 1
        event = database.event(position) if position <= head else None
        recorded = instant(recorded_at(event.state)) if event else None
        if recorded is not None and checkpoint.time - recorded > TOLERANCE:
            told = f"recorded at {recorded}, but {checkpoint.name} does not hold it"
            found.append(Fault("events", position, "clock", told))
    return found


def verify_looks(
    database: Database, checkpoints: Sequence[Checkpoint], hashes: list[bytes], times: list[int]
) -> Iterator[Fault]:
    """Yield what is wrong with the access log of a database; what stands of it is added."""
    lowest, head = database.ends("accesses") if database.has_looks else (1, 0)
    fault: Fault | None = None
    if lowest < 1:
        fault = Fault("access", lowest, "position", "a position before the first")
    elif database.has_looks:
        fault = check_looks(database.looks(1, head), hashes, times)
    if fault is None and database.has_looks and (told := cut_off(database.given("accesses"), head)):
        fault = Fault("access", head + 1, "truncated", told)
    if fault is not None:
        times.clear()  # nothing is said of those in what does not stand up
        yield fault

    def at(position: int) -> Any:
        return next((look.hash for look in database.looks(position, position)), None)

    verified = hashes if fault is None else None
    chain = Chain("access", max(head, 0), ACCESS_GENESIS, at, verified)
    yield from compare(chain, claims_of("access", checkpoints))


# ----- Bundles

FORMAT = "tracker-audit-bundle 1"
HEX = r"[0-9a-f]{64}"
EVENT_LINE = re.compile(
    rb'\{"position":(\d{1,18}),"episode":"(' + UUID.encode() + rb')","version":(\d{1,18}),'
    rb'"topic":"([a-z0-9-]{1,100})","hash":"([0-9a-f]{64})","state":"([A-Za-z0-9+/=]*)",'
    rb'"event":(.*)\}'
)
LOOK_LINE = re.compile(
    rb'\{"position":(\d{1,18}),"hash":"([0-9a-f]{64})","state":"([A-Za-z0-9+/=]*)","look":(.*)\}'
)


ESCAPED = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
"""What JSON allows as it is, and is written with an escape in a bundle, since people read it."""


def escaped(raw: bytes) -> bytes:
    """Return JSON with escapes for those letters; as it is where it is no UTF-8."""
    try:
        return ESCAPED.sub(as_escape, raw.decode()).encode()
    except UnicodeDecodeError:
        return raw


def as_escape(found: re.Match[str]) -> str:
    """Return a letter as JSON escapes it, in two parts where it is beyond U+FFFF."""
    parts = found[0].encode("utf-16-be").hex()
    return "".join(f"\\u{parts[at : at + 4]}" for at in range(0, len(parts), 4))


class FormError(Exception):
    """A part of a bundle is not in the form."""


def check_files(folder: Path, keys: Sequence[PublicKey]) -> list[Fault]:
    """Return what does not fit the list of files, or its signature."""
    raw = read_file(folder / "SHA256SUMS") or b""
    listed: dict[str, str] = {}
    for line in raw.split(b"\n")[:-1]:
        found = re.fullmatch(rb"([0-9a-f]{64})  ([A-Za-z0-9@._/-]+)", line)
        name = found[2].decode() if found else ""
        if not found or name in listed or {"", ".", ".."} & set(name.split("/")):
            listed.clear()
            break
        listed[name] = found[1].decode()
    if not listed or not raw.endswith(b"\n"):
        return [Fault("bundle", None, "sums", "SHA256SUMS is missing, or is no list of files")]
    there = set(everything_in(folder, folder)) - {"SHA256SUMS", "SHA256SUMS.sig"}
    wrong = [f"{name!a} is listed or there, but not both" for name in sorted(there ^ set(listed))]
    for name in sorted(there & set(listed)):
        content = read_file(folder / name)
        if content is None or hashlib.sha256(content).hexdigest() != listed[name]:
            wrong.append(f"{name} was changed")
    faults = [Fault("bundle", None, "file", told) for told in wrong]
    signature = read_file(folder / "SHA256SUMS.sig")
    if keys and not any(key.verifies(signature or b"", raw) for key in keys):
        faults.append(Fault("bundle", None, "signature", "no trusted key has signed SHA256SUMS"))
    return faults


def everything_in(folder: Path, top: Path) -> Iterator[str]:
    """Yield the path of everything in a folder that is no folder; a link to one is none."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            yield from everything_in(entry, top)
        else:
            yield entry.relative_to(top).as_posix()


def read_file(file: Path) -> bytes | None:
    """Return what is in a file, None if it is none, or a link."""
    return file.read_bytes() if file.is_file() and not file.is_symlink() else None


def lines_of(file: Path) -> Iterator[bytes]:
    """Yield the lines of a file. Raises FormError for a last line without an end."""
    with file.open("rb") as stream:
        for line in stream:
            if not line.endswith(b"\n"):
                raise FormError("a line has no end")
            yield line[:-1]


def read_event_line(line: bytes) -> tuple[Event, bytes]:
    """Read an event of a bundle, and what is shown of it.

    Raises FormError unless the line is written as it must be.
    """
    found = EVENT_LINE.fullmatch(line)
    if not found:
        raise FormError("a line is not in the form")
    position, uuid, version, topic, hash_, written, shown = found.groups()
    state = from_base64(written.decode())
    if state is None or has_leading_zero(position, version):
        raise FormError("a line can be written in another way")
    if escaped(state) != shown and not is_sealed(state):
        raise FormError("what is to be read is not what is stored")
    place = int(position), uuid.decode().replace("-", ""), int(version), topic.decode()
    return Event(*place, state, bytes.fromhex(hash_.decode())), shown


def read_look_line(line: bytes) -> Look:
    """Read a look of a bundle. Raises FormError unless the line is written as it must be."""
    found = LOOK_LINE.fullmatch(line)
    if not found:
        raise FormError("a line is not in the form")
    position, hash_, written, shown = found.groups()
    state = from_base64(written.decode())
    if state is None or escaped(state) != shown or has_leading_zero(position):
        raise FormError("what is to be read is not what is stored")
    return Look(int(position), state, bytes.fromhex(hash_.decode()), None)


def has_leading_zero(*numbers: bytes) -> bool:
    """Whether a number is not written as short as it can be."""
    return any(str(int(written)).encode() != written for written in numbers)


def read_object(raw: bytes, kinds: Mapping[str, Any], indent: int | None = None) -> dict[str, Any]:
    """Read a JSON object with just these keys in this order, written in the one way. FormError."""
    found = read_json(raw)
    if not isinstance(found, dict) or list(found) != list(kinds):
        raise FormError("an object has other keys")
    for key, kind in kinds.items():
        if not fits(found[key], kind):
            raise FormError(f"{key} is not in the form")
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(found, ensure_ascii=False, indent=indent, separators=separators)
    if escaped(text.encode("utf-8", "surrogatepass")) != raw:
        raise FormError("an object can be written in another way")
    return found


def fits(value: Any, kind: Any) -> bool:
    """Whether a value is of a kind: a pattern, a number from 0, text, or one of several."""
    if isinstance(kind, tuple):
        return any(fits(value, one) for one in kind)
    if isinstance(kind, dict):
        return (
            isinstance(value, dict)
            and list(value) == list(kind)
            and all(fits(value[key], kind[key]) for key in kind)
        )
    if isinstance(kind, str):
        return isinstance(value, str) and re.fullmatch(kind, value) is not None
    if kind is int:
        return type(value) is int and 0 <= value <= 10**17
    if kind is list:
        return isinstance(value, list) and all(fits(item, HEX) for item in value)
    return type(value) is kind


CHAIN_KINDS = {"size": int, "head": HEX, "tree": HEX, "included": int}
ABOUT_KINDS = {
    "format": re.escape(FORMAT),
    "origin": (str, type(None)),
    "made_at": str,
    "episode": (UUID, type(None)),
    "events": CHAIN_KINDS,
    "accesses": CHAIN_KINDS,
}
PROOF_KINDS = {"chain": str, "position": int, "previous": HEX, "size": int, "path": list}
KEY_KINDS = {"episode": UUID, "key": UUID, "secret": str}
PROTOCOL_KINDS = {"name": str, "hash": str, "added_at": int, "actor": str}


def stated_by(about: Mapping[str, Any]) -> Claim:
    """Return what a bundle states of a chain itself."""
    head, tree = (bytes.fromhex(about[key]) for key in ("head", "tree"))
    return Claim("bundle.json", Extent(about["size"], head, tree))


def verify_bundle(folder: Path, keys: Sequence[PublicKey], outside: Sequence[Checkpoint]) -> Report:
    """Verify a bundle."""
    own = read_key((read_file(folder / "public-key.txt") or b"").decode("utf-8", "replace"))
    trusted = list(keys) or ([own] if own else [])
    if faults := check_files(folder, trusted):
        return Report(faults, [])
    remarks = []
    if not keys and own:
        remarks.append(Fault("bundle", None, "own-key", "verified by its own key: no proof"))
    elif not keys:
        remarks.append(Fault("bundle", None, "unsigned", "it is not signed"))
    try:
        raw = read_file(folder / "bundle.json") or b""
        about = read_object(raw[:-1] if raw.endswith(b"\n") else b"", ABOUT_KINDS, 2)
    except FormError as error:
        return Report([Fault("bundle", None, "form", f"bundle.json: {error}")], [])
    place = folder / "checkpoints"
    within, faults = load_checkpoints([str(place)], trusted) if place.is_dir() else ([], [])
    made_at = instant(about["made_at"])
    known = [checkpoint for checkpoint in outside if checkpoint not in within]
    later = [c for c in known if made_at is not None and c.time > made_at]
    events, looks = (
        [stated_by(about[key]), *claims_of(part, within), *claims_of(part, outside, outside=True)]
        for part, key in (("events", "events"), ("access", "accesses"))
    )
    if about["episode"] is None:
        record = verify_everything(folder, about, events, looks, later)
    else:
        record = verify_episode(folder, about, events, looks)
    try:
        for found in record:
            (remarks if found.code == "clock" else faults).append(found)
        rows = list(protocols_of(folder))
        faults += check_protocols(rows)
        faults += compare_protocols(rows, [*within, *outside], later)
    except (FormError, OSError) as error:
        faults.append(Fault("bundle", None, "form", str(error)))
    return Report(faults, remarks, *(about[key]["included"] for key in ("events", "accesses")))


def protocols_of(folder: Path) -> Iterator[StoredProtocol]:
    """Yield the protocols in a bundle. Raises FormError."""
    for line in lines_of(folder / "protocols.jsonl"):
        row = read_object(line, PROTOCOL_KINDS)
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,99}@[0-9][0-9A-Za-z.-]{0,49}", row["name"]):
            raise FormError("a protocol has a name that cannot be")
        raw = (folder / "protocols" / f"{row['name']}.toml").read_bytes()
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            raise FormError("the text of a protocol is no UTF-8") from None
        yield StoredProtocol(row["name"], text, row["hash"], row["added_at"], row["actor"])


class Keys:
    """The keys of episodes that are in a bundle; they open what is sealed (AES-256-GCM)."""

    def __init__(self, file: Path) -> None:
        """Read them. Raises FormError."""
        self.secrets: dict[str, tuple[bytes, bytes]] = {}
        for line in lines_of(file) if file.exists() else ():
            row = read_object(line, KEY_KINDS)
            uuid, id_ = (row[key].replace("-", "") for key in ("episode", "key"))
            secret = from_base64(row["secret"])
            if secret is None or len(secret) != 32 or uuid in self.secrets:
                raise FormError("a key is not in the form")
            self.secrets[uuid] = bytes.fromhex(id_), secret

    def wrong(self, event: Event, shown: bytes) -> str | None:
        """Say what is wrong with what is shown of a sealed event, None if nothing is."""
        if not is_sealed(event.state):
            return None
        id_, secret = self.secrets.get(event.episode, (b"", b""))
        if id_ != event.state[1:17]:
            return None if shown == b"null" else "nothing opens what it shows"
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        place = with_length(
            bytes.fromhex(event.episode), number(event.version), event.topic.encode(), id_
        )
        try:
            plain = AESGCM(secret).decrypt(event.state[17:29], event.state[29:], place)
        except InvalidTag:
            return "the key does not open it"
        return None if escaped(plain) == shown else "what it shows is not what is sealed"


Stated = Sequence[Claim]


def verify_everything(
    folder: Path,
    about: Mapping[str, Any],
    events: Stated,
    looks: Stated,
    later: Sequence[Checkpoint],
) -> Iterator[Fault]:
    """Yield what does not stand up in a bundle of everything."""
    keys = Keys(folder / "keys.jsonl")
    check, fault = EventCheck(lambda uuid: uuid, 1, None), None
    try:
        for line in lines_of(folder / "events.jsonl"):
            event, shown = read_event_line(line)
            fault = check.check(event)
            if fault is None and (told := keys.wrong(event, shown)):
                fault = Fault("events", event.position, "seal", told)
            if fault:
                break
    except FormError as error:
        fault = Fault("events", check.position + 1, "form", str(error))
    yield from verify_chain("events", check.hashes, fault, events, about["events"], later)
    hashes: list[bytes] = []
    try:
        found = (read_look_line(line) for line in lines_of(folder / "accesses.jsonl"))
        fault = check_looks(found, hashes)
    except FormError as error:
        fault = Fault("access", len(hashes) + 1, "form", str(error))
    yield from verify_chain("access", hashes, fault, looks, about["accesses"], later)
    yield from shortened(check.remarks)


def verify_chain(
    part: str,
    hashes: list[bytes],
    fault: Fault | None,
    stated: Stated,
    about: Mapping[str, Any],
    later: Sequence[Checkpoint],
) -> Iterator[Fault]:
    """Yield what is wrong with a whole chain."""
    if fault:
        yield fault
        return
    genesis = EVENT_GENESIS if part == "events" else ACCESS_GENESIS
    chain = Chain(part, len(hashes), genesis, lambda position: hashes[position - 1], hashes)
    beyond = [c for c in claims_of(part, later, outside=True) if c.extent.size > len(hashes)]
    found = list(compare(chain, [claim for claim in stated if claim not in beyond]))
    if not found and {about["size"], about["included"]} != {len(hashes)}:
        found = [Fault("bundle", None, "form", f"bundle.json states another number of {part}")]
    yield from found
    for name, *_ in beyond:
        told = f"the bundle ends before what {name} covers; ask for one made since"
        yield Fault(part, None, NO_PROOF, told)


class Proofs:
    """The hash before each link, and the paths from each to the trees, of a bundle."""

    def __init__(self, file: Path) -> None:
        """Read them. Raises FormError."""
        self.previous: dict[tuple[str, int], bytes] = {}
        self.paths: dict[tuple[str, int, int], list[bytes]] = {}
        for line in lines_of(file):
            proof = read_object(line, PROOF_KINDS)
            link, before = (proof["chain"], proof["position"]), bytes.fromhex(proof["previous"])
            place = (*link, proof["size"])
            if self.previous.setdefault(link, before) != before or place in self.paths:
                raise FormError("two proofs contradict each other")
            self.paths[place] = [bytes.fromhex(hash_) for hash_ in proof["path"]]

    def before(self, part: str, position: int) -> bytes | None:
        """Return the hash before a link, None if it is not there."""
        found = self.previous.get((part, position))
        genesis = EVENT_GENESIS if part == "events" else ACCESS_GENESIS
        return None if position == 1 and found != genesis else found

    def missing(self, part: str, position: int, hash_: bytes, stated: Stated) -> str | None:
        """Return the name of a statement that a link is not proven to be under."""
        for name, (size, _, tree), outside in stated:
            path = self.paths.get((part, position, size))
            if position > size or (path is None and outside):
                continue
            if path is None or root_by_path(hash_, position - 1, size, path) != tree:
                return name
        return None

    def unasked(self, part: str, positions: Sequence[int], stated: Stated) -> Iterator[Fault]:
        """Yield the checkpoints from elsewhere for which a link has no path."""
        for name, (size, *_), outside in stated:
            needed = [(part, position, size) for position in positions if position <= size]
            if outside and not set(needed) <= self.paths.keys():
                told = f"the bundle holds no proof for {name}; ask for one made with --checkpoint"
                yield Fault(part, None, NO_PROOF, told)


def verify_episode(
    folder: Path, about: Mapping[str, Any], events: Stated, looks: Stated
) -> Iterator[Fault]:
    """Yield what does not stand up in a bundle of one episode."""
    keys = Keys(folder / "keys.jsonl")
    proofs, uuid = Proofs(folder / "proofs.jsonl"), about["episode"].replace("-", "")
    shown = list(read_until_broken(folder / "events.jsonl", read_event_line))
    seen = list(read_until_broken(folder / "accesses.jsonl", read_look_line))
    broken = event_of_episode(shown, uuid, proofs, keys, events)
    wrong = look_at_episode(seen, uuid, proofs, looks)
    for part, found, some, chain in (
        ("events", broken or contradicted("events", events), shown, about["events"]),
        ("access", wrong or contradicted("access", looks), seen, about["accesses"]),
    ):
        if found:
            yield found
        elif len(some) != chain["included"]:
            yield Fault("bundle", None, "form", f"bundle.json states another number of {part}")
    there = [line[0].position for line in shown if line]
    yield from proofs.unasked("events", there, events)
    yield from proofs.unasked("access", [look.position for look in seen if look], looks)


def contradicted(part: str, stated: Stated) -> Fault | None:
    """Return that two statements say different things of a chain of one size."""
    said: dict[int, Claim] = {}
    for claim in stated:
        other = said.setdefault(claim.extent.size, claim)
        if other.extent != claim.extent:
            told = f"{claim.name} and {other.name} contradict each other"
            return Fault(part, claim.extent.size, "forked", told)
    return None


def read_until_broken(file: Path, read: Callable[[bytes], Any]) -> Iterator[Any]:
    """Yield what each line says; None, and no more, for one that is not in the form."""
    try:
        for line in lines_of(file):
            yield read(line)
    except FormError:
        yield None


def event_of_episode(
    lines: Iterable[tuple[Event, bytes] | None],
    uuid: str,
    proofs: Proofs,
    keys: Keys,
    stated: Stated,
) -> Fault | None:
    """Return the first event of an episode that does not stand up."""
    last, ids, sealed = 0, set(), False
    for version, line in enumerate(lines, 1):
        if line is None:
            return Fault("events", last + 1, "form", "the line is not in the form")
        event, shown = line
        position = event.position
        previous = proofs.before("events", position)
        place = (position, uuid, event.version, event.topic, event.state)
        if position <= last:
            code, told = "position", "it is not after the one before it"
        elif event.episode != uuid:
            code, told = "episode", "it is of another episode"
        elif event.version != version:
            code, told = "version", f"it is version {event.version} where {version} comes next"
        elif previous is None:
            code, told = "unproven", "there is no proof for it"
        elif event_hash(previous, *place) != event.hash:
            code, told = "hash", "the hash does not fit what is stored"
        elif name := proofs.missing("events", position, event.hash, stated):
            code, told = "unproven", f"it is not proven to be in what {name} states"
        elif event.topic not in TOPICS:
            code, told = "topic", f"the topic {event.topic!r} is unknown"
        elif not is_plain_event(event.state) and not is_sealed(event.state):
            code, told = "state", "the bytes are not in the form in which an event is written"
        elif not is_sealed(event.state) and event_id(event.state) in ids:
            code, told = "event-id", "its episode has an event with that id"
        elif sealed and event.topic != ERASED and not is_sealed(event.state):
            code, told = "plain", "it is not encrypted, though an event before it is"
        elif not sealed and event.topic == ERASED and not is_sealed(event.state):
            code, told = "erased", NOTHING_TO_ERASE
        elif wrong := keys.wrong(event, shown):
            code, told = "seal", wrong
        else:
            last = position
            sealed = sealed or is_sealed(event.state)
            ids.add(event_id(event.state))
            continue
        return Fault("events", position, code, told)
    return None


def look_at_episode(
    seen: Iterable[Look | None], uuid: str, proofs: Proofs, stated: Stated
) -> Fault | None:
    """Return the first look at an episode that does not stand up."""
    last = 0
    for look in seen:
        if look is None:
            return Fault("access", last + 1, "form", "the line is not in the form")
        previous, said = proofs.before("access", look.position), said_by(look.state)
        if look.position <= last:
            told = "it is not after the one before it"
        elif previous is None:
            told = "there is no proof for it"
        elif look.hash != access_hash(previous, look.position, look.state):
            told = "the hash does not fit what is stored"
        elif said is None or said[3] != uuid:
            told = "what is stored is no look at this episode"
        elif name := proofs.missing("access", look.position, look.hash, stated):
            told = f"it is not proven to be in what {name} states"
        else:
            last = look.position
            continue
        return Fault("access", look.position, "access", told)
    return None


# ----- The command

OBEYED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Characters that a terminal may obey: control and bidi characters, and what ends a line."""


def say(line: str, stream: TextIO | None = None) -> None:
    """Print one line, whatever stands in it: all that is said to people goes through here."""
    print("".join(map(written_out, line)), file=stream)


def written_out(letter: str) -> str:
    """Return a letter, written out where a terminal would obey it."""
    if unicodedata.category(letter) not in OBEYED:
        return letter
    return letter.encode("unicode_escape", "surrogatepass").decode()


class Parser(argparse.ArgumentParser):
    """Reads the command, and says what is wrong with it in one line."""

    def error(self, message: str) -> NoReturn:
        """Say it, and end with 2."""
        self.print_usage(sys.stderr)
        say(f"{self.prog}: error: {message}", sys.stderr)
        sys.exit(2)


def load_checkpoints(
    paths: Iterable[str], keys: Sequence[PublicKey]
) -> tuple[list[Checkpoint], list[Fault]]:
    """Read checkpoints from files and directories; those that are none are faults."""
    found, faults = [], []
    for path in map(Path, paths):
        for file in checkpoints_in(path) if path.is_dir() else [path]:
            try:
                note = file.read_bytes().replace(
                    b"\r\n", b"\n"
                )  # as what is saved of a mail has it
                found.append(read_checkpoint(file.name, note, keys))
            except UntrustedError as error:
                faults.append(Fault("checkpoint", None, "signature", f"{file.name}: {error}"))
            except ValueError as error:
                told = f"{file.name}: {error}; it is damaged, or holds more than the note"
                faults.append(Fault("checkpoint", None, "note", told))
            except OSError as error:
                raise UnreadableError(f"{file} cannot be read: {error.strerror}") from error
    return in_order(found), faults


def checkpoints_in(folder: Path) -> list[Path]:
    """Return the files of a directory that are checkpoints by their names. Raises OSError."""
    return sorted(file for file in folder.iterdir() if file.name.endswith(".checkpoint"))


def in_order(checkpoints: Iterable[Checkpoint]) -> list[Checkpoint]:
    """Return checkpoints from the oldest to the newest."""

    def order(checkpoint: Checkpoint) -> tuple[int, datetime.datetime, str, int]:
        stem = checkpoint.name.removesuffix(".checkpoint")
        several = re.fullmatch("(.+Z)[-_]([0-9]{1,9})", stem)  # not the first of its second
        name, number = (several[1], int(several[2])) if several else (stem, 1)
        return checkpoint.events.size, checkpoint.time, name, number

    return sorted(checkpoints, key=order)


def load_key(option: str) -> PublicKey:
    """Read a key that is given, or is in the file that is named."""
    try:
        path = Path(option)
        key = read_key(path.read_bytes().decode() if path.is_file() else option)
    except (ValueError, OSError):  # it is no text, or no name of a file
        key = None
    if key is None:
        raise UnreadableError(f"{option} is no public key")
    return key


def position(written: str) -> int:
    """Read a position: a number from 1. Raises ValueError."""
    if (found := int(written)) < 1:
        raise ValueError(written)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify, say what was found, and return the exit code."""
    parser = Parser(
        prog="verify_audit.py",
        description="Verify the record of a tracker without trusting the tracker. It only reads.",
        epilog="It ends with 0 if everything stands up, 6 if not, 1 if SOURCE cannot be read or"
        " holds no proof for a checkpoint that was given, 2 for a mistake in the command. Every"
        " rule that is checked is on the first page of the file itself.",
    )
    add = parser.add_argument
    add("source", metavar="SOURCE", help="bundle, data directory, tracker.sqlite or postgresql://")
    more = "; may be repeated"
    add(
        "--checkpoint",
        action="append",
        default=[],
        metavar="PATH",
        help=f"compare with a checkpoint that was kept elsewhere, or a directory of them{more}",
    )
    add(
        "--public-key",
        action="append",
        default=[],
        metavar="KEY",
        help=f"a key whose signatures are trusted, as text or its file, got by another way{more}",
    )
    add(
        "--from",
        dest="first",
        type=position,
        default=1,
        metavar="P",
        help="only events from this position of the log on; not for a bundle",
    )
    add(
        "--to",
        dest="last",
        type=position,
        metavar="P",
        help="only events up to this position; not for a bundle",
    )
    add("--json", action="store_true", help="one JSON object on stdout")
    asked = parser.parse_args(arguments)
    folder = Path(asked.source)
    try:
        is_bundle = (folder / "SHA256SUMS").exists() or (folder / "bundle.json").exists()
    except OSError as error:
        return cannot(error)
    if asked.checkpoint and not asked.public_key:
        parser.error("a checkpoint proves nothing without --public-key")
    if asked.public_key and not (asked.checkpoint or is_bundle):
        parser.error("--public-key is for checkpoints and bundles: nothing else is signed")
    if asked.last is not None and asked.last < asked.first:
        parser.error("--to is before --from")
    if is_bundle and (asked.first > 1 or asked.last is not None):
        parser.error("a bundle is verified as a whole, without --from and --to")
    try:
        keys = [load_key(option) for option in asked.public_key]
        refuse_empty(asked.checkpoint)
        checkpoints, unsigned = load_checkpoints(asked.checkpoint, keys)
        if is_bundle:
            found = verify_bundle(folder, keys, checkpoints)
        else:
            found = verify_database(asked.source, checkpoints, asked.first, asked.last)
    except RangeError as error:
        parser.error(str(error))
    except (UnreadableError, OSError, sqlite3.Error) as error:
        return cannot(error)
    found.faults.extend(unsigned)
    try:
        report(found, checkpoints, asked.first, asked.last, as_json=asked.json)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough; the exit code is still the answer
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if any(fault.code != NO_PROOF for fault in found.faults):
        return 6
    return 1 if found.faults else 0


def cannot(error: Exception) -> int:
    """Say why nothing can be verified, and return the exit code."""
    say(f"Cannot verify: {error}", sys.stderr)
    return 1


def refuse_empty(paths: Iterable[str]) -> None:
    """Raise UnreadableError for a directory in which there is no checkpoint to compare with."""
    for path in map(Path, paths):
        if path.is_dir() and not checkpoints_in(path):
            raise UnreadableError(f"{path} holds no checkpoint")


PARTS = ("bundle", "schema", "events", "protocols", "access", "checkpoint")


def report(
    found: Report,
    checkpoints: Sequence[Checkpoint],
    first: int = 1,
    last: int | None = None,
    *,
    as_json: bool,
) -> None:
    """Say what was found."""

    def order(fault: Fault) -> tuple[int, bool, int, str]:
        return PARTS.index(fault.part), fault.position is None, fault.position or 0, fault.text

    faults, remarks = sorted(found.faults, key=order), sorted(found.remarks, key=order)
    newest = checkpoints[-1] if checkpoints else None
    partly = first > 1 or (last is not None and found.head is not None and last < found.head)
    if as_json:
        counts = {
            "events": found.events,
            "looks": found.looks,
            "checkpoints": len(checkpoints),
            "covered": None if newest is None else newest.events.size,
        }
        told = {"faults": [f._asdict() for f in faults], "remarks": [r._asdict() for r in remarks]}
        written = json.dumps({"ok": not faults} | counts | told, indent=2)
        print(written.replace("\x7f", "\\u007f"))  # JSON escapes all else that is obeyed
        return
    say(verdict(faults))
    for word, some in (("fault", faults), ("remark", remarks)):
        for part, place, code, text in some:
            where = "" if place is None else f", position {place}"
            say(f"{'not proven' if code == NO_PROOF else word}: {part}{where}: {text}")
    where = ""
    if found.head is not None and (first > 1 or last is not None):
        ends = ", where the log ends" if last is not None and last > found.head else ""
        where = f" (asked for {first} to {min(last or found.head, found.head)}{ends})"
    say(f"checked: {counted(found.events, 'event')}{where}, {counted(found.looks, 'look')}")
    alone = "; their trees were not computed" if partly and checkpoints else ""
    say(f"checkpoints: {covered(checkpoints)}{alone}")


def verdict(faults: Sequence[Fault]) -> str:
    """Say in a line whether everything stands up."""
    if any(fault.code != NO_PROOF for fault in faults):
        return "DOES NOT STAND UP"
    if faults:
        return (
            "CANNOT BE CHECKED against every checkpoint: that tells neither of a change nor of none"
        )
    return "Everything that was checked stands up."


def covered(checkpoints: Sequence[Checkpoint]) -> str:
    """Say how far checkpoints go; what is behind rests on the word of who can write."""
    if not checkpoints:
        cannot = "that the end was cut off, or that all was written anew"
        return f"none that was kept elsewhere, so nothing would show {cannot}"
    newest = checkpoints[-1]
    sizes = f"{counted(newest.events.size, 'event')} and {counted(newest.looks.size, 'look')}"
    when = f"{newest.time:%Y-%m-%d %H:%M:%S}Z"
    return f"{len(checkpoints)}; the newest, {newest.name} of {when}, covers {sizes}"


if __name__ == "__main__":
    for _stream in (sys.stdout, sys.stderr):
        if hasattr(_stream, "reconfigure"):  # a name of a file may have letters it cannot write
            _stream.reconfigure(errors="backslashreplace")
    sys.exit(main())
