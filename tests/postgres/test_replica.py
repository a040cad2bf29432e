"""A server's copy serves who reads, says how far it is behind, and shows nothing unrecorded."""

import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.cli.conftest import Tracker, clock
from tests.faults import settings
from tests.postgres.server import FAST, NEWEST, Server
from tracker.config import Location
from tracker.pathway import DEFAULT
from tracker.store import replica
from tracker.store.database import open_database

__all__ = ["clock"]

VERSION = settings.setting("SERVER", NEWEST)
# Who records waits until the copy shows it, so that a test need not.
APPLIED = "&options=-c%20synchronous_commit%3Dremote_apply"


class Pair(NamedTuple):
    """A server and its copy."""

    primary: Server
    copy: Server

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let the copy receive what comes, and apply nothing of it."""
        self.copy.execute("SELECT pg_wal_replay_pause()")
        while self.copy.execute("SELECT pg_get_wal_replay_pause_state()") != [("paused",)]:
            pass
        try:
            yield
        finally:
            self.copy.execute("SELECT pg_wal_replay_resume()")


@contextmanager
def paired() -> Iterator[Pair]:
    """Give a server and a copy that follows it."""
    with Server(VERSION) as primary:
        copy = Server(VERSION, FAST)
        copy.follow(primary)
        with copy:
            primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            primary.execute("SELECT pg_reload_conf()")
            yield Pair(primary, copy)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """A server and a copy that follows it."""
    with paired() as made:
        yield made


@pytest.fixture
def ward(pair: Pair, tmp_path: Path, clock: Any) -> Iterator[tuple[Tracker, Tracker]]:
    """A tracker with an episode, and the same read at the copy."""
    with pair.primary.database() as name:
        tracker = Tracker(Location(tmp_path / "home", pair.primary.url(name) + APPLIED), clock)
        tracker.ok("init")
        tracker.ok("open", "--patient", "MRN 1", "--reference", "one", "--time-zone", "UTC")
        tracker.ok("record", "surgery-performed", "one")
        reader = Tracker(Location(tmp_path / "reader", pair.copy.url(name)), clock)
        reader.environ["TRACKER_ACCESS_DATABASE_URL"] = pair.primary.url(name)
        yield tracker, reader


def looks(tracker: Tracker) -> int:
    """Return how many looks are on record."""
    found = tracker.json("audit", "access")
    return len(found)


@pytest.mark.parametrize("command", [("worklist",), ("show", "one"), ("timeline", "one")])
def test_it_serves_what_the_primary_does(
    command: tuple[str, ...], ward: tuple[Tracker, Tracker]
) -> None:
    """The same, with the look on record at the primary."""
    primary, reader = ward
    before = looks(primary)
    assert _undated(reader.json(*command)) == primary.json(*command)
    assert looks(primary) == before + 3  # what is looked at, twice, and the first look at looks


def _undated(document: Any) -> Any:
    return (
        {k: v for k, v in document.items() if k != "replica"}
        if isinstance(document, dict)
        else document
    )


def test_the_lag_is_shown(pair: Pair, ward: tuple[Tracker, Tracker]) -> None:
    """To eyes and to programs; what came since is not there yet."""
    primary, reader = ward
    with pair.paused():
        there = str(reader.environ["TRACKER_ACCESS_DATABASE_URL"])
        at_once = Tracker(Location(primary.home, there), primary.clock)
        at_once.ok("record", "patient-mobilized", "one")
        shown = reader.run("show", "one", "--format", "json")
    document = json.loads(shown.stdout)
    assert document["replica"]["lag_seconds"] > 0
    assert "From a replica, " in shown.stderr
    assert "behind: what was recorded after " in shown.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("audit", "reconcile", "--all"),
        ("protocol", "simulate", DEFAULT),
        ("record", "patient-mobilized", "one", "--dry-run"),
    ],
)
def test_every_document_says_how_old_it_is(
    command: tuple[str, ...], ward: tuple[Tracker, Tracker]
) -> None:
    """One that is written piece by piece, or shows what would be recorded, too."""
    primary, reader = ward
    assert reader.json(*command)["replica"]["following"] is True
    assert "replica" not in primary.json(*command)


def test_an_idle_primary_makes_no_lag(pair: Pair, ward: tuple[Tracker, Tracker]) -> None:
    """However long ago the last change was: all that came is applied."""
    _, reader = ward
    found = None
    while found is None or found.behind:
        with open_database(reader.location) as database:
            found = replica.lag(database)
    assert found.following
    ((replayed,),) = pair.copy.execute("SELECT pg_last_xact_replay_timestamp()")
    assert found.as_of is not None
    assert found.as_of > replayed, "a twin that looks at the last change would say it is behind"


def test_it_records_nothing(ward: tuple[Tracker, Tracker]) -> None:
    """Who records there is told where."""
    _, reader = ward
    code, said = reader.refused("record", "patient-mobilized", "one")
    assert (code, "name the primary server" in said) == (1, True), said


def test_nothing_is_shown_that_is_recorded_nowhere(ward: tuple[Tracker, Tracker]) -> None:
    """A copy cannot keep its own looks."""
    _, reader = ward
    reader.environ["TRACKER_ACCESS_DATABASE_URL"] = None
    code, said = reader.refused("show", "one")
    assert (code, "--access-database" in said, "MRN 1" in said) == (1, True, False), said


def test_cut_off_from_its_primary(pair: Pair, ward: tuple[Tracker, Tracker]) -> None:
    """It says so, and shows nothing while the look cannot be recorded."""
    _, reader = ward
    pair.primary.stop("fast")
    try:
        code, said = reader.refused("show", "one")
        assert (code, "could not be recorded" in said, "MRN 1" in said) == (1, True, False), said
        while pair.copy.execute("SELECT pid FROM pg_stat_wal_receiver"):
            pass
        with open_database(reader.location) as database:
            lag = replica.lag(database)
        assert lag is not None
        assert (lag.following, lag.behind is not None and lag.behind > datetime.timedelta()) == (
            False, True,
        )  # fmt: skip
    finally:
        pair.primary.start()


def test_a_primary_keeps_its_looks(ward: tuple[Tracker, Tracker], tmp_path: Path) -> None:
    """Whoever reads there cannot choose another place for the record of it."""
    primary, _ = ward
    own = Tracker(Location(tmp_path / "own"), primary.clock)
    own.ok("init")
    code, said = primary.refused("--access-database", str(own.home), "worklist", "--all")
    assert (code, "is no replica" in said) == (1, True), said


def test_looks_at_a_copy_go_to_its_primary_alone(
    pair: Pair, ward: tuple[Tracker, Tracker], tmp_path: Path
) -> None:
    """Not to another tracker, to another database of that server, or by another login."""
    primary, reader = ward
    own = Tracker(Location(tmp_path / "own"), primary.clock)
    own.ok("init")
    pair.primary.execute("CREATE ROLE bob LOGIN SUPERUSER")
    name = conninfo_to_dict(str(primary.location.database_url))["dbname"]
    with pair.primary.database() as other:
        elsewhere = Tracker(Location(tmp_path / "other", pair.primary.url(other)), primary.clock)
        elsewhere.ok("init")
        places = (str(own.home), pair.primary.url(other), pair.primary.url(str(name), "bob"))
        for place in places:
            code, said = reader.refused("--access-database", place, "worklist", "--all")
            assert (code, "nothing is shown" in said) == (1, True), said
    pair.primary.execute("DROP ROLE bob")


def test_a_primary_is_none(ward: tuple[Tracker, Tracker]) -> None:
    """It says nothing of lags."""
    primary, _ = ward
    with open_database(primary.location) as database:
        assert replica.lag(database) is None
    assert "replica" not in primary.run("show", "one", "--format", "json").output


def test_another_server_takes_over(tmp_path: Path, clock: Any) -> None:
    """Whoever names both goes on with what was acknowledged, at the copy that took over."""
    with paired() as (primary, copy):
        primary.execute("CREATE DATABASE ward")
        both = primary.url("ward").replace(str(primary.folder), f"{primary.folder},{copy.folder}")
        url = f"{both}&target_session_attrs=read-write{APPLIED}"
        tracker = Tracker(Location(tmp_path / "home", url), clock)
        tracker.ok("init")
        tracker.ok("open", "--patient", "MRN 1", "--reference", "one", "--time-zone", "UTC")
        primary.stop("immediate")
        copy.execute("SELECT pg_promote()")
        tracker.ok("record", "surgery-performed", "one")
        events = [line["event"] for line in tracker.json("timeline", "one")]
        assert events == ["episode-opened", "surgery-performed"]
