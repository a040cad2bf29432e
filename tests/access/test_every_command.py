"""No command of the program shows somebody without a record; one added later cannot either."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.access import lines, planted
from tests.access.planted import Answer
from tests.cli.test_grammar import leaves
from tests.postgres.server import Databases
from tracker.cli.looks import Looks
from tracker.config import Location
from tracker.store.database import open_database

FORMATS = ("json", "table")
Prepare = Callable[[Location], None]


def leave(_: Location) -> None:
    """Leave a copy as it is."""


SHOWING = {name: (*name.split(), *line) for name, line in lines.SHOWING.items()} | lines.MORE
WRITING = {name: (*name.split(), *line) for name, line in lines.WRITING.items()}
SILENT = {name: (*name.split(), *line) for name, line in lines.SILENT.items()}


@pytest.fixture(scope="module")
def planted_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with planted episodes, to be copied."""
    home = tmp_path_factory.mktemp("planted") / "home"
    planted.plant(home)
    return home


@pytest.fixture(scope="module")
def planted_server(
    server: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, str]]:
    """A database on a server with planted episodes, to be copied, and the directory beside it."""
    home = tmp_path_factory.mktemp("planted") / "home"
    with server.database(template) as name:
        planted.plant(Location(home, server.url(name)))
        yield home, name


Copies = Callable[[], Location]
PLANTED = {"sqlite": "planted_home", "postgresql": "planted_server"}


@pytest.fixture
def copies(request: pytest.FixtureRequest, backend: str, tmp_path: Path) -> Iterator[Copies]:
    """What copies a tracker with planted episodes.

    It is planted before the test begins: planting leaves a look on record, and must not meet what
    a test takes out.
    """
    numbers = itertools.count()
    planted_at = request.getfixturevalue(PLANTED[backend])
    with ExitStack() as stack:

        def copy() -> Location:
            to = tmp_path / str(next(numbers))
            if backend == "sqlite":
                return Location(shutil.copytree(planted_at, to))
            home, planted_name = planted_at
            server: Databases = request.getfixturevalue("server")
            name = stack.enter_context(server.database(planted_name))
            return Location(shutil.copytree(home, to), server.url(name))

        yield copy


def answers(copies: Copies, line: tuple[str, ...], prepare: Prepare = leave) -> list[Answer]:
    """Run a command line in every format that it takes, each time on a fresh copy.

    On a server, where copies take their time, as JSON alone.
    """
    found = []
    for fmt in FORMATS:
        copy = copies()
        prepare(copy)
        words = [planted.filled(word, copy) for word in line]
        answer = planted.answer(copy, [*words, "--format", fmt])
        if "no such option: --format" in answer.told:
            answer = planted.answer(copy, words)
        found.append(answer)
        if copy.database_url is not None:
            break
    return found


def test_every_command_is_looked_at() -> None:
    """A command that nobody has thought about fails here; those of `record` are made alike."""
    known = [*lines.SHOWING, *lines.WRITING, *lines.SILENT, *lines.APART]
    there = ["record", *(" ".join(words) for words, _ in leaves())]
    assert sorted(there) == sorted(known)


@pytest.mark.parametrize("name", SHOWING)
def test_what_is_shown_was_recorded(copies: Copies, name: str) -> None:
    """What shows somebody leaves an access, in whatever format."""
    found = answers(copies, SHOWING[name])
    assert any(answer.shown for answer in found), found
    assert all(answer.accesses and not answer.events for answer in found), found


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("name", WRITING)
def test_what_is_written_is_its_own_record(copies: Copies, name: str) -> None:
    """A command that appends an event is not recorded twice, but for what it showed before."""
    looks = int(name in lines.SHOWN_BEFORE)
    for answer in answers(copies, WRITING[name]):
        assert (answer.code, answer.accesses, answer.events > 0) == (0, looks, True), answer


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("name", SILENT)
def test_what_shows_nobody_leaves_nothing(copies: Copies, name: str) -> None:
    """The access log holds looks at people and nothing else."""
    for answer in answers(copies, SILENT[name]):
        assert (answer.shown, answer.accesses, answer.events) == (frozenset(), 0, 0), answer


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("name", SHOWING)
def test_twin_that_forgets_is_caught(
    copies: Copies, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the recording taken out, each of them shows somebody and leaves no record."""
    monkeypatch.setattr(Looks, "record", lambda _: None)
    assert any(answer.unrecorded for answer in answers(copies, SHOWING[name]))


FULL = {
    "sqlite": (
        "CREATE TRIGGER full BEFORE INSERT ON accesses"
        " BEGIN SELECT RAISE(ABORT, 'no more accesses'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no more accesses'; END $$",
        "CREATE TRIGGER no_more BEFORE INSERT ON accesses FOR EACH ROW EXECUTE FUNCTION no_more()",
    ),
}


def fill(place: Location) -> None:
    """Let the access log take nothing any more."""
    with open_database(place) as database, database.writing() as conn:
        for statement in FULL[conn.dialect.name]:
            conn.execute(text(statement))


@pytest.mark.parametrize("name", SHOWING)
def test_what_cannot_be_recorded_is_not_shown(copies: Copies, name: str) -> None:
    """Nobody is named on stdout or stderr when the access log takes nothing."""
    for answer in answers(copies, SHOWING[name], fill):
        assert (answer.code, answer.shown) == (1, frozenset()), answer
        assert "nothing is shown" in answer.told
