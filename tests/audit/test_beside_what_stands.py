"""What rests on rows that are not looked at, or do not stand up: both verifiers see it alike."""

import re
import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest

from tests.audit.attacks import owned, rechain, rechain_looks
from tests.audit.both import agreed
from tests.audit.records import Record, make_record
from tests.faults import ward
from tracker.access import Access, append
from tracker.audit import walk

AHEAD = b"2999-10-01T00:00:00Z"
LONG_AGO = b"2001-10-01T00:00:00Z"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return a record; it is not to be hurt."""
    return make_record(tmp_path_factory.mktemp("record"), 20)


@pytest.fixture
def record(original: Record, tmp_path: Path) -> Record:
    """Return a record to hurt."""
    return original.copied(tmp_path / "home")


def with_length(*parts: bytes) -> bytes:
    """Join what is hashed."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def chain_to(db: sqlite3.Connection, before: bytes, first: int) -> None:
    """Let the events from a position on follow bytes that are said to be the hash before it."""
    db.execute("UPDATE events SET hash = ? WHERE position = ?", (before, first - 1))
    rows = db.execute(
        "SELECT position, uuid, version, topic, state FROM events"
        " JOIN episodes ON episode_key = key WHERE position >= ? ORDER BY position",
        (first,),
    ).fetchall()
    for position, uuid, version, topic, state in rows:
        numbers = [number.to_bytes(8, "big") for number in (position, version)]
        rest = with_length(numbers[0], bytes.fromhex(uuid), numbers[1], topic.encode(), state)
        before = sha256((32).to_bytes(4, "big") + before + rest).digest()
        db.execute("UPDATE events SET hash = ? WHERE position = ?", (before, position))


def recorded(db: sqlite3.Connection, position: int, when: bytes) -> None:
    """Let an event say that it was recorded at a time, and the chain fit."""
    query = "SELECT state FROM events WHERE position = ?"
    ((state,),) = db.execute(query, (position,))
    state = re.sub(rb'"recorded_at":"[^"]*"', b'"recorded_at":"%s"' % when, state, count=1)
    db.execute("UPDATE events SET state = ? WHERE position = ?", (state, position))
    rechain(db)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_nothing_follows_a_hash_that_cannot_be(record: Record, length: int) -> None:
    """The row before a part is not looked at, and is what the part hangs on."""
    with owned(record.file) as db:
        chain_to(db, bytes(length), 11)
    assert agreed(record.home, (), 11, None).faults == [("events", 11, "hash")]


def test_a_part_follows_whatever_hash_is_before_it(record: Record) -> None:
    """So the chain that is made for the test above fits but for the length."""
    with owned(record.file) as db:
        chain_to(db, bytes(32), 11)
    assert agreed(record.home, (), 11, None).stands


@pytest.mark.parametrize("length", [0, 31, 33])
def test_twin_that_does_not_ask_how_long_a_hash_is(
    record: Record, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It believes that the part stands up."""
    monkeypatch.setattr(walk, "DIGEST", length)
    with owned(record.file) as db:
        chain_to(db, bytes(length), 11)
    with pytest.raises(AssertionError):
        agreed(record.home, (), 11, None)


def test_the_last_event_is_not_remarked_on_where_the_end_was_cut_off(record: Record) -> None:
    """It is the last one only because of what is wrong."""
    with owned(record.file) as db:
        (last,) = db.execute("SELECT max(position) FROM events").fetchone()
        recorded(db, last - 1, AHEAD)
        db.execute("DELETE FROM events WHERE position = ?", (last,))
    assert agreed(record.home) == ([("events", last, "truncated")], [])


def test_a_time_of_no_calendar_is_one_that_is_no_instant(record: Record) -> None:
    """It is remarked on itself, and nobody can tell of the one after it."""
    with owned(record.file) as db:
        recorded(db, 10, b"0000-00-00T00:00:00Z")
        recorded(db, 11, LONG_AGO)
    assert agreed(record.home) == ([], [("events", 10, "clock")])


def test_looks_that_stand_up_are_remarked_on_though_they_were_written_anew(record: Record) -> None:
    """What a checkpoint states of them has nothing to do with their times."""
    checkpoints = record.checkpoints
    early = ward.NOW.replace(year=2001)
    with ward.opened(record.home) as service, service.database.appending() as conn:
        append(conn, [Access(at=early, actor="anna", command="list")])
    with owned(record.file) as db:
        db.execute("DELETE FROM accesses WHERE position = 1")
        rechain_looks(db)
        (last,) = db.execute("SELECT max(position) FROM accesses").fetchone()
    found = agreed(record.home, checkpoints)
    assert found.faults == [("access", 1, "forked")]
    assert found.remarks == [("access", last, "clock")]
