"""The independent verifier: one file that needs nothing of the program and knows what it knows."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import verify_audit as independent
from tests.audit.attacks import owned
from tests.audit.records import KEY, Record, make_record
from tracker.access.chain import GENESIS as ACCESS_GENESIS
from tracker.audit.bundle.accompanying import verifier
from tracker.events import EVENT_TYPES
from tracker.store.chain import GENESIS

FILE = Path(independent.__file__)
ALLOWED = {"cryptography", "psycopg"}
"""What it may import beside the standard library."""


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return a small record; it is not to be hurt."""
    return make_record(tmp_path_factory.mktemp("record"), 20)


def run(*arguments: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Run it as an auditor does: isolated from everything that is here."""
    command = [sys.executable, "-I", str(FILE), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


def imported() -> set[str]:
    """Return the top-level packages that it imports, wherever."""
    names = set()
    for node in ast.walk(ast.parse(FILE.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names}


def test_it_imports_nothing_of_the_program() -> None:
    """The standard library, and two packages where they are needed."""
    assert imported() - set(sys.stdlib_module_names) == ALLOWED


def test_it_knows_the_topics() -> None:
    """Its list is the program's; the copy in a bundle goes with the events of its time."""
    assert set(EVENT_TYPES) == independent.TOPICS


def test_it_begins_where_the_chains_begin() -> None:
    """By the rules on its first page."""
    assert (independent.EVENT_GENESIS, independent.ACCESS_GENESIS) == (GENESIS, ACCESS_GENESIS)


def test_a_bundle_gets_this_very_file() -> None:
    """The one that is tested here."""
    assert verifier() == FILE.read_bytes()


def test_it_says_that_a_record_stands(record: Record) -> None:
    """Exit code 0, from the file or from the directory that it is in."""
    for source in (record.home, record.file):
        done = run(str(source))
        assert done.returncode == 0
        assert done.stdout.startswith(
            "Everything that was checked stands up.\nchecked: 20 events, "
        )
        assert "checkpoints: none" in done.stdout


def test_it_names_the_first_bad_position(record: Record, tmp_path: Path) -> None:
    """Exit code 6, in words and as JSON."""
    hurt = record.copied(tmp_path / "home")
    with owned(hurt.file) as db:
        db.execute("DELETE FROM events WHERE position = 5")
    assert "fault: events, position 5: missing" in run(str(hurt.home)).stdout
    done = run(str(hurt.home), "--json")
    (fault,) = json.loads(done.stdout)["faults"]
    assert (done.returncode, fault["position"], fault["code"]) == (6, 5, "missing")


def test_it_compares_with_checkpoints(record: Record, tmp_path: Path) -> None:
    """A directory of them, and the key as text or in a file."""
    hurt = record.copied(tmp_path / "home")
    with owned(hurt.file) as db:
        db.execute("DELETE FROM events WHERE position = 20")
        db.execute("UPDATE sqlite_sequence SET seq = 19 WHERE name = 'events'")
    (tmp_path / "key.pub").write_text(str(KEY.public))
    for key in (str(KEY.public), str(tmp_path / "key.pub")):
        options = ("--checkpoint", str(hurt.outside), "--public-key", key)
        done = run(str(record.home), *options)
        assert (done.returncode, "covers 20 events" in done.stdout) == (0, True)
        assert "position 20: cut off" in run(str(hurt.home), *options).stdout


def test_a_reader_who_has_seen_enough_changes_no_answer(record: Record) -> None:
    """`| head -1` closes the pipe: no traceback, and the exit code is still the answer."""
    command = [sys.executable, "-I", str(FILE), str(record.home)]
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("/nowhere",), 1),
        ((str(FILE),), 1),
        ((str(FILE.parent),), 1),
        (("/nowhere", "--checkpoint", "x"), 2),
        (("/nowhere", "--checkpoint", "x", "--public-key", "y"), 1),
        (("/nowhere", "--checkpoint", "x", "--public-key", sys.executable), 1),
        (("/nowhere", "--checkpoint", "x", "--public-key", "y" * 5000), 1),
        (("/nowhere", "--public-key", str(KEY.public)), 2),
        (("/nowhere", "--checkpoint", str(FILE.parent), "--public-key", str(KEY.public)), 1),
        (("/nowhere", "--from", "0"), 2),
        (("/nowhere", "--to", "0"), 2),
        ((), 2),
    ],
)
def test_what_it_cannot_read_is_told(arguments: tuple[str, ...], code: int) -> None:
    """Exit code 1, or 2 for a mistake; no traceback."""
    done = run(*arguments)
    assert done.returncode == code
    assert done.stderr
    assert "Traceback" not in done.stderr
