"""Evidence on a medium that cannot be written: it is verified there, and never in part."""

import hashlib
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.audit.records import Record, make_record
from tests.faults.program import Answer, bound_by_modes, finish, refused, start, tracker
from tracker.store import evidence
from tracker.store.database import FILE_NAME

VERIFIER = str(Path(__file__).parents[2] / "scripts/verify_audit.py")
EVENTS = 20
Verify = Callable[[Path], Answer]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return a small record; it is not to be hurt."""
    return make_record(tmp_path_factory.mktemp("record"), EVENTS)


@pytest.fixture
def home(original: Record, tmp_path: Path) -> Iterator[Path]:
    """Give a copy that somebody put on a medium that cannot be written, once it is `sealed`."""
    copy = original.copied(tmp_path / "copy").home
    yield copy
    copy.chmod(0o700)


def sealed(home: Path) -> Path:
    """Return the home when nothing can be made or changed in it."""
    for path in home.iterdir():
        path.chmod(0o400)
    home.chmod(0o500)
    return home


def digests(home: Path) -> dict[str, str]:
    """Return the hash of each file, as an auditor writes it down."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in home.iterdir()}


def by_program(home: Path) -> Answer:
    """Verify by the program."""
    return tracker(home, "audit", "verify", preexec_fn=bound_by_modes)


def independently(home: Path) -> Answer:
    """Verify by the independent verifier."""
    command = [sys.executable, "-I", VERIFIER]
    return finish(start(home, str(home), command=command, preexec_fn=bound_by_modes))


def written_ahead(home: Path) -> None:
    """Leave the latest look in the -wal, as a copy of what was in use has it."""
    script = (
        "import os, sqlite3, sys\n"
        "conn = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "conn.execute('PRAGMA journal_mode=WAL')\n"
        "conn.execute('CREATE TABLE planted (x)')\n"
        "os._exit(0)\n"
    )
    file = home / FILE_NAME
    subprocess.run([sys.executable, "-c", script, str(file)], check=True)
    file.with_name(f"{FILE_NAME}-shm").unlink()
    assert file.with_name(f"{FILE_NAME}-wal").stat().st_size


def out_of_wal(home: Path) -> None:
    """Let the file have a journal of the old kind."""
    with closing(sqlite3.connect(home / FILE_NAME)) as conn:
        assert conn.execute("PRAGMA journal_mode=DELETE").fetchone() == ("delete",)


@pytest.mark.parametrize("verify", [by_program, independently])
@pytest.mark.parametrize("prepare", [lambda _: None, out_of_wal])
def test_it_is_verified_where_it_is(
    home: Path, prepare: Callable[[Path], None], verify: Verify
) -> None:
    """Whatever its journal, and not a byte or a file in the directory is another afterwards."""
    prepare(home)
    before = digests(home)
    answer = verify(sealed(home))
    assert answer.code == 0, answer
    assert str(EVENTS) in answer.out + answer.err
    assert digests(home) == before


@pytest.mark.parametrize("verify", [by_program, independently])
def test_what_was_changed_is_found_there(home: Path, verify: Verify) -> None:
    """It is verified indeed."""
    with closing(sqlite3.connect(home / FILE_NAME)) as conn, conn:
        conn.execute("DROP TRIGGER events_refuse_delete")
        conn.execute("DELETE FROM events WHERE position = 7")
    assert verify(sealed(home)).code == 6


@pytest.mark.parametrize("verify", [by_program, independently])
def test_a_part_of_the_record_is_not_verified(home: Path, verify: Verify) -> None:
    """What the -wal holds is not in the file: it is said that both are to be copied."""
    written_ahead(home)
    answer = verify(sealed(home))
    assert answer.code == 1
    assert f"{FILE_NAME}-wal" in answer.err
    assert f"copy both, {FILE_NAME} and {FILE_NAME}-wal" in answer.err


def test_twin_that_ignores_the_wal_takes_a_part_for_all(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the refusal a file is read as if nothing were beside it."""
    from tracker.config import Location
    from tracker.store import sqlite
    from tracker.store.database import open_database

    written_ahead(home)
    connected = sqlite._connected

    def on_a_medium(path, how, *rest):
        if how == "mode=rw":
            raise sqlite3.OperationalError("unable to open database file")
        return connected(path, how, *rest)

    monkeypatch.setattr(sqlite, "_connected", on_a_medium)
    monkeypatch.setattr(evidence, "only_readable", lambda _: True)
    query = "SELECT count(*) FROM sqlite_master WHERE name = 'planted'"
    with open_database(Location(home, None)) as database:
        with pytest.raises(Exception, match="holds a part of it"), database.reading():
            pass
        monkeypatch.setattr(evidence, "refuse_part", lambda _: None)
        with database.reading() as conn:
            assert conn.exec_driver_sql(query).scalar_one() == 0


@pytest.mark.parametrize("verify", [by_program, independently])
def test_the_copy_of_both_is_verified(home: Path, tmp_path: Path, verify: Verify) -> None:
    """As the refusal says; the table in the -wal is seen there."""
    written_ahead(home)
    copy = Path(shutil.copytree(sealed(home), tmp_path / "writable"))
    copy.chmod(0o700)
    for path in copy.iterdir():
        path.chmod(0o600)
    assert verify(copy).code == 0
    with closing(sqlite3.connect(copy / FILE_NAME)) as conn:
        assert conn.execute("SELECT count(*) FROM planted").fetchone() == (0,)


def test_the_independent_verifier_changes_no_byte(home: Path) -> None:
    """Also of a copy with a -wal in a place that can be written."""
    written_ahead(home)
    before = digests(home)
    assert f"{FILE_NAME}-wal" in before
    assert independently(home).code == 0
    assert {name: digest for name, digest in digests(home).items() if name in before} == before


@pytest.mark.parametrize(
    "command", [("audit", "replay", "{episode}"), ("audit", "export", "--all", "--out", "{out}")]
)
def test_what_shows_somebody_says_to_make_a_copy(
    home: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """Its look cannot be recorded there."""
    with closing(sqlite3.connect(home / FILE_NAME)) as conn:
        (uuid,) = conn.execute("SELECT uuid FROM episodes LIMIT 1").fetchone()
    words = [word.format(episode=uuid, out=tmp_path / "out") for word in command]
    answer = tracker(sealed(home), *words, preexec_fn=bound_by_modes)
    assert (answer.out, (tmp_path / "out").exists()) == ("", False)
    assert refused(answer, "nothing is shown", "read-only", "copy the directory")


def test_lists_are_not_built_there(home: Path) -> None:
    """--deep builds them in the database: that it cannot is no fault of the record."""
    answer = tracker(sealed(home), "audit", "verify", "--deep", preexec_fn=bound_by_modes)
    assert refused(answer, "cannot be written", "copy the directory")


def test_with_another_place_for_its_looks_it_is_replayed(home: Path, tmp_path: Path) -> None:
    """The tracker it was copied from keeps the look."""
    writable = Path(shutil.copytree(home, tmp_path / "writable"))
    with closing(sqlite3.connect(home / FILE_NAME)) as conn:
        (uuid,) = conn.execute("SELECT uuid FROM episodes LIMIT 1").fetchone()
    words = ("--access-database", str(writable), "audit", "replay", uuid)
    assert tracker(sealed(home), *words, preexec_fn=bound_by_modes).code == 0
