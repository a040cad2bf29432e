"""A tracker copied to another place: the same rows, the same chain, lists that agree."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, text, update

from tests.faults import ward
from tests.faults.apart import apart
from tests.moving import copying
from tests.moving.conftest import Tracker, beside, silent
from tests.postgres.server import Databases
from tests.store.catalogue import unguard, unguarded
from tracker.access import Access
from tracker.access.recording import record
from tracker.config import Location
from tracker.errors import AuditError, RefusedError, StoreError
from tracker.moving import rows
from tracker.moving.copy import Copier
from tracker.moving.rows import Mover
from tracker.service import Service
from tracker.store import log, sequence
from tracker.store.database import Database, open_database
from tracker.store.tables import heartbeats

# Commands are run on a directory; the rest says itself where it is.
pytestmark = pytest.mark.backends("sqlite")

Empty = Callable[[str], Location]
SQLITE, SERVER = "sqlite", "postgresql"
WAYS = [(SQLITE, SQLITE), (SQLITE, SERVER), (SERVER, SQLITE), (SERVER, SERVER)]
every_way = pytest.mark.parametrize(("there", "here"), WAYS)
"""From a kind of database to a kind of database."""


@contextmanager
def emptied(folder: Path, request: pytest.FixtureRequest) -> Iterator[Empty]:
    """Give what makes places with nothing in them, of either kind."""
    with ExitStack() as stack:
        made: list[Location] = []

        def empty(kind: str) -> Location:
            home, url = folder / f"place {len(made)}", None
            if kind == SERVER:
                server: Databases = request.getfixturevalue("server")
                url = server.url(stack.enter_context(server.database()))
            made.append(Location(home, url))
            return made[-1]

        yield empty


@pytest.fixture
def empty(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Empty]:
    """What makes places with nothing in them."""
    with emptied(tmp_path, request) as made:
        yield made


@pytest.fixture(scope="module")
def sources(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[dict[str, Location]]:
    """A tracker of either kind with something in every table; no test changes it."""
    with emptied(tmp_path_factory.mktemp("sources"), request) as made:
        yield {kind: copying.fill(made(kind), 6) for kind in (SQLITE, SERVER)}


@pytest.fixture
def source(sources: dict[str, Location]) -> Location:
    """A tracker in a directory; no test changes it."""
    return sources[SQLITE]


@pytest.fixture
def target(empty: Empty) -> Location:
    """A directory with nothing in it."""
    return empty(SQLITE)


@every_way
def test_everything_that_lasts_is_copied(
    there: str, here: str, sources: dict[str, Location], empty: Empty
) -> None:
    """Row for row, in every table; and the copy stands up by itself."""
    source, target = sources[there], empty(here)
    copying.copy(source, target)
    copied = copying.contents_of(target)
    assert copied == copying.contents_of(source)
    assert copying.wrong(target) == []
    assert {name for name, found in copied.items() if found} >= {
        "events", "accesses", "outbox", "heartbeats", "protocols",
    }  # fmt: skip


@every_way
def test_the_copy_goes_on_by_itself(
    there: str, here: str, sources: dict[str, Location], empty: Empty
) -> None:
    """New episodes and events get the next keys and positions."""
    target = empty(here)
    copying.copy(sources[there], target)
    with Service.open(target, ward.clock) as service:
        before = service.projections().head
        ward.add(service, [100])
        assert service.projections().head == before + 3
    assert copying.wrong(target) == []


@every_way
def test_killed_anywhere_it_goes_on(there: str, here: str, empty: Empty) -> None:
    """However often and wherever it is killed: in the end all of it is there, once."""
    source, target = copying.fill(empty(there), 2), empty(here)
    (kills,) = apart(copying.until_it_lives, source, target, 1.6)
    assert int(kills) >= 8
    assert copying.contents_of(target) == copying.contents_of(source)
    assert copying.wrong(target) == []


def test_there_and_back_again_it_is_what_it_was(source: Location, empty: Empty) -> None:
    """Through a server, byte for byte."""
    server, back = empty(SERVER), empty(SQLITE)
    copying.copy(source, server)
    copying.copy(server, back)
    assert copying.contents_of(back) == copying.contents_of(source)


def test_what_is_recorded_meanwhile_is_copied_too(empty: Empty, target: Location) -> None:
    """Until the source has nothing more."""
    source = copying.fill(empty(SQLITE), 2)
    with Service.open(source, ward.clock) as service, open_database(target, create=True) as made:
        done = _Disturbed(service, made, silent).copy()
        assert done.head.position == service.projections().head
    assert copying.contents_of(target) == copying.contents_of(source)
    assert copying.wrong(target) == []


class _Disturbed(Copier):
    """Somebody records after the first pass, and while the lists are built."""

    recorded = 0

    def _pass(self) -> object:  # type: ignore[override]
        head = super()._pass()
        if self.recorded < 2:
            self._record()
        return head

    def _rebuild(self) -> None:
        super()._rebuild()
        self._record()

    def _record(self) -> None:
        self.recorded += 1
        ward.add(self._source, [100 + self.recorded])


def test_a_source_that_is_never_quiet_is_told_of(
    empty: Empty, target: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy stays closed, and goes on when it is run again."""
    source = copying.fill(empty(SQLITE), 1)
    monkeypatch.setattr("tracker.moving.copy.PASSES", 2)
    with Service.open(source, ward.clock) as service, open_database(target, create=True) as made:
        with pytest.raises(StoreError, match="recorded into all the time"):
            _Disturbed(service, made, silent).copy()
        Copier(service, made, silent).copy()
    assert copying.contents_of(target) == copying.contents_of(source)


