"""A message, certificates of this run, and a clock that stands still."""

import datetime
import ssl
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.cli.conftest import Tracker, clock, episode, tracker
from tracker.channels.base import Message

__all__ = ["Tracker", "clock", "episode", "tracker"]

NOW = datetime.datetime(2026, 3, 5, 9, 0, tzinfo=datetime.UTC)
MESSAGE = Message(
    id="7c9e6679-7425-40de-944b-e07fc1f90ae7",
    subject="E-7K3QF: early-review open",
    body="E-7K3QF: Review – early\n",
    line="E-7K3QF  early-review open",
    to="ward@example.org",
    data={"episode": "E-7K3QF", "kind": "early-review"},
)


def now() -> datetime.datetime:
    """Return the time at which messages are sent."""
    return NOW


@dataclass
class Certificate:
    """A server's certificate, and the file that says whom to trust."""

    server: ssl.SSLContext
    ca_file: str


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for this machine by an authority that nobody else knows."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return Certificate(context, str(path))


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy stands between the program and this machine."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data directory."""
    return tmp_path
