"""The hazard log: every hazard has a cause, a control, and tests that exist and run."""

import ast
import re
import sys
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
def module(file: Path) -> ast.Module:
    """Return a module as it is written; an empty one where there is none."""
    return ast.parse(file.read_text() if file.exists() else "")


def functions(file: Path) -> dict[str, ast.FunctionDef]:
    """Return the functions of a module by name."""
    return {node.name: node for node in module(file).body if isinstance(node, ast.FunctionDef)}


def in_reach(file: Path) -> dict[str, ast.FunctionDef]:
    """Return the functions of a test module, and the fixtures above it that are not hidden."""
    places = [folder / "conftest.py" for folder in file.parents if folder.is_relative_to(ROOT)]
    return {k: v for place in reversed([file, *places]) for k, v in functions(place).items()}


def leaves_out(node: ast.AST) -> bool:
    """Whether code may leave a test out, or let it fail."""
    named = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    return bool(named & {"skip", "skipif", "xfail", "importorskip", "skipTest", "SkipTest"})


def used(node: ast.AST) -> set[str]:
    """Return the names that code uses: what it calls, and the fixtures it asks for."""
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    words = {n.value for n in ast.walk(node) if isinstance(n, ast.Constant)}
    asked = {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
    return names | asked | {word for word in words if isinstance(word, str)}


def reached(test: str, known: dict[str, ast.FunctionDef]) -> set[str]:
    """Return the functions that run with a test: itself, and what it uses in its turn."""
    found, new = set[str](), {test}
    while new:
        found |= new
        new = {name for one in new for name in used(known[one]) if name in known} - found
    return found


def missing(file: str, test: str) -> str | None:
    """Return why a named test shows nothing, None if it does."""
    path = ROOT / file
    if not path.exists():
        return "there is no such file"
    if test not in functions(path):
        return "there is no such test"
    known = in_reach(path)
    other = (ast.FunctionDef, ast.ClassDef)
    plain = [node for node in module(path).body if not isinstance(node, other)]
    fixtures = {name for name, node in known.items() if is_for_all(node)}
    run = set[str]().union(*(reached(one, known) for one in {test} | fixtures))
    if any(map(leaves_out, plain)) or any(leaves_out(known[name]) for name in run):
        return "it may not be run"
    return None


def is_for_all(node: ast.FunctionDef) -> bool:
    """Whether a function is a fixture of every test."""
    return any("autouse=True" in ast.unparse(decorator) for decorator in node.decorator_list)


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


SKIPPING = {
    "a decorator": "@pytest.mark.skipif(True)\ndef test_x(): pass",
    "a mark of the module": "pytestmark = pytest.mark.skip\ndef test_x(): pass",
    "several marks of the module": "pytestmark = [pytest.mark.xfail()]\ndef test_x(): pass",
    "the module itself": "pytest.importorskip('x')\ndef test_x(): pass",
    "its body": "def test_x():\n    shutil.which('x') or pytest.skip('no x')",
    "a function it calls": "def called(): pytest.skip()\ndef test_x(): called()",
    "a fixture": "@pytest.fixture\ndef made(): pytest.skip()\ndef test_x(made): pass",
    "a fixture of a fixture": "def one(): pytest.skip()\ndef two(one): pass\ndef test_x(two): pass",
    "a fixture by name": "def made(): pytest.skip()\n"
    "@pytest.mark.usefixtures('made')\ndef test_x(): pass",
    "a fixture of all": "@pytest.fixture(autouse=True)\ndef made(): pytest.skip()\n"
    "def test_x(): pass",
}


@pytest.mark.parametrize("how", SKIPPING)
def test_a_test_that_may_be_left_out_is_caught(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However it is left out; a skip that it does not reach is none of its."""
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "tests").mkdir()
    file = tmp_path / "tests" / "test_a.py"
    file.write_text(SKIPPING[how])
    assert missing("tests/test_a.py", "test_x") == "it may not be run"
    file.write_text("def test_x(): pass\ndef test_y(): pytest.skip()")
    module.cache_clear()
    assert missing("tests/test_a.py", "test_x") is None


def test_a_skip_in_a_conftest_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fixture may be in a directory above."""
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "tests" / "a").mkdir(parents=True)
    (tmp_path / "tests" / "conftest.py").write_text("def made(): pytest.skip()")
    (tmp_path / "tests" / "a" / "test_b.py").write_text("def test_x(made): pass")
    assert missing("tests/a/test_b.py", "test_x") == "it may not be run"