@pytest.mark.parametrize("here", [SQLITE, SERVER])
def test_nobody_uses_a_copy_before_it_is_finished(
    here: str, source: Location, empty: Empty
) -> None:
    """It may lack what was recorded last, and has no lists."""
    target = empty(here)
    copying.copy(source, target, finish=False)
    for create in (False, True):
        with pytest.raises(StoreError, match="has not finished"):
            Service.open(target, ward.clock, create=create)
    copying.copy(source, target)
    with Service.open(target, ward.clock) as service:
        assert service.projections().episodes == 6


def test_a_tracker_of_its_own_is_never_copied_over(source: Location, empty: Empty) -> None:
    """Nothing of it changes."""
    target = copying.fill(empty(SQLITE), 1)
    before = copying.contents_of(target)
    with pytest.raises(RefusedError, match="holds a tracker already"):
        copying.copy(source, target)
    assert copying.contents_of(target) == before


def test_a_finished_copy_is_not_copied_into_again(source: Location, target: Location) -> None:
    """It may be in use: what its schedulers sent would be forgotten."""
    copying.copy(source, target)
    with pytest.raises(RefusedError, match=r"is a copy of .* that was finished already"):
        copying.copy(source, target)


@pytest.mark.parametrize("kind", [SQLITE, SERVER])
def test_what_was_only_looked_at_is_no_empty_place(
    kind: str, source: Location, empty: Empty
) -> None:
    """A look is on record there; it says how to make a server's database empty again."""
    target = empty(kind)
    with Service.open(target, ward.clock, create=True) as service:
        look = Access(at=ward.NOW, actor="anna", command="worklist")
        record(service.database, [look], lambda _error: None)
    with pytest.raises(RefusedError, match="there are accesses in it") as refused:
        copying.copy(source, target)
    assert ("dropdb and createdb" in str(refused.value.hint)) == (kind == SERVER)


def _other_protocol(database: Database) -> None:
    with database.writing() as conn, unguarded(conn):
        conn.execute(text("UPDATE protocols SET actor = 'somebody else'"))


def _other_event(database: Database) -> None:
    with database.writing() as conn:
        unguard(conn)
        conn.execute(text("UPDATE events SET state = hash WHERE position = 2"))


def _one_event_more(database: Database) -> None:
    with database.writing() as conn:
        (position, hash_), key = sequence.head(conn), log.last_key(conn)
        conn.execute(
            text("INSERT INTO events VALUES (:p, :k, 99, 'x', :h, :h)"),
            {"p": position + 1, "k": key, "h": hash_},
        )


@pytest.mark.parametrize("here", [SQLITE, SERVER])
@pytest.mark.parametrize("change", [_other_protocol, _other_event, _one_event_more])
def test_a_copy_that_was_tampered_with_is_refused(
    change: Callable[[Database], None], here: str, source: Location, empty: Empty
) -> None:
    """What is there already is compared, not trusted."""
    target = empty(here)
    copying.copy(source, target, finish=False)
    with open_database(target) as database:
        change(database)
    with pytest.raises(AuditError, match=r"holds row \S+ of (events|protocols), which "):
        copying.copy(source, target)


