"""The page for auditors names every code that a verification may give."""

import re
from pathlib import Path

from tracker.audit.diagnosis import _QUESTIONS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "audit.md"
GIVEN = re.compile(
    r'(?:Fault\(\s*[^()]*?,\s*[^()]*?,\s*|_fault\(\s*|yield )"([a-z]+(?:-[a-z]+)*)"', re.DOTALL
)
"""A code where a fault is made of it."""


def given() -> set[str]:
    """Return the codes of faults and remarks in the sources."""
    files = [*(ROOT / "tracker" / "audit").rglob("*.py")]
    found = {code for file in files for code in GIVEN.findall(file.read_text())}
    return found | set(_QUESTIONS)


def named(page: str) -> set[str]:
    """Return the codes in the first columns of the tables of a page."""
    cells = re.findall(r"^\| (`[^|]+`) \|", page, re.MULTILINE)
    return {code for cell in cells for code in re.findall(r"`([a-z-]+)`", cell)}


def test_every_code_is_explained() -> None:
    """An auditor who reads a code in JSON finds what it means."""
    assert {"truncated", "event-id", "unproven", "file", "gap"} <= given()
    assert given() - named(PAGE.read_text()) == set()


def test_twin_a_code_that_is_not_explained_is_found() -> None:
    """A page without it does not pass."""
    page = PAGE.read_text().replace("`gap`", "")
    assert given() - named(page) == {"gap"}
