"""Files appear whole and never in the place of another, on every kind of disk."""

import errno
import os
from pathlib import Path
from typing import NoReturn

import pytest

from tracker.errors import RefusedError
from tracker.moving.files import appearing


@pytest.fixture
def without_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that knows no hard links, as memory sticks and some network disks."""

    def refuse(*_: object) -> NoReturn:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)


@pytest.mark.usefixtures("without_links")
def test_a_disk_without_links_will_do(tmp_path: Path) -> None:
    """The file is renamed then."""
    with appearing(tmp_path / "b") as new:
        new.write_text("all")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("b", "all")]


@pytest.mark.usefixtures("without_links")
def test_there_too_nothing_is_overwritten(tmp_path: Path) -> None:
    """A name that was taken meanwhile is refused."""
    with pytest.raises(RefusedError), appearing(tmp_path / "b"):
        (tmp_path / "b").write_text("another")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("b", "another")]


def test_a_link_that_leads_nowhere_is_a_name_that_is_taken(tmp_path: Path) -> None:
    """Else the file would appear where nobody looks for it."""
    (tmp_path / "b").symlink_to(tmp_path / "gone")
    with pytest.raises(RefusedError), appearing(tmp_path / "b"):
        pass
