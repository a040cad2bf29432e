"""The hazard log: every hazard has a cause, a control, and tests that exist and run."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
LOG = ROOT / "docs" / "safety" / "hazard-log.md"


class Hazard(NamedTuple):
    """One hazard as it is written down."""

    title: str
    text: str

    @property
    def tests(self) -> list[tuple[str, str]]:
        """File and function of each test that it names."""
        return re.findall(r"^- `(tests/[\w/]+\.py)::(\w+)`$", self.text, re.MULTILINE)


def hazards(text: str) -> list[Hazard]:
    """Return the hazards of a log."""
    parts = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    return [Hazard(*part.split("\n", 1)) for part in parts]


@cache
def functions(file: str) -> dict[str, list[str]]:
    """Return the functions of a test module with the source of their decorators."""
    tree = ast.parse((ROOT / file).read_text())
    return {
        node.name: [ast.unparse(decorator) for decorator in node.decorator_list]
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }


def missing(file: str, test: str) -> str | None:
    """Return why a named test shows nothing, None if it does."""
    if not (ROOT / file).exists():
        return "there is no such file"
    if test not in functions(file):
        return "there is no such test"
    if any("skip" in decorator or "xfail" in decorator for decorator in functions(file)[test]):
        return "it may not be run"
    return None


HAZARDS = hazards(LOG.read_text())


@pytest.mark.parametrize("hazard", HAZARDS, ids=[h.title.split()[0] for h in HAZARDS])
def test_every_named_test_is_run(hazard: Hazard) -> None:
    """Each hazard names tests, and each of them is there and is not left out."""
    assert hazard.tests
    assert {
        f"{file}::{test}": why for file, test in hazard.tests if (why := missing(file, test))
    } == {}


@pytest.mark.parametrize("hazard", HAZARDS, ids=[h.title.split()[0] for h in HAZARDS])
def test_every_hazard_has_a_cause_and_a_control(hazard: Hazard) -> None:
    """Each hazard says how it comes about and what is done against it."""
    for part in ("Cause: ", "Control: ", "Shown by:"):
        assert f"\n{part}" in hazard.text


def test_the_hazards_are_numbered() -> None:
    """Numbers run from H01 without a gap, so that others can cite them."""
    numbers = [hazard.title.split()[0] for hazard in HAZARDS]
    assert numbers == [f"H{number:02}" for number in range(1, len(HAZARDS) + 1)]


def test_every_line_of_tests_is_understood() -> None:
    """No line names a test in a form that is not checked."""
    lines = re.findall(r"^- .*$", LOG.read_text(), re.MULTILINE)
    assert len(lines) == sum(len(hazard.tests) for hazard in HAZARDS)


@pytest.mark.parametrize(
    ("file", "test"),
    [
        ("tests/docs/test_nothing.py", "test_x"),
        ("tests/docs/test_hazards.py", "test_that_nobody_wrote"),
    ],
)
def test_twin_that_names_nothing_is_caught(file: str, test: str) -> None:
    """A name of no test is found out."""
    assert missing(file, test)
