"""A tracker copied to another place: the same rows, the same chain, lists that agree."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, text, update

from tests.faults import ward
from tests.faults.agreement import disagreements
from tests.faults.apart import apart
from tests.moving import copying
from tests.moving.conftest import Tracker, beside, silent
from tracker.config import Location
from tracker.errors import AuditError, RefusedError, StoreError
from tracker.moving import rows
from tracker.moving.copy import Copier
from tracker.moving.rows import Mover
from tracker.service import Service
from tracker.store import log
from tracker.store.database import Database, open_database
from tracker.store.tables import heartbeats


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Location:
    """A tracker with events, looks, messages and a scheduler; no test changes it."""
    return copying.grown(tmp_path_factory.mktemp("source") / "home", 6)


@pytest.fixture
def target(tmp_path: Path) -> Location:
    """A place with nothing in it."""
    return Location(tmp_path / "copy", None)


def test_everything_that_lasts_is_copied(source: Location, target: Location) -> None:
    """Row for row, in every table."""
    copying.copy(source, target)
    copied = copying.contents_of(target)
    assert copied == copying.contents_of(source)
    assert {"events", "accesses", "outbox", "heartbeats", "protocols"} <= {
        name for name, found in copied.items() if found
    }


def test_the_copy_stands_up(source: Location, target: Location) -> None:
    """Chain, head and lists agree with one another."""
    copying.copy(source, target)
    assert disagreements(target.home) == []


def test_the_copy_goes_on_by_itself(source: Location, target: Location) -> None:
    """New episodes and events get the next keys and positions."""
    copying.copy(source, target)
    with ward.opened(target.home) as service:
        before = service.projections().head
        ward.add(service, [100])
        assert service.projections().head == before + 3
    assert disagreements(target.home) == []


def test_what_is_recorded_meanwhile_is_copied_too(tmp_path: Path, target: Location) -> None:
    """Until the source has nothing more."""
    source = copying.grown(tmp_path / "home", 2)
    with ward.opened(source.home) as service, open_database(target, create=True) as database:
        copier = _Disturbed(service, database, silent)
        done = copier.copy()
        assert done.head.position == service.projections().head
    assert copying.contents_of(target) == copying.contents_of(source)
    assert disagreements(target.home) == []


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
    tmp_path: Path, target: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy stays closed, and goes on when it is run again."""
    source = copying.grown(tmp_path / "home", 1)
    monkeypatch.setattr("tracker.moving.copy.PASSES", 2)
    with ward.opened(source.home) as service, open_database(target, create=True) as database:
        with pytest.raises(StoreError, match="recorded into all the time"):
            _Disturbed(service, database, silent).copy()
        Copier(service, database, silent).copy()
    assert copying.contents_of(target) == copying.contents_of(source)


def test_nobody_uses_a_copy_before_it_is_finished(source: Location, target: Location) -> None:
    """It may lack what was recorded last, and has no lists."""
    copying.copy(source, target, finish=False)
    for create in (False, True):
        with pytest.raises(StoreError, match="has not finished"):
            Service.open(target, ward.clock, create=create)
    copying.copy(source, target)
    with Service.open(target, ward.clock) as service:
        assert service.projections().episodes == 6


def test_a_tracker_of_its_own_is_never_copied_over(source: Location, tmp_path: Path) -> None:
    """Whether it was a copy once or not."""
    target = copying.grown(tmp_path / "other", 1)
    before = copying.contents_of(target)
    with pytest.raises(RefusedError, match="holds a tracker already"):
        copying.copy(source, target)
    assert copying.contents_of(target) == before


def test_a_finished_copy_is_not_copied_into_again(source: Location, target: Location) -> None:
    """It may be in use: what its schedulers sent would be forgotten."""
    copying.copy(source, target)
    with pytest.raises(RefusedError):
        copying.copy(source, target)


Change = Callable[[Database], None]


def _without_triggers(database: Database, statement: str) -> None:
    with database.writing() as conn:
        query = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = conn.execute(query).all()
        for trigger in triggers:
            conn.execute(text(f"DROP TRIGGER {trigger.name}"))
        conn.execute(text(statement))
        for trigger in triggers:
            conn.execute(text(trigger.sql))


def _other_protocol(database: Database) -> None:
    _without_triggers(database, "UPDATE protocols SET actor = 'somebody else'")


def _other_event(database: Database) -> None:
    _without_triggers(
        database, "UPDATE events SET state = CAST(state || ' ' AS BLOB) WHERE position = 2"
    )


def _one_event_more(database: Database) -> None:
    with database.writing() as conn:
        position, _ = log.head(conn)
        conn.execute(
            text("INSERT INTO events VALUES (:p, 1, 99, 'x', x'00', x'00')"), {"p": position + 1}
        )


@pytest.mark.parametrize("change", [_other_protocol, _other_event, _one_event_more])
def test_a_copy_that_was_tampered_with_is_refused(
    change: Change, source: Location, target: Location
) -> None:
    """What is there already is compared, not trusted."""
    copying.copy(source, target, finish=False)
    with open_database(target) as database:
        change(database)
    with pytest.raises(AuditError, match=r"copy holds (events|protocols)"):
        copying.copy(source, target)


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


def test_what_may_change_follows_the_source(tmp_path: Path, target: Location) -> None:
    """Between two runs schedulers come and go, and messages are sent."""
    source = copying.grown(tmp_path / "home", 2)
    copying.copy(source, target, finish=False)
    with open_database(source) as database, database.writing() as conn:
        conn.execute(delete(heartbeats))
        conn.execute(text("UPDATE outbox SET state = 'dropped'"))
        conn.execute(insert(heartbeats).values(_HEARTBEAT))
    copying.copy(source, target)
    assert copying.contents_of(target) == copying.contents_of(source)


_HEARTBEAT = {"scheduler": "other", "last_tick": 1, "issued": 0, "skipped": 0}


def test_a_source_that_does_not_stand_up_is_not_copied(tmp_path: Path, target: Location) -> None:
    """The first bad position is named; nothing is made of it."""
    source = copying.grown(tmp_path / "home", 1)
    with open_database(source) as database:
        _other_event(database)
    with pytest.raises(AuditError, match="position 2"):
        copying.copy(source, target)


def test_killed_anywhere_it_goes_on(tmp_path: Path) -> None:
    """However often and wherever it is killed: in the end all of it is there, once."""
    source = copying.grown(tmp_path / "home", 2)
    target = Location(tmp_path / "copy", None)
    (kills,) = apart(copying.until_it_lives, source, target, 1.3)
    assert int(kills) > 10
    assert copying.contents_of(target) == copying.contents_of(source)
    assert disagreements(target.home) == []


@pytest.mark.backends("sqlite")
def test_the_command_says_what_it_copied(patched: Tracker) -> None:
    """Where it ends, how much it wrote, and that the old place is to be left."""
    new = beside(patched, "new")
    done = patched.run("db", "copy", str(patched.home), str(new.home), "--format", "json")
    assert '"finished": true' in done.stdout
    assert f"From now on use {new.home}" in done.stderr
    assert new.ok("export", "--all") == patched.ok("export", "--all")


def test_a_copy_into_itself_is_refused(patched: Tracker) -> None:
    """By any name of the place."""
    code, told = patched.refused("db", "copy", str(patched.home), f"{patched.home}/../home/")
    assert (code, "into itself" in told) == (2, True)


@pytest.mark.backends("sqlite")
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
