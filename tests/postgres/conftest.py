"""A tracker on a server, with a login for each role, and a server that may be hurt."""

from collections.abc import Iterator

import pytest

from tests.postgres.roles import Place, plant
from tests.postgres.server import Databases, Server


@pytest.fixture(scope="session")
def planted(
    server: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """A tracker with roles and two cases, not to be written to."""
    with server.database(template) as name:
        yield plant(server, name, tmp_path_factory.mktemp("roles") / "home")


@pytest.fixture
def place(server: Databases, planted: Place) -> Iterator[Place]:
    """A copy of that tracker."""
    with server.database(planted.name) as name:
        yield Place(server, name, planted.home)


@pytest.fixture(scope="session")
def own() -> Iterator[Server]:
    """A server of these tests alone: stopped, restarted, full of strangers."""
    with Server() as server:
        yield server
