"""Streams that end, are closed or take nothing: no traceback, and what was recorded stays."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.faults import ward
from tests.faults.program import Answer, crash, finish, start, tracker

READS = (
    ("worklist",),
    ("worklist", "--format", "csv"),
    ("show", "ref o1", "--format", "json"),
    ("timeline", "ref o1"),
    ("schema",),
    ("find", "P"),
    ("--help",),
    ("record", "--help"),
)


@pytest.mark.parametrize("command", READS, ids=" ".join)
def test_reader_that_goes_away(command: tuple[str, ...], home: Path) -> None:
    """A pipe whose reader has gone ends the program with a code and not a word."""
    process = start(home, *command)
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    answer = finish(process)
    assert answer.code in (0, 1)
    assert answer.err == ""


def test_head_of_a_long_list(tmp_path: Path) -> None:
    """`tracker worklist | head -1` gives one line and nothing on stderr."""
    ward.make(tmp_path / "home", 60)
    listing = start(tmp_path / "home", "worklist", "--format", "ndjson", "--limit", "10000")
    head = subprocess.run(["head", "-1"], stdin=listing.stdout, capture_output=True, check=True)
    assert listing.stdout is not None
    listing.stdout.close()
    listing.stdout = None
    assert head.stdout.count(b"\n") == 1
    assert finish(listing).err == ""


@pytest.mark.parametrize("command", READS, ids=" ".join)
def test_output_that_is_full(command: tuple[str, ...], home: Path) -> None:
    """Output that the disk does not take is an error in words."""
    with Path("/dev/full").open("wb") as full:
        answer = tracker(home, *command, stdout=full)
    assert crash(answer, [1]) is None
    assert "space" in answer.err


def test_recorded_although_the_answer_was_not_taken(home: Path) -> None:
    """What was recorded stays when its answer cannot be written, and the code tells of that."""
    with Path("/dev/full").open("wb") as full:
        answer = tracker(home, "record", "patient-mobilized", "ref o1", "--id", "m1", stdout=full)
    assert answer.code == 1
    assert "space" in answer.err
    assert "m1" in tracker(home, "timeline", "ref o1", "--format", "json").out


def closed(home: Path, stream: int, *command: str) -> Answer:
    """Run the program without one of its standard streams."""
    return tracker(home, *command, preexec_fn=lambda: os.close(stream))


@pytest.mark.parametrize("stream", [0, 1, 2])
@pytest.mark.parametrize("command", READS, ids=" ".join)
def test_closed_stream(command: tuple[str, ...], stream: int, home: Path) -> None:
    """A standard stream that is closed from the start brings no traceback."""
    answer = closed(home, stream, *command)
    assert answer.code in (0, 1)
    assert "Traceback" not in answer.err + answer.out


def test_nothing_is_written_into_the_database(home: Path) -> None:
    """With the standard streams closed, the database's file does not take their place."""
    for stream in (0, 1, 2):
        closed(home, stream, "record", "patient-mobilized", "ref o1", "--format", "json")
    assert tracker(home, "timeline", "ref o1", "--format", "ndjson").out.count("mobilized") >= 2
    assert tracker(home, "projections", "rebuild", "--verify").code == 0


def test_stderr_that_is_full(home: Path) -> None:
    """When not even the error can be told, the exit code still tells."""
    with Path("/dev/full").open("wb") as full:
        assert tracker(home, "show", "nobody", stderr=full).code in (1, 3)


def test_twin_that_ignores_its_output_is_caught(home: Path) -> None:
    """A program that does not look whether its output was taken ends with 0: the check sees it."""
    careless = "import sys; sys.stdout.write('x'); sys.stdout.close"
    with Path("/dev/full").open("wb") as full:
        answer = tracker(home, "--version", stdout=full)
        twin = subprocess.run(["sh", "-c", "echo x >&1 || true"], stdout=full, check=False)
    assert answer.code == 1
    assert crash(Answer(twin.returncode, "", careless), [1])
