"""What reaches a terminal, a spreadsheet or a pipe."""

import csv
import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.cli.conftest import Tracker
from tracker.cli import main
from tracker.cli.render import encode
from tracker.cli.text import csv_cell, visible

HOSTILE = "a\x1b[31mred\x07\u202eevil\u2066\x9b2J\u200bend"
FORBIDDEN = set("\x1b\x07\u202e\u2066\x9b\u200b")


def test_no_control_character_in_an_error(tracker: Tracker) -> None:
    """What a person typed is repeated in an error without its control characters."""
    tracker.ok("init")
    _, told = tracker.refused("show", HOSTILE)
    assert not FORBIDDEN & set(told)


def test_json_keeps_what_it_escapes(tracker: Tracker) -> None:
    """A program that reads the JSON gets the very text that was recorded."""
    tracker.ok("open", "--patient", HOSTILE, "--reference", "case-9", "--time-zone", "UTC")
    assert tracker.json("show", "case-9")["patient"] == HOSTILE


def test_json_escapes_beyond_the_first_plane() -> None:
    """A tag character, which no terminal shows, is escaped as a pair."""
    assert encode("\U000e0041") == b'"\\udb40\\udc41"'
    assert json.loads(encode("\U000e0041")) == "\U000e0041"


def test_visible_leaves_ordinary_text() -> None:
    """Letters of any script stay as they are."""
    assert visible("Größe ελ 漢 🙂") == "Größe ελ 漢 🙂"
    assert visible("a\nb\tc") == "a\\nb\\tc"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@cmd", "\tx"])
def test_csv_cell_is_no_formula(text: str) -> None:
    """A cell that a spreadsheet would run is quoted."""
    assert csv_cell(text) == "'" + text


def test_csv_of_a_formula(tracker: Tracker) -> None:
    """A record number that looks like a formula arrives as text."""
    tracker.ok("open", "--patient", "=HYPERLINK(1)", "--reference", "r", "--time-zone", "UTC")
    rows = list(csv.DictReader(io.StringIO(tracker.ok("worklist", "--format", "csv"))))
    assert rows[0]["patient"] == "'=HYPERLINK(1)"


def test_piped_table_is_never_cut(tracker: Tracker) -> None:
    """A table that is not on a terminal holds the longest text whole on its line."""
    reason = "very long reason " * 60
    tracker.ok("open", "--patient", "P", "--reference", "r", "--time-zone", "UTC")
    tracker.ok("record", "leak-suspected", "r", "--basis", reason.strip())
    assert reason.strip() in tracker.ok("timeline", "r")


def test_no_color(tracker: Tracker) -> None:
    """With NO_COLOR nothing is styled, even where colours are forced."""
    tracker.ok("open", "--patient", "P", "--time-zone", "UTC")
    tracker.environ |= {"NO_COLOR": "1", "FORCE_COLOR": "1"}
    assert "\x1b" not in tracker.ok("worklist")


def test_data_and_talk_are_apart(episode: Tracker) -> None:
    """stdout of a JSON read is JSON alone."""
    result = episode.run("worklist", "--limit", "1", "--format", "json")
    json.loads(result.stdout)


def _raising(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(click.Command, "invoke", broken)
    result = CliRunner().invoke(main, ["schema"])
    return result.exit_code, result.output


def test_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is told of with what to do."""
    code, told = _raising(OSError(errno.ENOSPC, "No space left on device"), monkeypatch)
    assert code == 1
    assert "free some space" in told


def test_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends with 130 and says nothing."""
    code, told = _raising(KeyboardInterrupt(), monkeypatch)
    assert code == 130
    assert told.strip() == ""


def test_broken_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that has gone away is no reason for a complaint."""
    assert _raising(BrokenPipeError(errno.EPIPE, "Broken pipe"), monkeypatch) == (1, "")


def test_fault_of_the_program_has_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error nobody foresaw is one line with its place, and exit code 1."""
    code, told = _raising(ZeroDivisionError("division by zero"), monkeypatch)
    assert code == 1
    assert "the program has a fault: ZeroDivisionError at test_output.py:" in told
    assert "Traceback" not in told


def _process(*words: str, **options: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", "from tracker.cli import main; main()", *words]
    return subprocess.run(command, text=True, check=False, timeout=60, **options)  # type: ignore[call-overload]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_cannot_be_written() -> None:
    """Where the output has no room the process says so and does not end well."""
    with Path("/dev/full").open("w") as full:
        done = _process("schema", stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_reader_that_leaves() -> None:
    """A pipe closed by its reader ends the process without a word."""
    reader, writer = os.pipe()
    os.close(reader)
    done = _process("schema", stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


def test_ascii_terminal() -> None:
    """A terminal that knows ASCII only gets escapes instead of an error."""
    environ = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = _process(
        "schema", "leak-suspected", "--format", "table", env=environ, capture_output=True
    )
    assert done.returncode == 0
    assert "basis" in done.stdout


def test_invalid_utf8_argument() -> None:
    """An argument of bytes that are no text is a usage error."""
    done = _process("find", os.fsdecode(b"\xff"), capture_output=True)
    assert done.returncode == 2
    assert "not valid UTF-8" in done.stderr
