"""Homes that cannot be written, are something else, or hold something else."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.program import Answer, bound_by_modes, crash, invoke, refused, tracker
from tracker.store.database import FILE_NAME

RECORD = ("record", "patient-mobilized", "ref o1")
OPEN = ("open", "--patient", "P-9", "--time-zone", "UTC")
EVERY = (
    ("init",),
    OPEN,
    RECORD,
    ("worklist", "--format", "json"),
    ("worklist",),
    ("show", "ref o1", "--format", "json"),
    ("timeline", "ref o1"),
    ("find", "P"),
    ("stats",),
    ("doctor",),
    ("projections", "status"),
    ("projections", "rebuild"),
    ("scheduler", "tick"),
    ("export", "--all"),
)


def test_home_without_write_permission(home: Path) -> None:
    """A home that cannot be written is told of, with what to check."""
    (home / FILE_NAME).chmod(0o400)
    home.chmod(0o500)
    assert refused(tracker(home, *RECORD, preexec_fn=bound_by_modes), "cannot be", "check")


def test_file_without_write_permission(home: Path) -> None:
    """A database file that cannot be written is told of, with what to check."""
    (home / FILE_NAME).chmod(0o400)
    assert refused(tracker(home, *RECORD, preexec_fn=bound_by_modes), "read-only", "check")


def test_home_that_cannot_be_entered(home: Path) -> None:
    """A home that its user may not enter is told of by each command."""
    home.chmod(0o000)
    told = [tracker(home, *command, preexec_fn=bound_by_modes) for command in EVERY[::4]]
    assert [crash(answer, [1]) for answer in told] == [None] * len(told)


def test_home_below_a_directory_without_write_permission(home: Path) -> None:
    """A home that cannot be made is told of, with what to do."""
    home.chmod(0o500)
    answer = tracker(home / "new", *OPEN, preexec_fn=bound_by_modes)
    assert refused(answer, "cannot hold a tracker", "--home")


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_home_that_is_a_file(command: tuple[str, ...], tmp_path: Path) -> None:
    """A home that is a file is refused by every command, and the file is left alone."""
    home = tmp_path / "home"
    home.write_text("notes")
    assert crash(invoke(home, *command), [1]) is None
    assert home.read_text() == "notes"


def test_database_that_is_a_directory(home: Path) -> None:
    """A directory in the place of the database file is refused by every command."""
    (home / FILE_NAME).unlink()
    (home / FILE_NAME).mkdir()
    told = [invoke(home, *command) for command in EVERY]
    assert [crash(answer, [1]) for answer in told] == [None] * len(told)


def test_home_without_tables(home: Path) -> None:
    """An empty file in the place of the database leads to `init`, not to an empty worklist."""
    (home / FILE_NAME).write_bytes(b"")
    assert refused(tracker(home, "worklist"), "no tables", "init")


def make_newer(home: Path) -> None:
    """Mark the tables of a home as made by a version to come."""
    with closing(sqlite3.connect(home / FILE_NAME)) as conn, conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_home_of_a_newer_version(command: tuple[str, ...], home: Path) -> None:
    """A home that a newer version wrote is refused by every command, and left as it is."""
    make_newer(home)
    before = (home / FILE_NAME).read_bytes()
    answer = invoke(home, *command)
    assert crash(answer, [1]) is None
    assert "newer version" in answer.err + answer.out
    assert (home / FILE_NAME).read_bytes() == before


@pytest.mark.parametrize(
    "answer",
    [
        Answer(1, "", "Traceback (most recent call last):\n  ..."),
        Answer(1, "", "Error: the program has a fault: KeyError"),
        Answer(1, "", ""),
        Answer(70, "", "Error: what now"),
        Answer(0, "", "x.py:1: UserWarning: odd"),
    ],
)
def test_twin_that_crashes_is_caught(answer: Answer) -> None:
    """A traceback, a fault, silence, another exit code or a stray warning is seen as a crash."""
    assert crash(answer)
