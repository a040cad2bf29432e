"""Recording takes one connection: many at once are not to need twice as many as there are."""

from typing import Any

import pytest

from tests.store.recording import new, now, opening, saying
from tracker.appending import Appender
from tracker.config import Location
from tracker.service import Service
from tracker.store import postgresql, schema
from tracker.store.database import open_database

pytestmark = pytest.mark.backends("postgresql")


def connections(location: Location, monkeypatch: pytest.MonkeyPatch) -> int:
    """Open an episode and record into it, as the first who do so; return how many are made."""
    with open_database(location, create=True) as database:
        schema.upgrade(database)
    made: list[Any] = []
    connect = postgresql.connect

    def counting(*where: str) -> Any:
        made.append(connect(*where))
        return made[-1]

    monkeypatch.setattr(postgresql, "connect", counting)
    with Service.open(location, now) as service:
        service.append(None, saying(opening(), new("leak-suspected", 10)))
    return len(made)


def test_one_is_enough(location: Location, monkeypatch: pytest.MonkeyPatch) -> None:
    """The protocol that judges is read and kept before the transaction begins."""
    assert connections(location, monkeypatch) == 1


def test_twin_that_looks_nothing_up_takes_another(
    location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the first holds the episode, evaluating it asks for the protocol."""
    monkeypatch.setattr(Appender, "_look_up", lambda *_: None)
    assert connections(location, monkeypatch) == 2
