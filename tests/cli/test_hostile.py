"""Hostile text in every field of every event, by every command, in every format."""

import csv
import io
import json
import re
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.access import lines, planted
from tests.cli import poison
from tests.cli.poison import POISON, unsafe
from tracker import escapes
from tracker.cli import encoding, text
from tracker.cli.text import csv_cell, visible

FORMATS = ("table", "json", "ndjson", "csv")
TOLD = (lines.SHOWING, lines.WRITING, lines.SILENT)
LINES = {name: (*name.split(), *line) for told in TOLD for name, line in told.items()} | lines.MORE
"""A line for every command."""
OF_THE_POISONED = ("show", "next", "timeline", "explain", "audit replay", "export", "audit access")
"""What is asked of an episode whose very name is poisoned."""
FORMULA = re.compile(r"[\s'\"]*[=+\-@＝＋－＠]")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A poisoned home, and the name of the poisoned episode in it."""
    home = tmp_path_factory.mktemp("poisoned") / "home"
    return home, poison.plant(home)


def answers(template: tuple[Path, str], line: tuple[str, ...], fmt: str) -> str:
    """Run a command line on a fresh copy of the home; return stdout and stderr."""
    home, _ = template
    copy = home.parent / "copy"
    shutil.copytree(home, copy)
    try:
        words = [planted.filled(word, home) for word in line]
        result = planted.run(copy, *words, "--format", fmt)
        if "no such option: --format" in result.output:
            result = planted.run(copy, *words)
    finally:
        shutil.rmtree(copy)
    assert "the program has a fault" not in result.output, result.output
    return result.output


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("name", LINES)
def test_nothing_that_a_terminal_obeys(template: tuple[Path, str], name: str, fmt: str) -> None:
    """No control, format or bidi character comes out as it is, also not in an error."""
    assert unsafe(answers(template, LINES[name], fmt)) == set()


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("name", OF_THE_POISONED)
def test_an_episode_with_a_poisoned_name(template: tuple[Path, str], name: str, fmt: str) -> None:
    """A reference that a terminal would obey is shown, and not obeyed."""
    shown = answers(template, (*name.split(), template[1]), fmt)
    assert unsafe(shown) == set()
    assert "=1+1|" in shown


@pytest.mark.parametrize("words", [("find", POISON), ("show", POISON), ("stats", POISON)])
def test_what_is_typed(template: tuple[Path, str], words: tuple[str, ...]) -> None:
    """What a person typed comes back as harmless as what is stored."""
    assert unsafe(answers(template, words, "table")) == set()


@pytest.mark.parametrize("fmt", ["table", "json", "csv"])
def test_the_twin_that_writes_text_as_it_is(
    template: tuple[Path, str], fmt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the escapes all of it reaches the terminal."""
    for module in ("tables", "render", "timeline"):
        monkeypatch.setattr(f"tracker.cli.{module}.visible", str, raising=False)
    monkeypatch.setattr(escapes, "OBEYED", re.compile("(?!)"))
    assert len(unsafe(answers(template, ("timeline", planted.FIRST), fmt))) > 10


def cells(document: str) -> Iterator[str]:
    """Yield the cells of a CSV document."""
    for row in csv.reader(io.StringIO(document)):
        yield from row


@pytest.mark.parametrize("name", LINES)
def test_no_cell_is_a_formula(template: tuple[Path, str], name: str) -> None:
    """No spreadsheet runs what somebody typed."""
    if "--format" not in answers(template, (*LINES[name], "--help"), "csv"):
        return
    found = [cell for cell in cells(answers(template, LINES[name], "csv")) if FORMULA.match(cell)]
    assert [cell for cell in found if not cell.startswith("'")] == []


def test_the_twin_that_quotes_no_formula(
    template: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the quotes there are formulas."""
    monkeypatch.setattr(text, "_FORMULA", re.compile("(?!)"))
    shown = answers(template, ("timeline", planted.FIRST), "csv")
    assert any(FORMULA.match(cell) and not cell.startswith("'") for cell in cells(shown))


@given(st.text())
def test_any_text_is_made_visible(given: str) -> None:
    """Nothing unsafe is left, and what is safe stays."""
    shown = visible(given)
    assert not unsafe(shown) | {ch for ch in shown if unicodedata.category(ch) == "Cs"}
    if not unsafe(given):
        assert shown == given.replace("\n", "\\n")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_in_json_is_safe_and_comes_back(given: str) -> None:
    """A terminal obeys nothing in it, and a program reads the very text."""
    encoded = encoding.encode(given).decode()
    assert unsafe(encoded) == set()
    assert json.loads(encoded) == given


@given(st.text("=+-@＝＋－＠ \t\r\n'\"a1\u00a0\u2003"))
def test_any_cell_that_begins_a_formula_is_quoted(given: str) -> None:
    """Whatever stands before the sign, and whatever sign it is."""
    cell = csv_cell(given)
    assert isinstance(cell, str)
    assert cell in (given, "'" + given)
    assert (cell != given) == bool(FORMULA.match(given) or given.startswith(("\t", "\r")))
