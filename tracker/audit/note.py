"""Signed notes, in the form of C2SP: text, an empty line, and lines with Ed25519 signatures.

Whatever a note says must not be believed before `opened` has found a signature of a key that is
trusted. See https://c2sp.org/signed-note.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple, Self

ED25519 = b"\x01"
_PRIVATE = "PRIVATE+KEY+"
_DASH = "— "
LONGEST = 100_000
"""Bytes of a note at most."""

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NAME = re.compile(r"[^\s+]+")


class NoteError(Exception):
    """A note or a key is not in the right form, or no key that is trusted has signed the note."""


class UntrustedError(NoteError):
    """It is a note, and none of the keys that are trusted has signed it."""


class PublicKey(NamedTuple):
    """A key that is trusted, and its name."""

    name: str
    raw: bytes
    """32 bytes."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `name+id+key`. Raises NoteError."""
        name, id_, raw = _parts(text)
        key = cls(name, raw)
        if id_ != key.id.hex():
            raise NoteError("the key does not fit its own id: a part of it was changed")
        return key

    @property
    def id(self) -> bytes:
        """Four bytes by which a signature names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.raw).digest()[:4]

    def __str__(self) -> str:
        """Write it as `name+id+key`."""
        return f"{self.name}+{self.id.hex()}+{encoded(ED25519 + self.raw)}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether that is this key's signature of a message."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class PrivateKey(NamedTuple):
    """A key that signs, and its name. Never shown."""

    name: str
    seed: bytes
    """32 bytes."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `written` wrote. Raises NoteError."""
        if not text.startswith(_PRIVATE):
            raise NoteError("it is no private key")
        name, id_, seed = _parts(text.removeprefix(_PRIVATE))
        key = cls(name, seed)
        if id_ != key.public.id.hex():
            raise NoteError("the key does not fit its own id: a part of it was changed")
        return key

    @property
    def public(self) -> PublicKey:
        """The key that verifies what this one signs."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        return PublicKey(self.name, private.public_key().public_bytes_raw())

    def written(self) -> str:
        """Write it for a file."""
        secret = encoded(ED25519 + self.seed)
        return f"{_PRIVATE}{self.name}+{self.public.id.hex()}+{secret}"

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message, 64 bytes."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)

    def __repr__(self) -> str:
        """Show the name alone."""
        return f"PrivateKey({self.name!r})"


def is_name(text: str) -> bool:
    """Whether that can name a key."""
    return _NAME.fullmatch(text) is not None and _CONTROL.search(text) is None


def signed(text: str, key: PrivateKey) -> bytes:
    """Return a text, which ends in a newline, with a signature."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteError("a note ends in a newline and holds no control characters")
    signature = encoded(key.public.id + key.sign(text.encode()))
    return f"{text}\n{_DASH}{key.name} {signature}\n".encode()


def opened(note: bytes, keys: Iterable[PublicKey]) -> str:
    """Return the text of a note that one of some keys has signed.

    Raises UntrustedError when none has, NoteError when it is no note, or when one has not signed
    what is said to be signed by it.
    """
    text, signatures = split(note)
    known = {(key.name, key.id): key for key in keys}
    verified = False
    for name, id_, signature in signatures:
        key = known.get((name, id_))
        if key is None:
            continue
        if not key.verifies(signature, text.encode()):
            raise NoteError(f"the signature of {name} does not fit the text")
        verified = True
    if not verified:
        names = ", ".join(sorted({name for name, _, _ in signatures}))
        raise UntrustedError(f"it is signed by none of the keys that are trusted, but by {names}")
    return text


def split(note: bytes) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """Return the text of a note, and the name, key id and bytes of each signature, unverified.

    Raises NoteError for what is no note.
    """
    if len(note) > LONGEST:
        raise NoteError("it is too long for a note")
    try:
        whole = note.decode()
    except UnicodeDecodeError:
        raise NoteError("it is not UTF-8 text") from None
    text, gap, lines = whole.rpartition("\n\n")
    if not gap or not lines.endswith("\n") or _CONTROL.search(whole):
        raise NoteError("it is no signed note")
    return text + "\n", [_signature(line) for line in lines[:-1].split("\n")]


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, signature = line.removeprefix(_DASH).partition(" ")
    raw = decoded(signature)
    if not line.startswith(_DASH) or not is_name(name) or raw is None or len(raw) < 5:
        raise NoteError("a line of it that should be a signature is none")
    return name, raw[:4], raw[4:]


def encoded(raw: bytes) -> str:
    """Return bytes in base 64."""
    return base64.b64encode(raw).decode()


def decoded(text: str) -> bytes | None:
    """Read bytes in base 64, written the one way there is; None if they are not."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if encoded(raw) == text else None


def _parts(text: str) -> tuple[str, str, bytes]:
    """Return name, id and the 32 bytes of a key."""
    name, _, rest = text.strip().partition("+")
    id_, _, written = rest.partition("+")
    raw = decoded(written) or b""
    if not is_name(name) or len(raw) != 33 or raw[:1] != ED25519:
        raise NoteError("a key is written as name+id+key, in one line")
    return name, id_, raw[1:]
