"""The words of a message."""

from pathlib import Path

import pytest

from tracker.channels.template import DEFAULT, IDENTIFYING, PLACEHOLDERS, read_template
from tracker.errors import UsageError

VALUES = {name: f"<{name}>" for name in PLACEHOLDERS}


def written(home: Path, text: str) -> Path:
    """Write a template and return its file."""
    path = home / "words.txt"
    path.write_text(text)
    return path


def test_the_default_tells_what_is_to_be_done() -> None:
    """It has the short id, what is owed, by when and the command to run."""
    subject, body = DEFAULT.fill(VALUES)
    assert "<episode>" in subject
    for name in ("episode", "text", "when", "command"):
        assert f"<{name}>" in body


def test_the_default_names_nobody() -> None:
    """It has no name and no record number, even where they are known."""
    assert not DEFAULT.names & IDENTIFYING
    assert not any(f"<{name}>" in "".join(DEFAULT.fill(VALUES)) for name in IDENTIFYING)


def test_a_file_changes_the_words(home: Path) -> None:
    """A site's file has its own subject and body, and may name the patient."""
    path = written(home, "Subject: $episode wants you\n\nDear $site,\n$patient: $text, $$5\n")
    subject, body = read_template(path, "place").fill(VALUES)
    assert subject == "<episode> wants you"
    assert body == "Dear <site>,\n<patient>: <text>, $5\n"


def test_what_is_not_known_is_empty(home: Path) -> None:
    """A placeholder without a value leaves nothing behind."""
    template = read_template(written(home, "Subject: x $site y\n\n[$site]"), "place")
    assert template.fill({"site": None}) == ("x y", "[]")


def test_a_value_is_not_a_template(home: Path) -> None:
    """A dollar sign in a value stays one."""
    template = read_template(written(home, "Subject: s\n\n$text"), "place")
    assert template.fill({"text": "$patient"})[1] == "$patient"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("no subject\n", "does not begin"),
        ("Subject: $name\n", r"no placeholder \$name"),
        ("Subject: s\n\n5 $ each", r"\$ without a name"),
        ("", "does not begin"),
    ],
)
def test_a_file_that_cannot_be_used(home: Path, text: str, what: str) -> None:
    """What is wrong is told with the setting that names the file."""
    with pytest.raises(UsageError, match=f"channels.ward.template: .*{what}"):
        read_template(written(home, text), "channels.ward.template")


def test_a_file_that_is_not_there(home: Path) -> None:
    """A missing file is told with the setting that names it."""
    with pytest.raises(UsageError, match=r"place: .*cannot be read"):
        read_template(home / "none.txt", "place")


def test_the_documents_list_the_placeholders() -> None:
    """Every placeholder is in the documents."""
    text = (Path(__file__).parents[2] / "docs" / "channels.md").read_text()
    assert all(f"`${name}`" in text for name in PLACEHOLDERS)
