"""One flipped byte of any stored column is found, and where it is."""

import random
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from tests.audit.attacks import opened
from tests.audit.both import agreed, ours
from tests.audit.flips import COLUMNS, Flip, flipped, flips
from tests.audit.records import Record, make_record
from tests.faults import settings
from tracker.audit import walk

HUNDRED = 100
"""Rows of each table of which every byte is flipped."""
ONLY_BY_CHECKPOINT = {("protocols", "added_at"), ("protocols", "actor")}
"""No hash in the database covers them."""


@pytest.fixture(scope="module")
def hundred(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return a record of at least a hundred events."""
    return make_record(tmp_path_factory.mktemp("hundred"), HUNDRED)


def chosen(db: sqlite3.Connection, rng: random.Random) -> list[Flip]:
    """Return every byte, or as many as the settings say, of every column alike."""
    every = list(flips(db, HUNDRED))
    if settings.FLIPS == 0:
        return every
    share = settings.FLIPS // sum(map(len, COLUMNS.values())) + 1
    by_column: dict[tuple[str, str], list[Flip]] = {}
    for flip in every:
        by_column.setdefault((flip.table, flip.column), []).append(flip)
    return [f for some in by_column.values() for f in rng.sample(some, min(share, len(some)))]


def test_every_flipped_byte_is_found(hundred: Record, tmp_path: Path) -> None:
    """By both verifiers alike, and without a checkpoint but for what none but that covers."""
    record, rng = hundred.copied(tmp_path / "record"), random.Random(settings.SEED)
    checkpoints, tried = record.checkpoints, Counter[tuple[str, str]]()
    with opened(record.file) as db:
        for flip in chosen(db, rng):
            column = (flip.table, flip.column)
            try:
                with flipped(db, flip, rng.randrange(1, 256)):
                    known = checkpoints if column in ONLY_BY_CHECKPOINT else []
                    assert not agreed(record.home, known).stands, flip
            except sqlite3.IntegrityError:  # another row has that key
                continue
            tried[column] += 1
    assert set(tried) == {(t, c) for t, columns in COLUMNS.items() for c in columns}
    assert agreed(record.home, checkpoints).stands


def test_every_byte_of_what_a_protocol_is_based_on_is_found(
    hundred: Record, tmp_path: Path
) -> None:
    """Its hash covers that of the other, which cannot be left out by calling it otherwise."""
    record = hundred.copied(tmp_path / "record")
    with opened(record.file) as db:
        row, text = db.execute(
            "SELECT rowid, text FROM protocols WHERE text LIKE '%base =%'"
        ).fetchone()
        begun = text.index("base")
        for index in range(begun, text.index("\n", begun)):
            with flipped(db, Flip("protocols", "text", row, index), 1):
                assert not agreed(record.home).stands, index


def test_the_position_of_a_flipped_byte_is_named(hundred: Record, tmp_path: Path) -> None:
    """The first bad position is that of the row."""
    record, rng = hundred.copied(tmp_path / "record"), random.Random(settings.SEED)
    with opened(record.file) as db:
        for column in ("topic", "state", "hash", "version"):
            flip = Flip("events", column, rng.randrange(1, HUNDRED), 0)
            with flipped(db, flip, 1):
                ((part, position, _),) = agreed(record.home).faults
            assert (part, position) == ("events", flip.row)


def test_a_verifier_that_computes_nothing_finds_no_flipped_byte(
    hundred: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin that believes the stored hash misses what was done to the bytes."""
    record = hundred.copied(tmp_path / "record")
    with opened(record.file) as db:
        (state,) = db.execute("SELECT state FROM events WHERE position = 50").fetchone()
    name = state.index(b'"actor":"') + len(b'"actor":"')  # of another letter it is an event still
    with opened(record.file) as db, flipped(db, Flip("events", "state", 50, name), 1):
        assert not ours(record.home).stands
        stored = iter(db.execute("SELECT hash FROM events ORDER BY position").fetchall())

        class Believing:
            """Says of anything that its hash is the stored one."""

            def copy(self) -> "Believing":
                """Return what the next event is hashed with."""
                return self

            def update(self, _: bytes) -> None:
                """Look at nothing."""

            def digest(self) -> bytes:
                """Return the stored hash."""
                (found,) = next(stored)
                return bytes(found)

        monkeypatch.setattr(walk, "BEGUN", Believing())
        assert ours(record.home).stands
