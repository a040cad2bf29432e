"""The check of the documents finds statements, rules and names that nothing holds."""

from pathlib import Path

import msgspec
import pytest

from scripts.documentation import coverage, documents, guideline
from scripts.documentation.guideline import Guideline
from scripts.documentation.marks import Mark, Test
from tracker.pathway import Protocol, builtin_protocol

ROOT = Path(__file__).parents[2]
TEST = Test("tests/test_it.py", "test_it", "It holds.")


@pytest.fixture(scope="module")
def listed() -> Guideline:
    """The list of statements."""
    return guideline.read(ROOT / "docs" / "guideline.toml")


def untested(listed: Guideline, *marks: Mark) -> list[str]:
    """Return what has no test when only these marks are there."""
    found = coverage.problems(listed, builtin_protocol(), {mark: [TEST] for mark in marks})
    return [line for line in found if line.startswith("no test")]


def changed(listed: Guideline, line: int, **changes: object) -> list[str]:
    """Return the problems of the list with the statements of one line changed."""
    statements = tuple(
        msgspec.structs.replace(s, **changes) if s.line == line else s for s in listed.statement
    )
    return faults(msgspec.structs.replace(listed, statement=statements))


def faults(listed: Guideline, protocol: Protocol | None = None) -> list[str]:
    """Return the problems that are not about tests."""
    found = coverage.problems(listed, protocol or builtin_protocol(), {})
    return [line for line in found if not line.startswith("no test")]


def test_nothing_is_missing_in_the_list(listed: Guideline) -> None:
    """Every line that says something is listed, and every name in the list is something."""
    assert faults(listed) == []


def test_everything_is_held_by_a_test() -> None:
    """Every rule, kind of reminder and stage has a test that is marked with it."""
    assert documents.problems(documents.read(ROOT)) == []


@pytest.mark.parametrize(
    ("kind", "name"),
    [("rule", "patch-delayed"), ("reminder", "early-review"), ("stage", "rebound"), ("leak", "")],
)
def test_what_no_test_holds_is_named(listed: Guideline, kind: str, name: str) -> None:
    """Without a marked test it is named, with one it is not."""
    expected = f"no test holds the {kind} {name}".replace("leak ", "leak state")
    assert any(line.startswith(expected) for line in untested(listed))
    assert not any(line.startswith(expected) for line in untested(listed, Mark(kind, name)))


def test_a_test_of_something_unknown_is_named(listed: Guideline) -> None:
    """A mark that names no rule is found."""
    found = coverage.problems(listed, builtin_protocol(), {Mark("rule", "no-such"): [TEST]})
    assert "tests/test_it.py: test_it holds an unknown rule: no-such" in found


def test_a_line_without_a_statement_is_named(listed: Guideline) -> None:
    """A line that says something and is not listed is found."""
    left = tuple(s for s in listed.statement if s.line != 121)
    found = faults(msgspec.structs.replace(listed, statement=left))
    assert "docs/guideline.toml: L121 has no statement" in found


def test_an_unknown_name_is_named(listed: Guideline) -> None:
    """A statement that names a rule that does not exist is found."""
    found = changed(listed, 44, rules=("patch-delaid",))
    assert "docs/guideline.toml: L44 names an unknown rule: patch-delaid" in found


def test_a_statement_that_nothing_holds_has_to_say_why(listed: Guideline) -> None:
    """A statement with neither a holder nor a reason is found."""
    found = changed(listed, 57, because=None)
    assert "docs/guideline.toml: L57 is held by nothing and does not say why" in found


def test_a_rule_that_no_statement_names_is_named(listed: Guideline) -> None:
    """A rule that the list leaves out is found."""
    found = changed(listed, 50, rules=(), because="so")
    assert "docs/guideline.toml: no statement names the rule patch-level" in found


@pytest.mark.parametrize("source", ["L51 [2]", "L50 [7]", "L47 [2]"])
def test_a_wrong_source_is_named(listed: Guideline, source: str) -> None:
    """A source with the wrong line, the wrong citation or an empty line is found."""
    protocol = builtin_protocol()
    rule = msgspec.structs.replace(protocol.rules["patch-level"], source=source)
    wrong = msgspec.structs.replace(protocol, rules={**protocol.rules, "patch-level": rule})
    assert any("rule patch-level cites" in line for line in faults(listed, wrong))