@pytest.mark.parametrize("here", [SQLITE, SERVER])
def test_a_copy_whose_guards_are_gone_is_refused(
    here: str, source: Location, empty: Empty, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would let its log be changed; the twin that does not look takes it."""
    target = empty(here)
    copying.copy(source, target, finish=False)
    with open_database(target) as database, database.writing() as conn:
        unguard(conn)
    with pytest.raises(AuditError, match=r"the trigger .* is "):
        copying.copy(source, target)
    monkeypatch.setattr("tracker.moving.copy.check_tables", lambda *_: None)
    copying.copy(source, target)


@pytest.mark.parametrize("here", [SQLITE, SERVER])
def test_the_beginning_of_another_copy_is_refused(
    here: str, source: Location, empty: Empty
) -> None:
    """It says from where that was begun and what to do; the other copy can still be finished."""
    other, target = copying.fill(empty(SQLITE), 2), empty(here)
    copying.copy(other, target, finish=False)
    with pytest.raises(RefusedError) as refused:
        copying.copy(source, target)
    name, begun = target.name, other.name
    assert f"{name} was begun as a copy of {begun}, and is none of" in refused.value.message
    assert f"tracker db copy {begun}" in str(refused.value.hint)
    copying.copy(other, target)
    assert copying.contents_of(target) == copying.contents_of(other)


def test_a_source_that_was_moved_meanwhile_is_no_other(empty: Empty, target: Location) -> None:
    """What it is called is not what it is."""
    source = copying.fill(empty(SQLITE), 1)
    copying.copy(source, target, finish=False)
    moved = Location(source.home.rename(source.home.parent / "moved"))
    copying.copy(moved, target)
    assert copying.contents_of(target) == copying.contents_of(moved)


def test_twin_that_does_not_compare_takes_it_as_it_is(
    source: Location, target: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever added a protocol is another one now, and nothing shows it."""
    copying.copy(source, target, finish=False)
    with open_database(target) as database:
        _other_protocol(database)
    monkeypatch.setattr(Mover, "_refuse", lambda *_: None)
    monkeypatch.setattr(rows, "update", lambda table: update(table).where(text("1 = 0")))
    copying.copy(source, target)
    assert copying.contents_of(target)["protocols"] != copying.contents_of(source)["protocols"]


@pytest.mark.parametrize("here", [SQLITE, SERVER])
def test_what_may_change_follows_the_source(here: str, empty: Empty) -> None:
    """Between two runs schedulers come and go, and messages are sent."""
    source, target = copying.fill(empty(SQLITE), 2), empty(here)
    copying.copy(source, target, finish=False)
    with open_database(source) as database, database.writing() as conn:
        conn.execute(delete(heartbeats))
        conn.execute(text("UPDATE outbox SET state = 'dropped'"))
        conn.execute(insert(heartbeats).values(_HEARTBEAT))
    copying.copy(source, target)
    assert copying.contents_of(target) == copying.contents_of(source)


_HEARTBEAT = {"scheduler": "other", "last_tick": 1, "issued": 0, "skipped": 0}


def test_a_source_that_does_not_stand_up_is_not_copied(empty: Empty, target: Location) -> None:
    """The first bad position is named; nothing is made of it."""
    source = copying.fill(empty(SQLITE), 1)
    with open_database(source) as database:
        _other_event(database)
    with pytest.raises(AuditError, match="position 2"):
        copying.copy(source, target)


def test_the_command_says_what_it_copied(patched: Tracker, empty: Empty) -> None:
    """Where it ends, how much it wrote, and that the old place is to be left."""
    url = empty(SERVER).database_url or ""
    done = patched.run("db", "copy", str(patched.home), url, "--format", "json")
    assert '"finished": true' in done.stdout, done.output
    assert "From now on use postgresql://" in done.stderr
    assert patched.ok("--database", url, "export", "--all") == patched.ok("export", "--all")


def test_a_scheduler_that_still_works_is_told_of(patched: Tracker) -> None:
    """What it issues later would be in the old place alone."""
    patched.ok("scheduler", "tick", "--name", "night")
    patched.clock.tick(180)
    done = patched.run("db", "copy", str(patched.home), str(beside(patched, "new").home))
    assert "night ticked on" in done.stderr
    assert ", last 3 min ago: " in done.stderr


def test_a_copy_into_itself_is_refused(patched: Tracker) -> None:
    """By any name of the place."""
    code, told = patched.refused("db", "copy", str(patched.home), f"{patched.home}/../home/")
    assert (code, "into itself" in told) == (2, True)


def test_an_encrypted_tracker_is_copied_by_its_keys(tracker: Tracker) -> None:
    """Nothing is unsealed on the way; the copy needs configuration and keys of its own."""
    key, keys = (tracker.home.parent / name for name in ("master.key", "keys.json"))
    tracker.ok("init", "--encrypt", "--master-key", f"file:{key}")
    tracker.ok("open", "--patient", "MRN-9", "--reference", "case-9", "--time-zone", "UTC")
    tracker.ok("keys", "backup", str(keys))
    new = beside(tracker, "new")
    tracker.ok("db", "copy", str(tracker.home), str(new.home))
    (new.home / "config.toml").write_bytes((tracker.home / "config.toml").read_bytes())
    new.ok("keys", "restore", str(keys))
    assert new.json("worklist") == tracker.json("worklist")
