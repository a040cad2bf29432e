"""Which test holds what: the marks of the tests, as pytest collects them without running any."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

KINDS = ("rule", "reminder", "stage", "leak", "event")
"""Marks that say what a test holds; `leak` names nothing, for there is one leak state."""

_MARKED = re.compile(rf"\bmark\.(?:{'|'.join(KINDS)})\b")
_PROJECT = Path(__file__).resolve().parents[2]


class Test(msgspec.Struct, frozen=True, order=True):
    """A test function, where it is and the sentence that it holds."""

    __test__ = False

    file: str
    name: str
    says: str


class Mark(msgspec.Struct, frozen=True, order=True):
    """What a test is marked with; `name` is empty for a mark without a name."""

    kind: str
    name: str


class MarkError(Exception):
    """The tests cannot be collected, or a mark does not say what it means."""


Marked = dict[Mark, list[Test]]


def read(root: Path) -> Marked:
    """Return the tests below `root`/tests by what they are marked with, both sorted.

    Raises MarkError with what pytest says when it cannot collect them.
    """
    files = [
        path.relative_to(root).as_posix()
        for path in sorted((root / "tests").rglob("test_*.py"))
        if _MARKED.search(path.read_text(encoding="utf-8"))
    ]
    found: dict[Mark, set[Test]] = {}
    for mark, test in _collected(root, files) if files else ():
        found.setdefault(mark, set()).add(test)
    return {mark: sorted(found[mark]) for mark in sorted(found)}


def _collected(root: Path, files: list[str]) -> list[tuple[Mark, Test]]:
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "marks.json"
        plugins = ["-p", "scripts.documentation.collecting", "-p", "no:cacheprovider"]
        options = ["--collect-only", "-qq", f"--rootdir={root}", f"--marks-to={answer}"]
        done = subprocess.run(  # a process of its own: collecting imports every test
            [sys.executable, "-m", "pytest", *plugins, *options, *files],
            cwd=root,
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise MarkError(f"the tests cannot be collected:\n{done.stdout}{done.stderr}")
        return msgspec.json.decode(answer.read_bytes(), type=list[tuple[Mark, Test]])


def _environment() -> dict[str, str]:
    """Return the environment without what a test run that we may be part of has set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return {**kept, "PYTHONPATH": str(_PROJECT)}
