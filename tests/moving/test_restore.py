"""A restore makes a tracker of a backup, where there is none, if what it holds stands up."""

import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.agreement import disagreements
from tests.moving.conftest import Tracker, backup, beside, first_release, opened, restored
from tracker.config import Location
from tracker.moving.restore import STAGE
from tracker.store import schema, sequence
from tracker.store.database import FILE_NAME

pytestmark = pytest.mark.backends("sqlite")

TIME = "2026-03-04T12:00:00Z"


def tampered(file: Path, *statements: str) -> Path:
    """Change a backup behind the program's back; its triggers are put aside and back again."""
    conn = sqlite3.connect(file)
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    triggers = conn.execute(query).fetchall()
    for name, _ in triggers:
        conn.execute(f"DROP TRIGGER {name}")
    for statement in (*statements, *(sql for _, sql in triggers)):
        conn.execute(statement)
    conn.commit()
    conn.close()
    return file


def test_the_restored_tracker_is_what_was_backed_up(patched: Tracker, taken: Path) -> None:
    """The same log, and the same lists."""
    new = restored(patched, taken, TIME)
    assert new.ok("export", "--all") == patched.ok("export", "--all")
    assert new.json("worklist") == patched.json("worklist")


def test_everything_in_it_agrees(patched: Tracker, taken: Path) -> None:
    """Chain, head and rows."""
    assert disagreements(restored(patched, taken, TIME).home) == []


def test_it_is_for_its_owner_alone(patched: Tracker, taken: Path) -> None:
    """As a tracker is that `init` makes; nothing else is left there."""
    home = restored(patched, taken, TIME).home
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert [(p.name, stat.S_IMODE(p.stat().st_mode)) for p in home.iterdir()] == [
        (FILE_NAME, 0o600)
    ]


def test_nothing_is_restored_over_a_tracker(patched: Tracker, taken: Path) -> None:
    """Not even over what is left of one."""
    code, told = patched.refused("db", "restore", str(taken))
    assert (code, "holds a tracker already" in told) == (4, True)
    new = beside(patched, "remains")
    new.home.mkdir()
    (new.home / f"{FILE_NAME}-wal").touch()
    assert new.refused("db", "restore", str(taken))[0] == 4


def test_two_at_once_are_one_too_many(patched: Tracker, taken: Path) -> None:
    """The second one into the same place is refused, and disturbs nothing."""
    from tracker.moving.restore import _stage

    new = beside(patched, "new")
    with _stage(new.home) as stage:
        code, told = new.refused("db", "restore", str(taken))
        assert stage.is_dir()
    assert (code, "another restore" in told) == (4, True)


def test_what_a_killed_restore_left_is_cleared_away(patched: Tracker, taken: Path) -> None:
    """It can be repeated as it is."""
    stage = beside(patched, "restored").home / STAGE
    stage.mkdir(parents=True)
    (stage / FILE_NAME).write_bytes(b"half a file")
    assert disagreements(restored(patched, taken, TIME).home) == []
    assert not stage.exists()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE events SET state = CAST(state || ' ' AS BLOB) WHERE position = 2",
         "position 2: the hash"),
        ("DELETE FROM events WHERE position = 2", "position 2: missing"),
        ("DELETE FROM events WHERE position = (SELECT max(position) FROM events)",
         "4 to 4 are gone"),
        ("UPDATE accesses SET state = 'x' WHERE position = 1", "access log: position 1"),
    ],
)  # fmt: skip
def test_a_log_that_does_not_stand_up_is_refused(
    statement: str, told: str, patched: Tracker, taken: Path
) -> None:
    """The first bad position is named, and no tracker appears."""
    _look(taken)
    new = beside(patched, "new")
    code, said = new.refused("db", "restore", str(tampered(taken, statement)))
    assert (code, told in said) == (6, True), said
    assert not new.home.exists()


PLANTED = (
    "CREATE TRIGGER swallow BEFORE INSERT ON events BEGIN SELECT RAISE(IGNORE); END",
    "CREATE TRIGGER quiet BEFORE INSERT ON outbox BEGIN SELECT RAISE(IGNORE); END",
    "CREATE VIEW shown AS SELECT * FROM events",
    "CREATE UNIQUE INDEX few ON accesses (actor)",
    "ALTER TABLE accesses ADD COLUMN more TEXT",
)


@pytest.mark.parametrize("statement", [*PLANTED, "DROP TRIGGER events_refuse_update"])
def test_tables_that_were_altered_are_refused(
    statement: str, patched: Tracker, taken: Path
) -> None:
    """What is planted or gone is named, and no tracker appears; a copy can still be looked at."""
    with closing(sqlite3.connect(taken)) as conn, conn:
        conn.execute(statement)
    new = beside(patched, "new")
    code, said = new.refused("db", "restore", str(taken))
    assert (code, new.home.exists()) == (6, False), said
    assert any(word in said for word in ("does not belong there", "as it was made", "is missing"))
    copy = beside(patched, "copy")
    copy.home.mkdir()
    shutil.copy(taken, copy.home / FILE_NAME)
    assert copy.run("audit", "verify").exit_code == 6
    if statement in PLANTED[:3]:
        assert copy.json("audit", "replay", "Ms-Miller")


def test_a_restore_by_hand_is_checked_alike(patched: Tracker) -> None:
    """As where a machine was set back."""
    patched.execute(PLANTED[0])
    assert patched.refused("db", "restored")[0] == 6


