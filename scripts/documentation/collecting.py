"""A pytest plugin: writes what each collected test is marked with to the file of `--marks-to`."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from scripts.documentation.marks import KINDS, Mark, Test


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption("--marks-to", metavar="FILE", help="write the marks of the tests there")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write the marks of all tests."""
    found = [
        (mark, _test(item))
        for item in session.items
        if isinstance(item, pytest.Function)
        for mark in _marks(item)
    ]
    path = Path(str(session.config.getoption("--marks-to")))
    path.write_bytes(msgspec.json.encode(found))


def _test(item: pytest.Function) -> Test:
    file, _, name = item.nodeid.partition("[")[0].partition("::")
    says = inspect.cleandoc(item.function.__doc__ or "").split("\n\n")[0]
    return Test(file, name, " ".join(says.split()))


def _marks(item: pytest.Function) -> Iterator[Mark]:
    for kind in KINDS:
        for mark in item.iter_markers(kind):
            if kind == "leak":
                yield Mark(kind, "")
            elif mark.args and all(isinstance(name, str) for name in mark.args):
                yield from (Mark(kind, name) for name in mark.args)
            else:
                raise pytest.UsageError(f"{item.nodeid}: the mark {kind} needs a name")
