"""A server is found by its URL, and says in words why it cannot be used."""

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.cli.conftest import Tracker, clock, episode, tracker
from tests.postgres.server import Databases, Server
from tracker.config import Location, shown_url
from tracker.errors import ForbiddenError, StoreError, UsageError
from tracker.store import postgresql, schema
from tracker.store.database import open_database
from tracker.store.errors import LockedError, LostError

__all__ = ["clock", "episode", "tracker"]
SECRET = "hunter-2"
only_server = pytest.mark.backends("postgresql")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a server."""
    monkeypatch.setattr(postgresql, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(postgresql, "LONGEST_WAIT", 0.001)


def refusal(url: str) -> StoreError:
    """Return what is said when a URL is used."""
    with pytest.raises(StoreError) as caught, open_database(Location(Path(), url)) as database:
        schema.check(database)
    return caught.value


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ann:hunter-2@db/t", "postgresql://ann@db/t"),
        ("postgres://ann:hunter-2@a:1,b:2/t", "postgres://ann@a:1,b:2/t"),
        ("postgresql://ann:h@unter-2@db/t?sslmode=require", "postgresql://ann@db/t"),
        (
            "postgresql://db/t?user=ann&password=hunter-2&port=5",
            "postgresql://db/t?user=ann&port=5",
        ),
        ("postgresql://?service=ward", "postgresql://?service=ward"),
        ("postgresql://ann:hun?ter-2@db/t", "postgresql://ann@db/t"),
        ("postgresql://ann:hunter-2/x@db/t", "postgresql://ann@db/t"),
        ("postgresql://db/t?user=ann&password=hunter-2@x", "postgresql://db@x"),
        ("postgresql://ann:hunter-2/t", "postgresql://ann:..."),
        ("postgresql://ann:4/hunter-2/t", "postgresql://ann:..."),
        ("postgresql://ann:hunter/2", "postgresql://ann:..."),
        ("postgresql://ann:hunter:2/t", "postgresql://ann:..."),
        ("postgresql://ann@ben:hunter-2/t", "postgresql://ann@ben:..."),
        ("postgresql://ann:[hunter]2/t", "postgresql://ann:..."),
        ("postgresql://user=ann password=hunter-2", "postgresql://user:..."),
        ("postgresql://%2Fvar%2Frun/t", "postgresql://%2Fvar%2Frun/t"),
        ("postgresql://ann@[::1]:5432,[fe80::a]/t", "postgresql://ann@[::1]:5432,[fe80::a]/t"),
        ("postgresql//ann:hunter-2@db/t", "the database URL"),
        ("host=db dbname=t password=hunter-2", "the database URL"),
        ("/tmp/t0", "/tmp/t0"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    """Whoever looks over a shoulder or reads a log learns host and login, and no more."""
    assert shown_url(url) == shown
    assert SECRET not in repr(Location(Path(), url))


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ann:hunter-2@db/t",
        "sqlite:///x",
        "db.example.org",
        "/tmp/t0",
        "postgresql//ann:hunter-2@db/t",
        "host=db dbname=t password=hunter-2",
    ],
)
def test_what_is_no_server_is_refused(url: str) -> None:
    """The error names the form that a URL has."""
    with pytest.raises(UsageError, match="no database that tracker can use") as caught:
        open_database(Location(Path(), url))
    assert "postgresql://" in str(caught.value.hint)
    assert SECRET not in caught.value.message
    assert ("://" in caught.value.message) == ("://" in url)


def test_a_url_that_cannot_be_read_quotes_nothing() -> None:
    """A password with a character that means something else does not end up in the message."""
    with pytest.raises(UsageError, match="cannot be read") as caught:
        open_database(Location(Path(), f"postgresql://ann:{SECRET}%zz@db/t"))
    assert SECRET not in caught.value.message + str(caught.value.hint)
    assert "%40" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("option", "said"),
    [("sslmod=require", "none that is known"), (SECRET, "has no value")],
)
def test_an_option_that_cannot_be_is_told_apart(option: str, said: str) -> None:
    """Nobody looks for a character in the password then; nor is quoted what may be a part of it."""
    with pytest.raises(UsageError, match="cannot be read") as caught:
        open_database(Location(Path(), f"postgresql://ann@db/t?{option}"))
    told = caught.value.message + str(caught.value.hint)
    assert (said in told, SECRET in told, "%40" in told) == (True, False, False), told


def test_without_the_driver_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who uses files need not have it."""
    monkeypatch.setitem(sys.modules, "psycopg.conninfo", None)
    with pytest.raises(UsageError, match="driver") as caught:
        open_database(Location(Path(), "postgresql://db/t"))
    assert "pip install" in str(caught.value.hint)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_form_of_url_is_read(server: Databases, template: str, scheme: str) -> None:
    """Other programs have their own name for the same thing."""
    url = server.url(template).replace("postgresql", scheme, 1)
    with open_database(Location(Path(), url)) as database:
        assert schema.stored_version(database) == schema.SCHEMA


