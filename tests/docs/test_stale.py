"""The check of the documents finds what is stale."""

import shutil
from pathlib import Path

import pytest

from scripts.documentation import console, documents
from scripts.documentation.__main__ import main

ROOT = Path(__file__).parents[2]
MADE = {"docs/guideline.md": "one\n", "docs/reference/rules.md": "two\n"}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A folder with the documents as they are made."""
    documents.write(tmp_path, MADE)
    return tmp_path


def test_what_was_just_written_is_not_stale(written: Path) -> None:
    """Writing leaves nothing to complain of, and nothing to write."""
    assert documents.stale(written, MADE) == []
    assert documents.write(written, MADE) == []


def test_a_changed_copy_is_stale(written: Path) -> None:
    """A document that was changed by hand is named."""
    (written / "docs/guideline.md").write_text("one, and more\n")
    (line,) = documents.stale(written, MADE)
    assert line.startswith("docs/guideline.md: stale")


def test_a_missing_document_is_stale(written: Path) -> None:
    """A document that is not there is named."""
    (written / "docs/reference/rules.md").unlink()
    (line,) = documents.stale(written, MADE)
    assert line.startswith("docs/reference/rules.md: missing")


def test_a_document_that_nothing_makes_is_named(written: Path) -> None:
    """A file left over in the reference, or written there by hand, is named."""
    (written / "docs/reference/old.md").write_text("old\n")
    (line,) = documents.stale(written, MADE)
    assert line.startswith("docs/reference/old.md: nothing makes it")


def test_the_check_fails_on_a_changed_copy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a copy, the check names the one document that was changed, and fails."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "README.md", tmp_path)
    main([], tmp_path)
    with (tmp_path / "docs/reference/events.md").open("a") as document:
        document.write("By hand.\n")
    capsys.readouterr()
    assert main(["--check"], tmp_path) == 1
    said = [line for line in capsys.readouterr().err.splitlines() if "stale" in line]
    assert said == ["docs/reference/events.md: stale (scripts/docs writes it anew)"]


def test_a_fault_of_the_program_gets_into_no_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """The document is not written, and the command is named."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    block = "```console\n$ tracker schema leak-suspected\n```\n"
    assert "leak-suspected" in console.filled(block)
    monkeypatch.setattr("tracker.cli.schema.encode", broken)
    with pytest.raises(ValueError, match=r"tracker schema leak-suspected: .*ZeroDivisionError"):
        console.filled(block)
