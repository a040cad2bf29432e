"""A connection that is lost while recording: looked up, recorded once, or said to be unknown."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.store.recording import new, now, opening, saying
from tracker.appending import Appender
from tracker.config import Location
from tracker.events import NewEvent, Recorded
from tracker.service import Service
from tracker.store import postgresql
from tracker.store.errors import LostError, UnknownOutcomeError
from tracker.store.pipeline import ServerSession

pytestmark = pytest.mark.backends("postgresql")
Commit = Callable[[ServerSession], None]


def fact(history: list[Recorded]) -> list[NewEvent]:
    """Decide to record a fact, under a new id each time."""
    return [new("leak-suspected", 10)]


@pytest.fixture
def service(location: Location) -> Iterator[Service]:
    """A service on a server, with one episode."""
    with Service.open(location, now) as made:
        made.append(None, saying(opening()))
        yield made


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[Commit, int], None]:
    """Return what breaks the next commits in some way, so many times."""
    commit = ServerSession.commit

    def breaking(way: Commit, times: int) -> None:
        left = [way] * times

        def committed(self: ServerSession) -> None:
            (left.pop() if left else commit)(self)

        monkeypatch.setattr(ServerSession, "commit", committed)

    return breaking


def acknowledgement_lost(session: ServerSession) -> None:
    """Commit, and lose the connection before the answer comes."""
    session.send("COMMIT")
    session.collect()
    session.connection.driver_connection.close()  # type: ignore[union-attr]
    raise psycopg.OperationalError("server closed the connection unexpectedly")


def connection_lost(session: ServerSession) -> None:
    """Lose the connection before the server hears of the commit."""
    session.connection.driver_connection.close()  # type: ignore[union-attr]
    raise psycopg.OperationalError("server closed the connection unexpectedly")


def facts(service: Service) -> list[str]:
    """Return the ids of all facts that were recorded."""
    return [event.id for event in service.history(service.resolve("case-1").uuid)[1:]]


def record(service: Service) -> list[str]:
    """Record a fact; return the ids that were acknowledged."""
    return [e.id for e in service.append(service.resolve("case-1").uuid, fact).events]


def test_a_lost_acknowledgement_is_looked_up(
    service: Service, broken: Callable[[Commit, int], None]
) -> None:
    """What is stored is acknowledged, once."""
    broken(acknowledgement_lost, 1)
    done = record(service)
    assert len(done) == 1
    assert facts(service) == done
    assert service.verify() == []


def test_twin_that_does_not_look_records_it_twice(
    service: Service, broken: Callable[[Commit, int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trying again blindly stores a second event."""
    monkeypatch.setattr(Appender, "_arrived", lambda *_: False)
    broken(acknowledgement_lost, 1)
    record(service)
    assert len(facts(service)) == 2


def test_a_new_episode_is_found_again_too(
    service: Service, broken: Callable[[Commit, int], None]
) -> None:
    """An opening whose acknowledgement is lost opens one episode."""
    broken(acknowledgement_lost, 1)
    done = service.append(None, saying(opening("2")))
    assert [ref.name for ref in service.all_episodes()] == ["E-00001", "E-00002"]
    assert service.by_key(done.episode.key) == done.episode


def test_what_was_not_committed_is_recorded_again(
    service: Service, broken: Callable[[Commit, int], None]
) -> None:
    """The person need not notice."""
    broken(connection_lost, 1)
    done = record(service)
    assert len(done) == 1
    assert facts(service) == done


def test_whoever_always_loses_it_is_told_that_nothing_was_recorded(
    service: Service, broken: Callable[[Commit, int], None]
) -> None:
    """Trying again ends, with the truth."""
    broken(connection_lost, 50)
    with pytest.raises(LostError) as caught:
        record(service)
    assert not isinstance(caught.value, UnknownOutcomeError)
    assert facts(service) == []


def test_what_nobody_can_know_is_said_to_be_unknown(
    service: Service, broken: Callable[[Commit, int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the event, so that it can be looked for when the server is back."""
    episode = service.resolve("case-1").uuid

    def every_connection_lost(session: ServerSession) -> None:
        service.database.close()
        acknowledgement_lost(session)

    def unreachable(*_: object) -> None:
        raise psycopg.OperationalError("connection refused")

    broken(every_connection_lost, 1)
    with monkeypatch.context() as down:
        down.setattr(postgresql, "connect", unreachable)
        with pytest.raises(UnknownOutcomeError) as caught:
            service.append(episode, fact)
    (stored,) = facts(service)
    assert f"{stored} in E-00001" in caught.value.message
    assert "timeline" in str(caught.value.hint)


def test_readers_find_the_server_again(service: Service) -> None:
    """Connections that the server has closed meanwhile are replaced without a word."""
    with service.database.reading() as conn:
        (pid,) = conn.exec_driver_sql("SELECT pg_backend_pid()").one()
    terminate(service, pid)
    assert len(service.worklist().rows) == 1


def terminate(service: Service, pid: int) -> None:
    """End a connection from the server's side."""
    url = str(service.database.location.database_url)
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])


def test_a_reader_that_is_cut_off_in_the_middle_is_told_so(service: Service) -> None:
    """What was read so far may be half of it."""

    def read() -> None:
        with service.database.reading() as conn:
            (pid,) = conn.exec_driver_sql("SELECT pg_backend_pid()").one()
            terminate(service, pid)
            conn.exec_driver_sql("SELECT 1")

    with pytest.raises(LostError, match="ended the connection"):
        read()
