"""A value that SQLite was made to keep in another storage class: both verifiers name its place."""

import json
import random
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts import verify_audit as independent
from tests.audit.attacks import opened, owned, rechain
from tests.audit.both import agreed, found_in, ours
from tests.audit.conftest import Tracker
from tests.audit.flips import CLASSES, COLUMNS, NUMBERED, Flip, recast
from tests.audit.records import KEY, Record, silent
from tracker.audit import stretches
from tracker.audit.helping import Helper, Queries
from tracker.audit.verify import part_of, verify
from tracker.config import Location
from tracker.store import scan
from tracker.store.database import open_database
from tracker.store.sqlite import FEW_PAGES

EVERY = [
    (table, column)
    for table, columns in COLUMNS.items()
    for column in columns
    if column not in NUMBERED
]
ONLY_BY_CHECKPOINT = ("protocols", "actor"), ("protocols", "added_at")
"""Another number, or another name, is as good as the one before it to who has no checkpoint."""
NO_TEXT = b"\xff\xfe never shown"


def as_text(file: Path, table: str, column: str, row: int) -> None:
    """Keep what is stored as text."""
    with owned(file) as db:
        db.execute(f"UPDATE {table} SET {column} = CAST({column} AS TEXT) WHERE rowid = {row}")


@pytest.mark.parametrize(("table", "column"), EVERY)
@pytest.mark.parametrize("how", CLASSES)
def test_another_class_is_found(record: Record, table: str, column: str, how: str) -> None:
    """Of every column, with checkpoints and without."""
    rng = random.Random(f"{table} {column} {how}")
    with opened(record.file) as db:
        rows = [row for (row,) in db.execute(f"SELECT rowid FROM {table}").fetchall()]
        for row in {rng.choice(rows), rows[-1]}:
            with recast(db, Flip(table, column, row, 0), how) as changed:
                with_checkpoints = agreed(record.home, record.checkpoints).faults
                alone = agreed(record.home).faults
                if not changed:
                    assert (with_checkpoints, alone) == ([], [])
                    continue
                assert with_checkpoints, row
                if (table, column) not in ONLY_BY_CHECKPOINT:
                    assert alone, row
                    assert set(alone) <= set(with_checkpoints)
    assert agreed(record.home, record.checkpoints).stands


@pytest.mark.parametrize("column", ["state", "hash"])
@pytest.mark.parametrize("table", ["events", "accesses"])
@pytest.mark.parametrize("row", [1, 5, -1])
def test_bytes_that_are_kept_as_text_are_no_bytes(
    record: Record, table: str, column: str, row: int
) -> None:
    """Though they are the same ones; those that are no UTF-8 can be read by nothing else."""
    with opened(record.file) as db:
        (last,) = db.execute(f"SELECT max(position) FROM {table}").fetchone()
    row = last if row < 0 else row
    if column == "state":  # as one that is sealed is no text
        with owned(record.file) as db:
            change = (b"\x01" + bytes(range(128, 228)), row)
            db.execute(f"UPDATE {table} SET state = ? WHERE position = ?", change)
            if table == "events":
                rechain(db)
    as_text(record.file, table, column, row)
    part, code = ("events", "hash") if table == "events" else ("access", "access")
    assert agreed(record.home).faults == [(part, row, code)]
    assert (part, row, code) in agreed(record.home, record.checkpoints).faults
    if table == "events":
        assert agreed(record.home, (), row, None).faults == [(part, row, code)]