def test_nobody_there() -> None:
    """A server that cannot be reached is asked again, and then told of."""
    error = refusal(f"postgresql://ann:{SECRET}@127.0.0.1:9/t")
    assert isinstance(error, LostError)
    assert "cannot be reached" in error.message
    assert SECRET not in error.message


def test_a_host_without_address_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that nobody knows is a mistake in the URL."""
    monkeypatch.setattr(postgresql, "_connect_again", None)
    error = refusal("postgresql://ann@no.invalid/t")
    assert isinstance(error, LostError)
    assert "no address is known for its host" in error.message


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://ann:p@hunter-2/wd@127.0.0.1:9/t", "no address is known for its host"),
        ("postgresql://ann:hunter-2/x@127.0.0.1:9/t", "no address is known for its host"),
        ("postgresql://ann:hunter-2@127.0.0.1:notaport/t", "its port is no number"),
        ("postgresql://ann:hunter-2@127.0.0.1:99999/t", "its port is no number"),
    ],
)
def test_a_character_that_was_not_escaped_is_thought_of(
    monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    """A part of the password was taken for a host or a port; it is not shown, nor asked again."""
    monkeypatch.setattr(postgresql, "_connect_again", None)
    error = refusal(url)
    assert (said in error.message, "%40" in str(error.hint)) == (True, True), error.message
    assert "hunter" not in error.message + str(error.hint)


def test_a_value_that_cannot_be_is_named_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in the options of the URL."""
    monkeypatch.setattr(postgresql, "_connect_again", None)
    error = refusal("postgresql://ann@127.0.0.1:9/t?sslmode=sometimes")
    assert "an option in it has a value that cannot be" in error.message


@pytest.fixture
def plain() -> Iterator[int]:
    """The port of a server that answers, and knows no TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    caller, _ = listening.accept()
                    with caller:
                        caller.recv(8)
                        caller.sendall(b"N")

        thread = threading.Thread(target=answer)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_server_without_tls_is_told_apart(plain: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs, and asking it again does not help."""
    monkeypatch.setattr(postgresql, "_connect_again", None)
    error = refusal(f"postgresql://ann:{SECRET}@127.0.0.1:{plain}/t?sslmode=require")
    assert ("has no TLS" in error.message, "sslmode" in str(error.hint)) == (True, True)
    assert SECRET not in error.message


@pytest.fixture
def guarded(own: Server) -> Iterator[str]:
    """The name of a login that is asked for a password, which is `right`."""
    rules = own.data / "pg_hba.conf"
    before = rules.read_text()
    own.execute("CREATE ROLE careful LOGIN PASSWORD 'right'")
    rules.write_text(f"local all careful scram-sha-256\nlocal all barred reject\n{before}")
    own.execute("SELECT pg_reload_conf()")
    yield "careful"
    rules.write_text(before)
    own.execute("SELECT pg_reload_conf()")
    own.execute("DROP ROLE careful")


