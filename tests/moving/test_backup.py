"""A backup holds what was recorded when it began, whatever is recorded meanwhile."""

import os
import shutil
import signal
import stat
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.faults import ward, writers
from tests.faults.apart import apart
from tests.moving.conftest import Tracker, opened
from tracker.errors import RefusedError, StoreError
from tracker.moving.backup import back_up
from tracker.store import sequence
from tracker.store.chain import Link, first_broken
from tracker.store.database import FILE_NAME

pytestmark = pytest.mark.backends("sqlite")

Copy = Callable[[Path, Path], None]


def by_backup(home: Path, file: Path) -> None:
    """Back up, a few pages at a time, so that others write in between."""
    with opened(home) as database:
        back_up(database, file, ward.NOW, lambda _: None, pages=2)


def by_copying_the_file(home: Path, file: Path) -> None:
    """Copy the main file as it lies there."""
    shutil.copy(home / FILE_NAME, file)


def links(home: Path) -> list[Link]:
    """Return the log of a data directory."""
    with opened(home) as database, database.reading() as conn:
        return list(sequence.links(conn))


def while_writing(folder: Path, copy: Copy, copies: int) -> list[str]:
    """Copy so many times while two processes record; return what is wrong with the copies."""
    home = folder / "home"
    ward.make(home)
    with ExitStack() as stack:
        for name in ("carl", "dora"):  # their names let them keep much in the write-ahead log
            process, end = writers.forked(partial(_write, home, name))
            stack.callback(_stop, process, end)
            os.read(end, len(writers.READY) + 1)
            os.set_blocking(end, False)
        made: list[tuple[Path, int]] = []
        while len(made) < copies:
            made.append(_copied(copy, home, folder / f"copy {len(made)}"))
    return [wrong for place in made if (wrong := _wrong(home, place))]


def _write(home: Path, name: str, pipe: writers.Pipe) -> None:
    pipe.say(writers.READY)
    # Nobody listens while it writes: what it says must not fill the pipe.
    writers.write_until_killed(home, name, writers.Pipe(os.open(os.devnull, os.O_WRONLY)), None)


def _stop(process: int, end: int) -> None:
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    os.close(end)


def _copied(copy: Copy, home: Path, place: Path) -> tuple[Path, int]:
    """Return where a copy is, and how far the log was before it was made: it has grown."""
    began = before = len(links(home))
    while before == began:
        before = len(links(home))
    place.mkdir()
    copy(home, place / FILE_NAME)
    return place, before


def _wrong(home: Path, made: tuple[Path, int]) -> str | None:
    place, before = made
    try:
        copied = links(place)
    except StoreError as error:
        return f"it cannot be read: {error}"
    if len(copied) < before:
        return f"{before - len(copied)} events that were recorded before it was made are missing"
    if (broken := first_broken(copied)) is not None:
        return f"its chain breaks: {broken}"
    return None if copied == links(home)[: len(copied)] else "it is no beginning of the log"


def test_backup_while_others_record(tmp_path: Path) -> None:
    """Each is whole, verifies, and is a beginning of the log at least as long as it was."""
    assert apart(while_writing, tmp_path, by_backup, 8) == []


def test_twin_that_copies_the_file_is_caught(tmp_path: Path) -> None:
    """The main file alone lacks what is still in the write-ahead log, or is torn."""
    assert apart(while_writing, tmp_path, by_copying_the_file, 8) != []


def test_the_backup_is_one_file_for_its_owner_alone(patched: Tracker) -> None:
    """Nothing beside it is needed to read it, and others cannot."""
    folder = patched.home.parent / "backups"
    folder.mkdir()
    patched.ok("db", "backup", str(folder / "b.sqlite"))
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_it_says_what_it_holds(patched: Tracker) -> None:
    """Position and hash of the last event, as the log has them."""
    told = patched.json("db", "backup", str(patched.home.parent / "b.sqlite"))
    last = links(patched.home)[-1]
    assert (told["position"], told["head"]) == (last.position, last.hash.hex())
    assert told["taken_at"] == "2026-03-03T09:00:00Z"


def test_a_file_that_is_there_is_never_overwritten(patched: Tracker) -> None:
    """Whatever it is."""
    file = patched.home.parent / "b.sqlite"
    file.write_text("the only backup")
    code, told = patched.refused("db", "backup", str(file))
    assert (code, file.read_text()) == (4, "the only backup")
    assert "never overwritten" in told


def test_a_file_that_appears_meanwhile_is_not_overwritten(patched: Tracker) -> None:
    """Two backups into one name: one of them is refused, and nothing half done is left."""
    file = patched.home.parent / "b.sqlite"
    with opened(patched.home) as database, pytest.raises(RefusedError, match="overwritten"):
        back_up(database, file, ward.NOW, lambda _: file.write_text("another"))
    assert file.read_text() == "another"
    assert [p.name for p in file.parent.glob(".*")] == []


def test_what_fails_leaves_nothing(patched: Tracker) -> None:
    """A backup that could not be finished is not there."""
    file = patched.home.parent / "b.sqlite"

    def fail(_: int) -> None:
        raise OSError("the disk is gone")

    with opened(patched.home) as database, pytest.raises(OSError, match="gone"):
        back_up(database, file, ward.NOW, fail)
    assert [p.name for p in file.parent.iterdir()] == [patched.home.name]


def test_the_config_file_is_said_not_to_be_in_it(patched: Tracker) -> None:
    """Whoever keeps backups must know what else to keep."""
    patched.ok("config", "--set", "site=ward 3")
    done = patched.run("db", "backup", str(patched.home.parent / "b.sqlite"))
    assert "config.toml is not in it" in done.stderr


def test_without_a_directory_it_is_refused(patched: Tracker) -> None:
    """A backup never makes directories: a disk that is not mounted shows."""
    code, told = patched.refused("db", "backup", str(patched.home.parent / "none" / "b.sqlite"))
    assert code == 1
    assert "No such file or directory" in told
