"""Settings that hold for every test, and the databases they run on."""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import hypothesis
import pytest

from tests.postgres.server import PEOPLE, PERSON, Databases, Server
from tracker.config import Location
from tracker.store import schema
from tracker.store.database import open_database

_CI = hypothesis.settings(derandomize=True, deadline=None, database=None, max_examples=200)
hypothesis.settings.register_profile("ci", _CI)
_EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "5000"))
_ANEW = hypothesis.settings(_CI, derandomize=False, max_examples=_EXAMPLES)
hypothesis.settings.register_profile("deep", _ANEW)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

BACKENDS = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what needs a database on each kind, or on those its mark `backends` names."""
    if "backend" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("backends")
        metafunc.parametrize("backend", mark.args if mark else BACKENDS, indirect=True)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database a test runs on."""
    return str(request.param)


@pytest.fixture(scope="session")
def server() -> Iterator[Databases]:
    """A PostgreSQL server: that of TRACKER_TEST_DATABASE_URL, or one of this run's own."""
    given = os.environ.get("TRACKER_TEST_DATABASE_URL")
    if given:
        yield Databases(given)
        return
    with Server() as own:
        yield own


@pytest.fixture(scope="session")
def template(server: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database with tables and nothing in them, to be copied."""
    for person in PEOPLE:
        server.make_login(person, "SUPERUSER")
    with server.database() as name:
        location = Location(tmp_path_factory.mktemp("template"), server.url(name))
        with open_database(location) as database:
            schema.upgrade(database)
        yield name


Places = Callable[[], AbstractContextManager[Location]]


def _places(request: pytest.FixtureRequest, backend: str, folder: Path, template: str) -> Places:
    numbers = itertools.count()

    @contextmanager
    def place() -> Iterator[Location]:
        home = folder / f"home{next(numbers) or ''}"
        if backend == "sqlite":
            yield Location(home)
            return
        server: Databases = request.getfixturevalue("server")
        with server.database(request.getfixturevalue(template)) as name:
            yield Location(home, server.url(name, PERSON))

    return place


@pytest.fixture
def places(request: pytest.FixtureRequest, backend: str, tmp_path: Path) -> Places:
    """What makes places for new trackers: on a server with tables, in a directory with nothing."""
    return _places(request, backend, tmp_path, "template")


@pytest.fixture
def blanks(request: pytest.FixtureRequest, backend: str, tmp_path: Path) -> Places:
    """What makes places for new trackers where there is nothing yet."""
    return _places(request, backend, tmp_path, "no_tables")


@pytest.fixture(scope="session")
def no_tables(template: str) -> str:
    """The name of a database with nothing in it, to be copied; people can log in by then."""
    return "template0"


@pytest.fixture
def location(places: Places) -> Iterator[Location]:
    """Where a new tracker is."""
    with places() as made:
        yield made