def test_twin_that_does_not_look_at_the_tables_restores_what_swallows(
    patched: Tracker, taken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the check a tracker appears that keeps nothing."""
    with closing(sqlite3.connect(taken)) as conn, conn:
        conn.execute(PLANTED[0])
    monkeypatch.setattr("tracker.moving.restored.check_tables", lambda *_: None)
    new = restored(patched, taken, TIME)
    assert new.refused("record", "patient-mobilized", "Ms-Miller")[0] == 1


def _look(file: Path) -> None:
    """Let somebody have looked at an episode, in the words of the access log."""
    from tests.cli.conftest import NOW
    from tracker import access

    home = file.parent / "looked"
    home.mkdir()
    shutil.copy(file, home / FILE_NAME)
    with opened(home) as database, database.appending() as conn:
        access.append(conn, [access.Access(at=NOW, actor="anna", command="worklist")])
    file.unlink()
    (home / FILE_NAME).rename(file)


def test_lists_that_lie_are_built_anew(patched: Tracker, taken: Path) -> None:
    """They are compared with the log, and the log counts."""
    tampered(taken, "UPDATE worklist SET stage = 'closed'")
    new = beside(patched, "restored")
    told = new.json("db", "restore", str(taken))
    assert (told["lists"], told["differences"] > 0) == ("rebuilt", True)
    assert new.json("worklist") == patched.json("worklist")


def test_an_older_backup_is_brought_up_to_date(tracker: Tracker) -> None:
    """By the migrations that every tracker goes through."""
    old = tracker.home.parent / "old"
    first_release(Location(old))
    new = restored(tracker, old / FILE_NAME, TIME)
    with opened(new.home) as database:
        schema.check(database)
    assert new.json("scheduler", "status")["restored"]["at"] == TIME


def _garbage(file: Path) -> None:
    file.write_bytes(b"Dear colleague, " * 1000)


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _other_database(file: Path) -> None:
    file.unlink()
    conn = sqlite3.connect(file)
    conn.execute("CREATE TABLE birds (name TEXT)")
    conn.close()


def _newer(file: Path) -> None:
    tampered(file, "UPDATE alembic_version SET version_num = '9999'")


def _unversioned(file: Path) -> None:
    tampered(file, "DELETE FROM alembic_version")


def _torn(file: Path) -> None:
    data = bytearray(file.read_bytes())
    for place in range(4096, len(data), 8192):
        data[place : place + 4096] = bytes(4096)
    file.write_bytes(data)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_garbage, "not a SQLite database"),
        (_empty, "not a SQLite database"),
        (_other_database, "holds no tracker"),
        (_newer, "newer version"),
        (_unversioned, "is missing, though they are there"),
        (_torn, "damaged"),
        (Path.unlink, "No such file"),
    ],
)
def test_what_is_no_backup_is_refused(
    spoil: Callable[[Path], None], told: str, patched: Tracker, taken: Path
) -> None:
    """In words, naming the file; nothing is left where the tracker was to be."""
    spoil(taken)
    new = beside(patched, "new")
    code, said = new.refused("db", "restore", str(taken))
    assert (code, told in said, str(taken) in said) == (1, True, True), said
    assert not new.home.exists()


def test_a_copy_with_its_write_ahead_log_is_a_backup_too(patched: Tracker) -> None:
    """What somebody copied by hand, both files of it, is restored whole."""
    with opened(patched.home) as database, database.reading() as conn:
        position, _ = sequence.head(conn)  # the file's log stays as long as somebody reads
        patched.ok("record", "patient-mobilized", "Ms-Miller")
        for name in (FILE_NAME, f"{FILE_NAME}-wal"):
            shutil.copy(patched.home / name, patched.home.parent)
    new = beside(patched, "new")
    told = new.json("db", "restore", str(patched.home.parent / FILE_NAME))
    assert told["position"] == position + 1


@pytest.fixture
def sealed(tracker: Tracker) -> Tracker:
    """An encrypted tracker with an episode; its master key is beside it."""
    key = f"file:{tracker.home.parent / 'master.key'}"
    tracker.ok("init", "--encrypt", "--master-key", key)
    tracker.ok("open", "--patient", "MRN-9", "--reference", "case-9", "--time-zone", "UTC")
    return tracker


def test_an_encrypted_tracker_without_its_keys_is_restored_as_it_is(sealed: Tracker) -> None:
    """Its chain needs no key; its lists do, and are left for when the keys are back."""
    keys = sealed.home.parent / "keys.json"
    sealed.ok("keys", "backup", str(keys))
    new = beside(sealed, "new")
    assert new.json("db", "restore", str(backup(sealed)))["lists"] == "sealed"
    shutil.copy(sealed.home / "config.toml", new.home)
    new.ok("keys", "restore", str(keys))
    assert new.json("worklist") == sealed.json("worklist")
    assert disagreements_of(new) == []


def disagreements_of(tracker: Tracker) -> list[object]:
    """Return what of the lists is not what the log says."""
    found: list[object] = tracker.json("projections", "rebuild", "--verify")["differences"]
    return found


def test_an_encrypted_tracker_with_its_keys_is_compared(sealed: Tracker) -> None:
    """Configuration and keys may be put into the place first."""
    new = beside(sealed, "new")
    new.home.mkdir()
    for file in (sealed.home / "config.toml", *sealed.home.glob("keys.sqlite*")):
        shutil.copy(file, new.home)
    assert new.json("db", "restore", str(backup(sealed)))["lists"] == "same"


def test_a_backup_that_is_named_as_a_tracker(patched: Tracker, taken: Path) -> None:
    """It is a file; how it can be looked at is said, and works."""
    code, told = patched.refused("--home", str(taken), "audit", "verify")
    assert (code, f"cp {taken.name} DIR/{FILE_NAME}" in told) == (1, True)
    copy = beside(patched, "copy")
    copy.home.mkdir()
    shutil.copy(taken, copy.home / FILE_NAME)
    assert copy.json("audit", "verify")["ok"]
