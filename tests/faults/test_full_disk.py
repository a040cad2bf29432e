"""A disk that fills up: what was acknowledged stays, and the error says what to do."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import full_disk
from tests.faults.program import ROOT
from tracker.appending import Appender
from tracker.service import Service

Recording = Callable[[Service, int], object]
KINDS = (full_disk.record_long_note, full_disk.open_episode)


@pytest.mark.parametrize("what", KINDS)
def test_room_runs_out_anywhere(what: Recording, ward_home: Path, tmp_path: Path) -> None:
    """Wherever in a recording the room runs out, the database stands up and nothing is lost."""
    for pages in range(0, 12, 2):
        assert full_disk.filled(ward_home, tmp_path / str(pages), pages, what) == ""


def test_twin_that_goes_on_is_caught(
    ward_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Going on when there is no room acknowledges what is lost, and it shows."""
    monkeypatch.setattr(Appender, "_write", full_disk.careless)
    found = full_disk.filled(ward_home, tmp_path / "home", 3, full_disk.record_long_note)
    assert "acknowledged and lost" in found


INSIDE = 'mount -t tmpfs -o size=1500k none "$1" && exec "$2" -m tests.faults.small_disk "$1" "$3"'


def on_small_disk(folder: Path, twin: str = "") -> "subprocess.CompletedProcess[str]":
    """Run `small_disk` with a file system of its own mounted on a folder."""
    unshare = shutil.which("unshare") or pytest.skip("there is no unshare")
    command = [unshare, "--user", "--map-root-user", "--mount", "sh", "-c"]
    try_mount = subprocess.run([*command, 'mount -t tmpfs none "$0"', str(folder)], check=False)
    if try_mount.returncode:
        pytest.skip("no file system may be mounted here")
    arguments = [*command, INSIDE, "sh", str(folder), sys.executable, twin]
    return subprocess.run(arguments, capture_output=True, text=True, cwd=ROOT, check=False)


def test_real_disk_fills_up(tmp_path: Path) -> None:
    """On a disk that is really full every command says so, and no acknowledged fact is lost."""
    done = on_small_disk(tmp_path)
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1:] == ["stands up"], done.stdout


def test_real_disk_catches_the_twin(tmp_path: Path) -> None:
    """On a disk that is really full, going on without room shows as well."""
    assert "acknowledged and lost" in on_small_disk(tmp_path, "careless").stdout
