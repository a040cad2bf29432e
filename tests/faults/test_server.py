"""A server that ends connections, or is stopped in the middle, loses nothing it acknowledged."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import settings
from tests.faults.losing import ACKNOWLEDGED, UNKNOWN, kill_backends, stop_server
from tests.postgres.server import SAFE, Server
from tests.store.recording import now
from tracker.appending import Appender
from tracker.config import Location
from tracker.service import Service


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server of these tests alone."""
    with Server(settings=SAFE) as own:
        yield own


@pytest.fixture
def place(server: Server, tmp_path: Path) -> Iterator[Location]:
    """Where a tracker is, on that server."""
    with server.database() as name:
        location = Location(tmp_path, server.url(name))
        Service.open(location, now, create=True).close()
        yield location


def test_ended_connections_lose_nothing(server: Server, place: Location) -> None:
    """Acknowledged is there, not recorded is not, and the log and its rows agree."""
    toll = kill_backends(server, place, settings.BACKENDS)
    assert toll.problems == []
    assert toll.hurt >= settings.BACKENDS
    assert toll.count(ACKNOWLEDGED) > settings.BACKENDS


def test_a_server_that_is_stopped_loses_nothing(server: Server, place: Location) -> None:
    """It comes back from its journal with all that it had acknowledged."""
    toll = stop_server(server, place, settings.STOPS)
    assert toll.problems == []
    assert toll.hurt == settings.STOPS
    assert toll.count(ACKNOWLEDGED) > 0


def test_twin_that_believes_what_it_sent_is_caught(
    server: Server, place: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who takes what was sent for recorded acknowledges what is not there."""
    monkeypatch.setattr(Appender, "_arrived", lambda *_: True)
    toll = kill_backends(server, place, 40)
    assert any("is not there" in problem for problem in toll.problems)
    assert toll.count(UNKNOWN) == 0
