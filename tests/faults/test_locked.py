"""A database that somebody else holds: we wait, then say who it is."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.program import invoke, tracker
from tracker.cli import looks
from tracker.errors import StoreError
from tracker.store import sqlite
from tracker.store.database import FILE_NAME

HOLD = """
import sqlite3, sys
conn = sqlite3.connect(sys.argv[1], isolation_level=None)
conn.execute(sys.argv[2])
print("held", flush=True)
sys.stdin.read()
conn.execute("ROLLBACK")
"""
RECORD = ("record", "patient-mobilized", "ref o1")


@pytest.fixture
def holder(home: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run another process that holds the write lock until its input ends."""
    command = [sys.executable, "-c", HOLD, str(home / FILE_NAME), "BEGIN IMMEDIATE"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        assert process.stdin is not None
        process.stdin.close()


def test_names_who_holds_the_lock(
    home: Path, holder: "subprocess.Popen[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """After waiting, the error names the process that holds the database, and nothing is lost."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.2)
    done = invoke(home, *RECORD)
    assert done.code == 1
    assert "locked" in done.err
    assert f"process {holder.pid}" in done.err


def test_does_not_name_itself(
    home: Path, holder: "subprocess.Popen[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that waits is not among those named."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    assert str(os.getpid()) not in invoke(home, *RECORD).err.replace(str(home), "")


def let_go_soon(holder: "subprocess.Popen[str]") -> None:
    """Make the holder let go of the lock a little later."""
    assert holder.stdin is not None
    threading.Timer(0.3, holder.stdin.close).start()


def test_waits_for_the_lock(home: Path, holder: "subprocess.Popen[str]") -> None:
    """Somebody who writes for a moment holds nobody up for longer."""
    let_go_soon(holder)
    assert invoke(home, *RECORD).code == 0


def test_twin_that_does_not_wait_is_caught(
    home: Path, holder: "subprocess.Popen[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a busy timeout the same recording fails."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.0)
    let_go_soon(holder)
    assert invoke(home, *RECORD).code == 1


def test_reads_of_nobody_while_locked(home: Path, holder: "subprocess.Popen[str]") -> None:
    """Whoever looks at nobody does not wait for whoever writes."""
    assert tracker(home, "projections", "status").code == 0


LOOKS = (("worklist",), ("show", "ref o1"), ("find", "ref"))


@pytest.mark.parametrize("command", LOOKS, ids=" ".join)
def test_a_look_waits_for_the_lock(
    command: tuple[str, ...],
    home: Path,
    holder: "subprocess.Popen[str]",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A look is recorded when whoever writes is done, and it is said what is waited for."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.01)
    waiting = looks.waiting

    def let_go(error: StoreError) -> None:
        waiting(error)
        holder.communicate()

    monkeypatch.setattr(looks, "waiting", let_go)
    done = invoke(home, *command)
    assert done.code == 0
    assert f"Waiting to record the look: the database in {home} is locked" in done.err


@pytest.mark.parametrize("command", LOOKS, ids=" ".join)
def test_a_look_that_waits_in_vain(
    command: tuple[str, ...],
    home: Path,
    holder: "subprocess.Popen[str]",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What cannot be recorded is not shown, and it is said who holds the database."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.01)
    done = invoke(home, *command)
    assert (done.code, done.out) == (1, "")
    assert "nothing is shown" in done.err
    assert f"process {holder.pid}" in done.err


def test_lock_on_everything(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database held for itself alone by another program is told of as well, reading included."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.2)
    conn = sqlite3.connect(home / FILE_NAME, isolation_level=None)
    conn.execute("PRAGMA locking_mode=EXCLUSIVE")
    conn.execute("BEGIN IMMEDIATE")
    done = invoke(home, "worklist")
    conn.close()
    assert done.code == 1
    assert "locked" in done.err