@pytest.mark.parametrize(
    ("login", "said"),
    [
        (f"careful:{SECRET}", "password is wrong"),
        ("careful", "asks for a password"),
        ("nobody-here", "knows no such login"),
        ("barred", "lets nobody in"),
    ],
)
def test_who_is_not_let_in(own: Server, guarded: str, login: str, said: str) -> None:
    """Each refusal is told apart, and names what to do."""
    url = own.url("postgres").replace("owner", login, 1)
    error = refusal(url)
    assert said in error.message
    assert error.hint
    assert SECRET not in error.message


def test_there_is_no_such_database(own: Server) -> None:
    """The error names the command that makes one."""
    error = refusal(own.url("nowhere"))
    assert "no such database" in error.message
    assert "createdb" in str(error.hint)


def test_without_tables_the_command_is_named(own: Server) -> None:
    """A database that was only just created needs an init."""
    with own.database() as name:
        error = refusal(own.url(name))
    assert ("no tables yet" in error.message, "init" in str(error.hint)) == (True, True)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_every_name_is_refused(own: Server, encoding: str) -> None:
    """Better now than at the first patient whose name does not fit."""
    own.execute(f"CREATE DATABASE narrow ENCODING '{encoding}' TEMPLATE template0")
    error = refusal(own.url("narrow"))
    own.execute("DROP DATABASE narrow WITH (FORCE)")
    assert (encoding in error.message, "UTF8" in str(error.hint)) == (True, True)
    assert "/narrow" in error.message


def test_an_old_server_is_refused(
    server: Databases, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that nobody tests on is not worked with."""
    monkeypatch.setattr(postgresql, "OLDEST", 99)
    error = refusal(server.url(template))
    assert ("too old" in error.message, "99" in str(error.hint)) == (True, True)


@only_server
def test_a_read_only_server_shows_and_does_not_record(episode: Tracker) -> None:
    """As a replica does: what is recorded belongs to the primary."""
    assert episode.location.database_url is not None
    episode.environ["TRACKER_DATABASE_URL"] = (
        f"{episode.location.database_url}&options=-c%20default_transaction_read_only%3Don"
    )
    code, told = episode.refused("record", "leak-suspected", "case-1")
    assert (code, "read-only replica" in told, "primary" in told) == (1, True, True)


@only_server
def test_who_may_not_record_is_told_so(own: Server, template: str, tmp_path: Path) -> None:
    """Permission denied is an error of the login, not of the program."""
    own.execute("CREATE ROLE looker LOGIN")
    with own.database() as name:
        with open_database(Location(tmp_path, own.url(name))) as database:
            schema.upgrade(database)
        with (
            open_database(Location(tmp_path, own.url(name, "looker"))) as database,
            pytest.raises(ForbiddenError, match="may not do that"),
            database.reading() as conn,
        ):
            conn.execute(text("SELECT * FROM events"))
    own.execute("DROP ROLE looker")


@only_server
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("synchronous_commit", "on"),
        ("TimeZone", "UTC"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("application_name", "tracker"),
        ("client_encoding", "UTF8"),
    ],
)
def test_every_connection_asks_for_what_it_relies_on(
    location: Location, setting: str, value: str
) -> None:
    """Whatever the server's own configuration says."""
    with open_database(location) as database, database.reading() as conn:
        assert conn.execute(text(f"SHOW {setting}")).scalar() == value


@only_server
def test_what_the_url_asks_for_goes_before(location: Location) -> None:
    """A site may want more than that."""
    assert location.database_url is not None
    more = f"{location.database_url}&options=-c%20synchronous_commit%3Dremote_apply"
    with open_database(Location(location.home, more)) as database, database.reading() as conn:
        assert conn.execute(text("SHOW synchronous_commit")).scalar() == "remote_apply"


@only_server
def test_a_locked_database_says_so(location: Location, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for ever for somebody else's long transaction."""
    monkeypatch.setattr(postgresql, "BUSY_SECONDS", 0.05)
    lock = text("LOCK TABLE events IN EXCLUSIVE MODE")
    with open_database(location) as one, open_database(location) as other, one.writing() as held:
        held.execute(lock)
        with pytest.raises(LockedError), other.writing() as conn:
            conn.execute(lock)
