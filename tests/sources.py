"""The program's own source, to be looked at by tests."""

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("tracker", "projections")


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield every module of the program: its path, and its syntax tree."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.AST, names: Collection[str]) -> Iterator[ast.Call]:
    """Yield the calls of some functions, each named by as much of its name as is needed."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = f".{ast.unparse(node.func)}"
            if any(called.endswith(f".{name}") for name in names):
                yield node
