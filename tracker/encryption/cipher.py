"""What is sealed: the bytes of an event, and the names by which an episode is found.

An event is sealed by AES-256-GCM with a random nonce. Its place is authenticated with it: the
episode, the version, the topic and the key's id, so that sealed bytes fit nowhere else. Names are
sealed by AES-SIV, which gives the same bytes for the same names: a rebuilt read model is equal.

Stored form of an event: the byte 01, the id of the key (16 bytes), the nonce (12 bytes), and the
ciphertext with its tag. An event that is not sealed begins with a brace.
"""

import hashlib
import hmac
import secrets
import struct
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MARK = b"\x01"
"""First byte of what is sealed."""
KEY_BYTES = 32
_ID = 16
_NONCE = 12
_HEAD = len(MARK) + _ID + _NONCE


class SealBrokenError(Exception):
    """The sealed bytes were changed, moved to another place, or sealed by another key."""


class Place(NamedTuple):
    """Where sealed bytes belong."""

    episode: UUID
    version: int
    topic: str

    def authenticated(self, key: UUID) -> bytes:
        """Return what is authenticated with the bytes: each part after its length."""
        parts = (self.episode.bytes, struct.pack(">q", self.version), self.topic.encode())
        return b"".join(struct.pack(">I", len(part)) + part for part in (*parts, key.bytes))


class Key(NamedTuple):
    """A key and what it is called."""

    id: UUID
    secret: bytes

    @classmethod
    def new(cls) -> "Key":
        """Return a random key."""
        return cls(UUID(bytes=secrets.token_bytes(_ID)), secrets.token_bytes(KEY_BYTES))


def is_sealed(state: bytes) -> bool:
    """Whether stored bytes are sealed."""
    return state[:1] == MARK


def key_of(state: bytes) -> UUID:
    """Return the id of the key that sealed bytes name."""
    return UUID(bytes=bytes(state[1 : 1 + _ID]))


def seal(key: Key, place: Place, plain: bytes) -> bytes:
    """Return the bytes of an event, sealed for their place."""
    nonce = secrets.token_bytes(_NONCE)
    sealed = AESGCM(key.secret).encrypt(nonce, plain, place.authenticated(key.id))
    return b"".join((MARK, key.id.bytes, nonce, sealed))


def unseal(key: Key, place: Place, state: bytes) -> bytes:
    """Return the bytes of an event. Raises SealBrokenError."""
    nonce, sealed = bytes(state[1 + _ID : _HEAD]), bytes(state[_HEAD:])
    try:
        return AESGCM(key.secret).decrypt(nonce, sealed, place.authenticated(key.id))
    except (InvalidTag, ValueError) as error:
        raise SealBrokenError from error


def conceal(key: Key, place: Place, plain: bytes) -> bytes:
    """Return names, sealed for their place: the same names give the same bytes."""
    return _siv(key).encrypt(plain, [place.authenticated(key.id)])


def reveal(key: Key, place: Place, sealed: bytes) -> bytes:
    """Return names that `conceal` sealed. Raises SealBrokenError."""
    try:
        return _siv(key).decrypt(sealed, [place.authenticated(key.id)])
    except (InvalidTag, ValueError) as error:
        raise SealBrokenError from error


def _siv(key: Key) -> AESSIV:
    # A key does one thing: the names have one of their own, made from the episode's.
    return AESSIV(HKDF(SHA256(), 64, None, b"tracker names").derive(key.secret))


def blind(index_key: bytes, what: str, text: str) -> str:
    """Return what stands for a text where it is looked up and never read, in hexadecimal."""
    said = what.encode() + b"\0" + text.encode()
    return hmac.new(index_key, said, hashlib.sha256).hexdigest()


def wrap(outer: Key, inner: Key) -> bytes:
    """Return a key, sealed by another one for its own id."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(outer.secret).encrypt(nonce, inner.secret, _wrapping(outer, inner.id))


def unwrap(outer: Key, inner: UUID, wrapped: bytes) -> Key:
    """Return a key that `wrap` sealed. Raises SealBrokenError."""
    nonce, sealed = bytes(wrapped[:_NONCE]), bytes(wrapped[_NONCE:])
    try:
        return Key(inner, AESGCM(outer.secret).decrypt(nonce, sealed, _wrapping(outer, inner)))
    except (InvalidTag, ValueError) as error:
        raise SealBrokenError from error


def _wrapping(outer: Key, inner: UUID) -> bytes:
    return b"tracker key" + outer.id.bytes + inner.bytes
