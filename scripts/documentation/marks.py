"""Which test holds what, read from the marks in the test files without running them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

KINDS = ("rule", "reminder", "stage", "leak", "event")
"""Marks that say what a test holds; `leak` names nothing, for there is one leak state."""


@dataclass(frozen=True, order=True)
class Test:
    """A test function, where it is and the sentence that it holds."""

    __test__ = False

    file: str
    name: str
    says: str


@dataclass(frozen=True, order=True)
class Mark:
    """What a test is marked with; `name` is empty for a mark without a name."""

    kind: str
    name: str


class MarkError(Exception):
    """A mark cannot be read: what it names is not written out."""


Marked = dict[Mark, list[Test]]


def read(root: Path) -> Marked:
    """Return the tests below `root`/tests by what they are marked with, both sorted.

    Raises MarkError naming file and line of a mark whose name is not written out.
    """
    found: dict[Mark, set[Test]] = {}
    for path in sorted((root / "tests").rglob("test_*.py")):
        name = path.relative_to(root).as_posix()
        module = ast.parse(path.read_text(encoding="utf-8"), name)
        for mark, test in _in_body(module, name, set(), ""):
            found.setdefault(mark, set()).add(test)
    return {mark: sorted(tests) for mark, tests in sorted(found.items())}


def _in_body(
    parent: ast.Module | ast.ClassDef, file: str, marks: set[Mark], prefix: str
) -> Iterator[tuple[Mark, Test]]:
    marks = marks | _own(parent, file)
    for node in parent.body:
        if isinstance(node, ast.ClassDef):
            below = marks | _written(node.decorator_list, file)
            yield from _in_body(node, file, below, f"{prefix}{node.name}::")
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            says = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
            test = Test(file, prefix + node.name, says)
            for mark in sorted(marks | _written(node.decorator_list, file)):
                yield mark, test


def _own(parent: ast.Module | ast.ClassDef, file: str) -> set[Mark]:
    """Return the marks of `pytestmark`, which hold for everything in a module or class."""
    values = [
        node.value
        for node in parent.body
        if isinstance(node, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)
    ]
    return _written(values, file)


def _written(expressions: list[ast.expr], file: str) -> set[Mark]:
    """Return every mark in expressions, those of single parameters included."""
    marks: set[Mark] = set()
    for expression in expressions:
        for node in ast.walk(expression):
            if isinstance(node, ast.Call) and (kind := _kind(node.func)) not in (None, "leak"):
                marks |= {Mark(str(kind), name) for name in _names(node, file)}
            elif isinstance(node, ast.Attribute) and _kind(node) == "leak":
                marks.add(Mark("leak", ""))
    return marks


def _kind(node: ast.expr) -> str | None:
    """Return the kind of `pytest.mark.<kind>`, None if the expression is something else."""
    if not (isinstance(node, ast.Attribute) and node.attr in KINDS):
        return None
    return node.attr if ast.unparse(node.value) in ("pytest.mark", "mark") else None


def _names(call: ast.Call, file: str) -> list[str]:
    names = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    if not names or len(names) != len(call.args):
        raise MarkError(f"{file}:{call.lineno}: {ast.unparse(call)} does not write its name out")
    return names
