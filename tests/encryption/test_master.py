"""Where the master key is kept, and what is said when it is not there."""

import base64
import stat
from pathlib import Path

import keyring
import keyring.backend
import pytest

from tracker.encryption.master import Source, parsed
from tracker.errors import RefusedError, UsageError


class _Entries(keyring.backend.KeyringBackend):
    """A keyring that forgets with the process."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


def test_file(tmp_path: Path) -> None:
    """A new key is in a file for its owner alone, and is read back."""
    source = Source("file:master.key", tmp_path)
    made = source.create()
    assert source.read({}) == made
    assert stat.S_IMODE((tmp_path / "master.key").stat().st_mode) == 0o600


def test_file_is_never_written_over(tmp_path: Path) -> None:
    """Where a file is already, none is made."""
    (tmp_path / "master.key").write_text("something else")
    with pytest.raises(RefusedError, match="ever written over"):
        Source("file:master.key", tmp_path).create()
    assert (tmp_path / "master.key").read_text() == "something else"


def test_file_that_others_can_read(tmp_path: Path) -> None:
    """A key that others can read is refused, with the command that mends it."""
    source = Source("file:master.key", tmp_path)
    source.create()
    (tmp_path / "master.key").chmod(0o644)
    with pytest.raises(UsageError, match="others") as refused:
        source.read({})
    assert refused.value.hint == f"chmod 600 {tmp_path / 'master.key'}"


def test_environment(tmp_path: Path) -> None:
    """The key may be a variable, which is not ours to set."""
    source = Source("env:KEY", tmp_path)
    text = base64.b64encode(bytes(32)).decode()
    assert source.read({"KEY": text}).secret == bytes(32)
    with pytest.raises(UsageError, match="env:KEY: there is no master key"):
        source.read({})
    with pytest.raises(RefusedError, match="not ours"):
        source.create()


def test_keyring(tmp_path: Path) -> None:
    """The key may be in the keyring of the system, where it is not written over either."""
    before = keyring.get_keyring()
    keyring.set_keyring(_Entries())
    try:
        source = Source("keyring:tracker/ward", tmp_path)
        with pytest.raises(UsageError, match="there is no master key"):
            source.read({})
        assert source.create() == source.read({})
        with pytest.raises(RefusedError, match="ever written over"):
            source.create()
    finally:
        keyring.set_keyring(before)


@pytest.mark.parametrize("text", ["", "secret", "file:", "vault:x", "keyring:tracker"])
def test_no_source(tmp_path: Path, text: str) -> None:
    """What names no place for a key is refused with what would."""
    with pytest.raises(UsageError) as refused:
        Source(text, tmp_path)
    assert "keyring:SERVICE/NAME" in (refused.value.hint or "")


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", base64.b64encode(bytes(33)).decode()])
def test_no_key(text: str) -> None:
    """What is not 32 bytes in base64 is no key, and is not repeated in the message."""
    with pytest.raises(UsageError, match="holds no master key") as refused:
        parsed(text, "env:KEY")
    assert not text or text not in refused.value.message
