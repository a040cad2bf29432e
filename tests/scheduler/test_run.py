"""`scheduler run`: it ticks until it is told to stop, and then it ends well."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scheduler.conftest import Tracker

COMMAND = [sys.executable, "-c", "from tracker.cli import main; main()"]


def start(home: Path) -> "subprocess.Popen[str]":
    """Start a scheduler in a process of its own."""
    arguments = [*COMMAND, "--home", str(home), "scheduler", "run", "--every", "1"]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_issues_and_stops_when_told(patched: Tracker, number: signal.Signals) -> None:
    """The first tick comes at once; a signal ends it with exit code 0 and no traceback."""
    running = start(patched.home)
    assert running.stdout is not None
    first = running.stdout.readline()
    running.send_signal(number)
    said = running.communicate(timeout=60)
    assert "overdue" in first
    assert (running.returncode, "stopped" in said[1]) == (0, True)
    assert "Traceback" not in said[1]


def test_without_a_database_it_says_so(tmp_path: Path) -> None:
    """It does not go on ticking into nothing."""
    running = start(tmp_path / "nowhere")
    said = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "init" in said[1]
