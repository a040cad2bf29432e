"""What the description of the architecture names is there."""

import importlib
import re
from collections.abc import Iterator

from tests.docs.test_links import ROOT

PAGE = ROOT / "docs" / "architecture.md"
CODE = re.compile(r"`([^`]+)`")


def paths(line: str) -> Iterator[str]:
    """Yield the paths that a line names; a bare file is beside the path that it follows."""
    folder = ""
    for name in CODE.findall(line):
        if re.fullmatch(r"(tracker|projections|scripts|docs|tests)/[\w/.*@-]*", name):
            folder = name.rstrip("/") if name.endswith("/") else name.rpartition("/")[0]
            yield name
        elif re.fullmatch(r"[\w*@-]+\.(py|toml)|\w+/([\w*@.-]+)?", name):
            yield f"{folder}/{name}"


def missing_paths(text: str) -> list[str]:
    """Return the paths in a text that lead to nothing."""
    named = [path for line in text.splitlines() for path in paths(line)]
    return [path for path in named if not list(ROOT.glob(path.rstrip("/")))]


def missing_names(text: str) -> list[str]:
    """Return the modules, and what is named in them, that are not there."""
    named = re.findall(r"`((?:tracker|projections)(?:\.\w+)+)`", text)
    return [name for name in named if not resolves(name)]


def resolves(name: str) -> bool:
    """Whether a dotted name is a module or an attribute of one."""
    module, _, attribute = name.rpartition(".")
    try:
        found = importlib.import_module(module)
        return hasattr(found, attribute) or bool(importlib.import_module(name))
    except ImportError:
        return False


def test_every_path_exists() -> None:
    """A file or directory that was moved is moved in the description too."""
    assert missing_paths(PAGE.read_text(encoding="utf-8")) == []


def test_every_module_exists() -> None:
    """So are modules, and what is named in them."""
    assert missing_names(PAGE.read_text(encoding="utf-8")) == []


def test_every_module_of_the_top_is_named() -> None:
    """Nothing stands beside the description."""
    named = {path for line in PAGE.read_text(encoding="utf-8").splitlines() for path in paths(line)}
    there = {f"tracker/{p.name}" for p in (ROOT / "tracker").glob("[a-z]*.py")}
    assert sorted(there - named) == []


def test_what_is_not_there_is_seen() -> None:
    """A path, a file beside it and a module that do not exist are found."""
    assert missing_paths("| `tracker/cli/`, `tracker/nowhere.py`, `none.py` | x |") == [
        "tracker/nowhere.py",
        "tracker/none.py",
    ]
    assert missing_names("`tracker.service`, `tracker.service.Nobody`, `tracker.none`") == [
        "tracker.service.Nobody",
        "tracker.none",
    ]
