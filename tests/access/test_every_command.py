"""No command of the program shows somebody without a record; one added later cannot either."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.access import lines, planted
from tests.access.planted import Answer
from tests.cli.test_grammar import leaves
from tracker.cli.looks import Looks
from tracker.store.database import FILE_NAME

FORMATS = ("table", "json")
SHOWING = {name: (*name.split(), *line) for name, line in lines.SHOWING.items()} | lines.MORE
WRITING = {name: (*name.split(), *line) for name, line in lines.WRITING.items()}
SILENT = {name: (*name.split(), *line) for name, line in lines.SILENT.items()}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with planted episodes, to be copied."""
    home = tmp_path_factory.mktemp("planted") / "home"
    planted.plant(home)
    return home


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    """A home with planted episodes."""
    return Path(shutil.copytree(template, tmp_path / "home"))


def answers(home: Path, line: tuple[str, ...]) -> list[Answer]:
    """Run a command line in every format that it takes, each time on a fresh copy."""
    found = []
    for fmt in FORMATS:
        copy = home.parent / fmt
        shutil.copytree(home, copy)
        words = [planted.filled(word, home) for word in line]
        answer = planted.answer(copy, [*words, "--format", fmt])
        if "no such option: --format" in answer.told:
            answer = planted.answer(copy, words)
        found.append(answer)
    return found


def test_every_command_is_looked_at() -> None:
    """A command that nobody has thought about fails here; those of `record` are made alike."""
    known = [*lines.SHOWING, *lines.WRITING, *lines.SILENT, *lines.APART]
    there = ["record", *(" ".join(words) for words, _ in leaves())]
    assert sorted(there) == sorted(known)


@pytest.mark.parametrize("name", SHOWING)
def test_what_is_shown_was_recorded(home: Path, name: str) -> None:
    """What shows somebody leaves an access, in whatever format."""
    found = answers(home, SHOWING[name])
    assert any(answer.shown for answer in found), found
    assert all(answer.accesses and not answer.events for answer in found), found


@pytest.mark.parametrize("name", WRITING)
def test_what_is_written_is_its_own_record(home: Path, name: str) -> None:
    """A command that appends an event is not recorded a second time."""
    for answer in answers(home, WRITING[name]):
        assert (answer.code, answer.accesses, answer.events > 0) == (0, 0, True), answer


@pytest.mark.parametrize("name", SILENT)
def test_what_shows_nobody_leaves_nothing(home: Path, name: str) -> None:
    """The access log holds looks at people and nothing else."""
    for answer in answers(home, SILENT[name]):
        assert (answer.shown, answer.accesses, answer.events) == (frozenset(), 0, 0), answer


@pytest.mark.parametrize("name", SHOWING)
def test_twin_that_forgets_is_caught(
    home: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the recording taken out, each of them shows somebody and leaves no record."""
    monkeypatch.setattr(Looks, "record", lambda _: None)
    assert any(answer.unrecorded for answer in answers(home, SHOWING[name]))


REFUSE = (
    "CREATE TRIGGER full BEFORE INSERT ON accesses"
    " BEGIN SELECT RAISE(ABORT, 'no more accesses'); END"
)


@pytest.mark.parametrize("name", SHOWING)
def test_what_cannot_be_recorded_is_not_shown(home: Path, name: str) -> None:
    """Nobody is named on stdout or stderr when the access log takes nothing."""
    with closing(sqlite3.connect(home / FILE_NAME)) as conn:
        conn.execute(REFUSE)
    for answer in answers(home, SHOWING[name]):
        assert (answer.code, answer.shown) == (1, frozenset()), answer
        assert "nothing is shown" in answer.told
