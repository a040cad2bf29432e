"""The program as people run it: a process with arguments, streams, a user and signals."""

import ctypes
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner

from tests.faults.ward import clock
from tracker.cli import main

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-c", "from tracker.cli import main; main()")
_DROP_CAPABILITY = 24
_PASS_OVER_MODES = (1, 2)
CRASHES = ("Traceback (most recent call last)", "the program has a fault", "Warning:")
CODES = frozenset({0, 1, 2, 3, 4, 5, 6, 130, 143})


class Answer(NamedTuple):
    """What a run of the program said, and how it ended."""

    code: int
    out: str
    err: str


def start(
    home: Path, *arguments: str | bytes, command: Sequence[str] = COMMAND, **options: Any
) -> "subprocess.Popen[bytes]":
    """Start the program, or another `command`, on a home; `options` go to Popen."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("TRACKER_")}
    environ |= {"TRACKER_HOME": str(home), "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen([*command, *arguments], env=environ, cwd="/", **(streams | options))


def finish(process: "subprocess.Popen[bytes]", told: bytes = b"", seconds: float = 60) -> Answer:
    """Give the program its input and wait for its end."""
    out, err = process.communicate(told, timeout=seconds)
    return Answer(process.returncode, *((s or b"").decode() for s in (out, err)))


def tracker(home: Path, *arguments: str | bytes, told: bytes = b"", **options: Any) -> Answer:
    """Run the program on a home to its end."""
    return finish(start(home, *arguments, **options), told)


def invoke(home: Path, *arguments: str, told: bytes = b"") -> Answer:
    """Run the program in this process: quicker, and what is patched here is patched there."""
    vector = ["--home", str(home), *arguments]
    result = CliRunner().invoke(main, vector, input=told, obj=clock)
    return Answer(result.exit_code, result.stdout, result.stderr)


def bound_by_modes() -> None:
    """Take from a process about to start what lets the superuser pass over file modes."""
    for capability in _PASS_OVER_MODES:
        ctypes.CDLL(None).prctl(_DROP_CAPABILITY, capability, 0, 0, 0)


def crash(answer: Answer, codes: Sequence[int] = tuple(CODES)) -> str | None:
    """Return what shows that the program did not know what to do, None if it did."""
    for word in CRASHES:
        if word in answer.err or word in answer.out:
            return answer.err or answer.out
    if answer.code not in codes:
        return f"exit code {answer.code}: {answer.err}"
    if answer.code in (1, 2) and not (answer.err + answer.out).strip():
        return f"exit code {answer.code} without a word"
    return None


def refused(answer: Answer, *words: str, code: int = 1) -> bool:
    """Whether the program ended with a code and told all of these words, and no traceback."""
    told = answer.err.lower()
    return crash(answer, [code]) is None and all(word.lower() in told for word in words)