@pytest.mark.parametrize("length", [1, 2, 100])
def test_also_where_others_help(
    record: Record, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """A process that reads with the driver alone leaves what it cannot read to the other."""
    monkeypatch.setattr(stretches, "LENGTH", length)
    as_text(record.file, "events", "hash", 5)
    with open_database(Location(record.home, None)) as database:
        found = verify(database, part_of(database), (), silent, processes=2)
        with database.reading() as conn:
            queries = Queries(FEW_PAGES, scan.query(conn), scan.BATCH)
            uuids = scan.identified(conn)
    assert found_in(found.faults) == [("events", 5, "hash")]
    Helper.start_on_file(uuids, record.file, queries)
    for first, last in ((1, 9), (5, 5), (6, 9)):
        stretch = Helper.check(first, last)
        assert stretch is None or not stretch.stands


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("events SET topic = {} WHERE position = 4", ("events", 4, "hash")),
        ("episodes SET uuid = {} WHERE key = 1", ("events", 1, "episode")),
        ("accesses SET actor = {} WHERE position = 3", ("access", 3, "access")),
        ("protocols SET name = {} WHERE name = 'ward@1'", ("protocols", None, "protocol")),
        ("protocols SET text = {}", ("protocols", None, "protocol")),
        ("protocols SET hash = {}", ("protocols", None, "protocol")),
        ("protocols SET actor = {}", ("protocols", None, "protocol")),
    ],
)
def test_text_that_is_none_is_found_and_not_shown(
    record: Record,
    what: str,
    expected: tuple[str, int | None, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Neither in words nor as JSON, and nothing breaks on it."""
    with owned(record.file) as db:
        db.execute(f"UPDATE {what.format('CAST(? AS TEXT)')}", (NO_TEXT,))
    for known in ((), record.checkpoints):
        assert expected in agreed(record.home, known).faults
    said = told_by_theirs(record, capsys) + told_by_ours(record)
    assert "never shown" not in said
    assert "\\udcff" not in said


def told_by_theirs(record: Record, capsys: pytest.CaptureFixture[str]) -> str:
    """Return all that the independent verifier says."""
    words: Sequence[str] = ("--checkpoint", str(record.outside), "--public-key", str(KEY.public))
    assert independent.main([str(record.home), *words]) == 6
    assert independent.main([str(record.home), *words, "--json"]) == 6
    said = capsys.readouterr().out
    assert json.loads(said[said.index("\n{") :])["faults"]
    return said


def told_by_ours(record: Record) -> str:
    """Return the words of what `audit verify` finds."""
    with open_database(Location(record.home, None)) as database:
        report = verify(database, part_of(database), record.checkpoints, silent)
    return "".join(fault.text for fault in [*report.faults, *report.remarks])


def test_a_verifier_that_takes_them_for_bytes_finds_nothing(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin that gives text that is none back as bytes."""

    def text_or_bytes(raw: bytes) -> str | bytes:
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return raw

    as_text(record.file, "events", "hash", 5)
    assert not ours(record.home).stands
    monkeypatch.setattr(scan, "_text", text_or_bytes)
    assert ours(record.home).stands


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("column", ["state", "hash"])
def test_a_command_says_what_to_do(patched: Tracker, column: str) -> None:
    """In words of its own: SQLite's quote what is stored."""
    file = patched.home / "tracker.sqlite"
    with owned(file) as db:
        (last,) = db.execute("SELECT max(position) FROM events").fetchone()
        change = (NO_TEXT + b" database is locked", last)
        db.execute(f"UPDATE events SET {column} = CAST(? AS TEXT) WHERE position = ?", change)
    (episode,) = sqlite3.connect(file).execute("SELECT uuid FROM episodes LIMIT 1").fetchone()
    reading = (("show", episode), ("audit", "replay", episode)) if column == "state" else ()
    for words in (*reading, ("record", "patient-mobilized", episode)):
        code, told = patched.refused(*words)
        assert (code, "a value is stored as text and is none" in told) == (1, True), told
        assert "tracker audit verify" in told
        assert "never shown" not in told
    assert patched.run("audit", "verify").exit_code == 6


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("what", ["'x'", "1000000000000"])
@pytest.mark.parametrize("table", ["events", "accesses"])
def test_nothing_is_chained_to_what_is_no_hash(patched: Tracker, table: str, what: str) -> None:
    """Recording and looking are refused in words."""
    file = patched.home / "tracker.sqlite"
    patched.ok("worklist")
    with owned(file) as db:
        last = f"(SELECT max(position) FROM {table})"
        db.execute(f"UPDATE {table} SET hash = {what} WHERE position = {last}")
        (episode,) = db.execute("SELECT uuid FROM episodes LIMIT 1").fetchone()
    words = ("record", "patient-mobilized", episode) if table == "events" else ("show", episode)
    code, told = patched.refused(*words)
    assert (code, "stored as something else than bytes" in told) == (1, True), told


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("value", ["CAST(state AS TEXT)", "CAST(x'01ff' AS TEXT)", "7"])
def test_a_backup_with_such_a_value_is_not_restored(
    patched: Tracker, tmp_path: Path, value: str
) -> None:
    """And the position is named."""
    patched.ok("db", "backup", str(tmp_path / "backup.sqlite"))
    with owned(tmp_path / "backup.sqlite") as db:
        db.execute(f"UPDATE events SET state = {value} WHERE position = 2")
    words = ("db", "restore", str(tmp_path / "backup.sqlite"))
    code, told = patched.refused("--home", str(tmp_path / "new"), *words)
    assert (code, "position 2: the hash does not fit" in told) == (6, True), told
