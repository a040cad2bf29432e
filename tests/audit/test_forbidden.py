"""What may not be read is said to be so: it is neither empty nor a reason for a traceback."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts import verify_audit as independent
from tests.audit.records import KEY
from tracker.audit import kept
from tracker.errors import StoreError

NOBODY = 65534


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be somebody to whom modes apply."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def closed() -> Iterator[Path]:
    """Return a directory that holds a checkpoint and may not be read."""
    with tempfile.TemporaryDirectory() as above:  # pytest's own lets nobody else pass
        Path(above).chmod(0o755)
        folder = Path(above) / "closed"
        folder.mkdir()
        (folder / "a.checkpoint").write_text("x")
        folder.chmod(0)
        yield folder
        folder.chmod(0o700)


def test_a_directory_that_may_not_be_read_is_told(
    closed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the record, or as the place of its checkpoints: exit code 1, and why."""
    options = ["--checkpoint", str(closed), "--public-key", str(KEY.public)]
    with as_nobody():
        for arguments in ([str(closed)], [str(closed.parent), *options]):
            assert independent.main(arguments) == 1
            said = capsys.readouterr().err
            assert ("Permission denied" in said, "holds no" in said) == (True, False)


def test_the_program_tells_it_too(closed: Path) -> None:
    """It does not say that the directory holds no checkpoint."""
    with as_nobody(), pytest.raises(StoreError, match="cannot be read: Permission denied"):
        kept.named([str(closed)])


def test_a_name_that_no_file_can_have_is_told() -> None:
    """By the system, and without a traceback."""
    command = [sys.executable, "-I", independent.__file__, "x" * 5000]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "Cannot verify" in done.stderr) == (1, True)
    assert "Traceback" not in done.stderr
