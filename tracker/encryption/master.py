"""The master key, which wraps all others: in a file, the environment or the system's keyring.

It is 32 random bytes in base64, kept apart from the database: whoever has both can read all.
"""

import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from tracker.channels.secret import read_file
from tracker.encryption.cipher import KEY_BYTES, Key
from tracker.errors import RefusedError, StoreError, UsageError

SOURCES = ("file", "env", "keyring")
_MISSING = {
    "env": "set the variable, in base64, for every process that reads or records",
    "file": "bring it back from where it was put aside",
    "keyring": "unlock the keyring, or put the entry into it",
}
_HINT = "it is file:PATH, env:NAME or keyring:SERVICE/NAME"


class Source:
    """Where a master key is kept: `file:PATH`, `env:NAME` or `keyring:SERVICE/NAME`."""

    def __init__(self, text: str, directory: Path) -> None:
        """Keep what is named; a path may be relative to a directory. Raises UsageError."""
        kind, _, self._name = text.partition(":")
        if kind not in SOURCES or not self._name:
            raise UsageError(f"{text!r} does not say where the master key is", _HINT)
        if kind == "keyring" and not all(self._name.partition("/")):
            raise UsageError(f"{text!r} names no entry of a keyring", _HINT)
        self.text = text
        self._kind = kind
        self._directory = directory

    @property
    def path(self) -> Path | None:
        """The file it is in, if it is in one."""
        return self._file if self._kind == "file" else None

    @property
    def _file(self) -> Path:
        return self._directory / Path(self._name).expanduser()

    def read(self, environ: Mapping[str, str]) -> Key:
        """Return the master key. Raises UsageError when there is none, or not one."""
        if self._kind == "keyring":
            text = _from_keyring(self._name)
        elif self._kind == "env":
            text = environ.get(self._name)
        else:
            text = read_file(self.text, self._file) if self._file.exists() else None
        if not text:
            raise UsageError(f"{self.text}: there is no master key", _MISSING[self._kind])
        return parsed(text, self.text)

    def find(self, environ: Mapping[str, str]) -> Key | None:
        """Return the master key, None where `create` can make one.

        Raises UsageError when there is none and none can be made, or it is not one.
        """
        if self.path is not None:
            return self.read(environ) if self.path.exists() else None
        if self._kind == "keyring":
            text = _from_keyring(self._name)
            return None if text is None else parsed(text, self.text)
        return self.read(environ)

    def create(self) -> Key:
        """Make a new master key there and return it.

        Raises RefusedError when something is there already or it is not ours to write,
        StoreError when it cannot be written.
        """
        text = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
        path = self.path
        if path is not None:
            _write(path, text)
        elif self._kind == "keyring":
            _into_keyring(self._name, text)
        else:
            raise RefusedError(
                f"{self.text}: the environment is not ours to write",
                f"make one with `openssl rand -base64 32` and set {self._name} to it",
            )
        return parsed(text, self.text)


def parsed(text: str, source: str) -> Key:
    """Return the key that a text holds; its id follows from it, and tells nothing of it."""
    try:
        secret = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise UsageError(
            f"{source} holds no master key: {KEY_BYTES} bytes in base64 are one",
            "restore it from where it was put aside; no other key opens this tracker",
        )
    named = hashlib.sha256(b"tracker master key\0" + secret).digest()
    return Key(UUID(bytes=named[:16]), secret)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise RefusedError(
            f"{path} is there already: no key is ever written over", "name another file"
        ) from None
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "w") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def _from_keyring(name: str) -> str | None:
    import keyring.errors

    service, _, entry = name.partition("/")
    try:
        found = keyring.get_password(service, entry)
    except keyring.errors.KeyringError as error:
        raise UsageError(f"keyring:{name} cannot be read: {type(error).__name__}") from error
    return found


def _into_keyring(name: str, text: str) -> None:
    import keyring.errors

    service, _, entry = name.partition("/")
    try:
        if keyring.get_password(service, entry) is not None:
            raise RefusedError(
                f"keyring:{name} is there already: no key is ever written over",
                "name another entry",
            )
        keyring.set_password(service, entry, text)
    except keyring.errors.KeyringError as error:
        raise StoreError(f"keyring:{name} cannot be written: {type(error).__name__}") from error
