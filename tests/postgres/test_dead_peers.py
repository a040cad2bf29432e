"""A server that is gone without a word is noticed: what connections over a network ask for."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.postgres.server import Databases
from tracker.config import Location
from tracker.store import postgresql
from tracker.store.database import open_database

pytestmark = pytest.mark.skipif(
    not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system does not know all of them"
)
NAMES = ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
WITHIN_A_MINUTE = (30, 10, 3, 60_000)


def passed_on(one: socket.socket, other: socket.socket) -> None:
    """Pass on what one end says to the other, until it ends."""
    with suppress(OSError):
        while said := one.recv(65536):
            other.sendall(said)
        other.shutdown(socket.SHUT_WR)


@pytest.fixture
def port(server: Databases) -> Iterator[int]:
    """The port of a network address at which the server answers."""
    given = conninfo_to_dict(server.url("postgres"))
    host, number = str(given["host"]), given.get("port", 5432)
    if not host.startswith("/"):
        yield int(number)
        return
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    outer, _ = listening.accept()
                    inner = socket.socket(socket.AF_UNIX)
                    inner.connect(f"{host}/.s.PGSQL.{number}")
                    for ends in ((outer, inner), (inner, outer)):
                        threading.Thread(target=passed_on, args=ends, daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]


def asked_for(server: Databases, template: str, port: int, words: str = "") -> tuple[int, ...]:
    """Return what a connection of the program asks of the system, in the order of NAMES."""
    given = conninfo_to_dict(server.url(template))
    host = given["host"] if not str(given["host"]).startswith("/") else "127.0.0.1"
    password = f":{quote(str(given['password']), safe='')}" if "password" in given else ""
    url = f"postgresql://{given['user']}{password}@{host}:{port}/{template}?{words}"
    with open_database(Location(Path(), url)) as database, database.reading() as conn:
        raw = conn.connection.dbapi_connection
        assert raw is not None
        with socket.fromfd(raw.fileno(), socket.AF_INET, socket.SOCK_STREAM) as own:
            assert own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            return tuple(
                own.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in NAMES
            )


def test_it_is_noticed_within_a_minute(server: Databases, template: str, port: int) -> None:
    """While an answer is awaited, and while what was sent is not taken."""
    found = asked_for(server, template, port)
    assert found == WITHIN_A_MINUTE
    idle, interval, count, unanswered = found
    assert max(idle + interval * count, unanswered / 1000) <= 60


def test_what_the_url_says_goes_before(server: Databases, template: str, port: int) -> None:
    """Each of them by itself."""
    words = "keepalives_idle=5&tcp_user_timeout=15000"
    assert asked_for(server, template, port, words) == (5, 10, 3, 15_000)


def test_twin_that_asks_for_nothing_waits_for_hours(
    server: Databases, template: str, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system does by itself is no answer for whoever waits."""
    monkeypatch.setattr(postgresql, "_DEFAULTS", {})
    idle, interval, count, unanswered = asked_for(server, template, port)
    assert (idle + interval * count > 60, unanswered) == (True, 0)
