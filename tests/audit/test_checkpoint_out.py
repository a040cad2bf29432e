"""Where `audit checkpoint --out` puts a checkpoint, and where it refuses to."""

from pathlib import Path

import pytest

from tests.audit.conftest import Tracker

pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture
def signing(patched: Tracker, tmp_path: Path) -> Tracker:
    """A tracker whose checkpoints a key signs, with a directory for them."""
    key = tmp_path / "key"
    patched.ok("audit", "keygen", "--name", "ward", "--out", str(key))
    (patched.home / "config.toml").write_text(f'[checkpoint]\nkey_file = "{key}"\n')
    (tmp_path / "kept").mkdir()
    return patched


@pytest.mark.parametrize("name", ["kept", "kept/"])
def test_a_directory_gets_a_file_more(signing: Tracker, tmp_path: Path, name: str) -> None:
    """Called by how far the log goes and when."""
    signing.ok("audit", "checkpoint", "--out", f"{tmp_path}/{name}")
    (file,) = (tmp_path / "kept").iterdir()
    assert (file.name[:13], file.suffix) == ("000000000003-", ".checkpoint")


def test_a_new_file_is_called_a_checkpoint(signing: Tracker, tmp_path: Path) -> None:
    """By that name whoever looks for checkpoints in a directory finds it."""
    file = tmp_path / "kept" / "first.checkpoint"
    signing.ok("audit", "checkpoint", "--out", str(file))
    assert file.read_text().startswith("ward\n3\n")
    signing.ok("record", "patient-mobilized", "Ms-Miller")
    code, told = signing.refused("audit", "checkpoint", "--out", str(file))
    assert (code, "is there already" in told) == (5, True)


@pytest.mark.parametrize("name", ["audit", "audit/", "audit.checkpoint/", "audit.txt"])
def test_a_directory_that_is_missing_is_told_of(
    signing: Tracker, tmp_path: Path, name: str
) -> None:
    """Its storage may be missing; nothing is written in its place."""
    before = sorted(tmp_path.iterdir())
    code, told = signing.refused("audit", "checkpoint", "--out", f"{tmp_path}/{name}")
    assert (code, "is not a directory" in told) == (2, True)
    assert f"mkdir {tmp_path}/{name.rstrip('/')}" in told
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_that_is_no_checkpoint_stays(signing: Tracker, tmp_path: Path) -> None:
    """Whatever it is called, it is not written over."""
    (tmp_path / "notes.txt").write_text("mine")
    code, _ = signing.refused("audit", "checkpoint", "--out", str(tmp_path / "notes.txt"))
    assert (code, (tmp_path / "notes.txt").read_text()) == (5, "mine")
