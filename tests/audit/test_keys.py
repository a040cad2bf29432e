"""Keys for checkpoints: made once, kept for their owner alone and away from the data."""

import stat
from pathlib import Path

import pytest

from tests.audit.conftest import Tracker
from tracker.audit.note import PrivateKey, PublicKey


def mode(path: Path) -> int:
    """Return the permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_both_halves_are_written(patched: Tracker, tmp_path: Path) -> None:
    """The private one for its owner alone, the public one beside it."""
    out = tmp_path / "keys" / "ward.key"
    told = patched.json("audit", "keygen", "--name", "hospital.example/ward", "--out", str(out))
    private = PrivateKey.parse(out.read_text().strip())
    public = PublicKey.parse(Path(f"{out}.pub").read_text())
    assert private.public == public == PublicKey.parse(told["public_key"])
    assert (mode(out), mode(out.parent)) == (0o600, 0o700)
    assert "PRIVATE" not in str(told)


def test_a_key_is_never_overwritten(patched: Tracker, tmp_path: Path) -> None:
    """What was signed by the old one could not be verified any more."""
    out = str(tmp_path / "key")
    patched.ok("audit", "keygen", "--name", "ward", "--out", out)
    before = Path(out).read_text()
    code, told = patched.refused("audit", "keygen", "--name", "ward", "--out", out)
    assert (code, "never overwritten" in told) == (5, True)
    assert Path(out).read_text() == before


@pytest.mark.backends("sqlite")  # a server's data is in no directory of ours
def test_a_key_in_the_data_directory_is_refused(patched: Tracker, tmp_path: Path) -> None:
    """Made or used: whoever writes the log there could sign it."""
    inside = str(patched.home / "key")
    code, told = patched.refused("audit", "keygen", "--name", "ward", "--out", inside)
    assert (code, "in the data directory" in told) == (4, True)
    patched.ok("audit", "keygen", "--name", "ward", "--out", str(tmp_path / "key"))
    (tmp_path / "key").rename(inside)
    code, told = patched.refused("audit", "checkpoint", "--key", inside)
    assert (code, "in the data directory" in told) == (4, True)


def test_a_key_that_others_can_read_is_refused(patched: Tracker, tmp_path: Path) -> None:
    """It may have been copied."""
    out = tmp_path / "key"
    patched.ok("audit", "keygen", "--name", "ward", "--out", str(out))
    out.chmod(0o640)
    code, told = patched.refused("audit", "checkpoint", "--key", str(out))
    assert (code, "chmod 600" in told) == (2, True)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\nbreak"])
def test_a_name_that_cannot_be_is_refused(patched: Tracker, name: str, tmp_path: Path) -> None:
    """A signature names its key by a word."""
    arguments = ("audit", "keygen", "--name", name, "--out", str(tmp_path / "key"))
    result = patched.run(*arguments)
    assert result.exit_code == (0 if name == "" else 2)


def test_without_a_key_nothing_is_signed(patched: Tracker, tmp_path: Path) -> None:
    """The hint says how to make one."""
    patched.environ["XDG_CONFIG_HOME"] = str(tmp_path)
    code, told = patched.refused("audit", "checkpoint")
    assert (code, "tracker audit keygen" in told) == (2, True)


def test_a_key_of_the_environment_signs(patched: Tracker, tmp_path: Path) -> None:
    """Where no file is to hold it."""
    patched.ok("audit", "keygen", "--name", "ward", "--out", str(tmp_path / "key"))
    (patched.home / "config.toml").write_text('[checkpoint]\nkey_env = "TRACKER_SIGNS"\n')
    patched.environ["TRACKER_SIGNS"] = (tmp_path / "key").read_text().strip()
    assert patched.ok("audit", "checkpoint").startswith("ward\n3\n")


def test_what_is_no_key_is_told_without_showing_it(patched: Tracker, tmp_path: Path) -> None:
    """A file of something else, which may be another secret."""
    out = tmp_path / "key"
    out.write_text("hunter2\n")
    out.chmod(0o600)
    code, told = patched.refused("audit", "checkpoint", "--key", str(out))
    assert (code, "hunter2" in told) == (2, False)
