"""One contract for the log, whatever database holds it."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import IntegrityError, StoredEvent
from sqlalchemy import insert, text

from projections.tables import counters
from tracker.errors import StoreError
from tracker.store import log, sequence
from tracker.store.chain import first_broken
from tracker.store.database import Database
from tracker.store.errors import ConstraintError, RowsError
from tracker.store.recorder import LogRecorder
from tracker.store.statements import Session, Statement

_count = Statement(insert(counters), "name", "value")


def stored(episode: UUID, *versions: int) -> list[StoredEvent]:
    """Return events to append."""
    return [StoredEvent(episode, v, "leak-suspected", b"{%d}" % v) for v in versions]


class FailingRows:
    """Rows that write something and then fail, before or after the events went in."""

    names = ()
    known: Mapping[UUID, int] = {}

    def __init__(self, when: str) -> None:
        self.when = when

    def _write(self, conn: Session, when: str) -> None:
        _count(conn, when, 1)
        if self.when == when:
            raise ValueError("no such luck")

    def write(self, conn: Session, keys: Mapping[UUID, int]) -> None:
        """Write what belongs to episodes."""
        self._write(conn, "write")

    def ask(self, conn: Session) -> None:
        """Ask for nothing."""

    def work_out(self) -> None:
        """Know it already."""

    def settle(self, conn: Session, count: int) -> None:
        """Write what is shared."""
        self._write(conn, "settle")


def rows_of(database: Database, table: str) -> int:
    """Return how many rows a table has."""
    with database.reading() as conn:
        return int(conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_positions_follow_each_other_without_gaps(database: Database) -> None:
    """Position order is commit order, also after an append that failed."""
    recorder = LogRecorder(database)
    first, second = uuid4(), uuid4()
    assert recorder.insert_events(stored(first, 1, 2)) == [1, 2]
    with pytest.raises(IntegrityError):
        recorder.insert_events(stored(first, 2))
    assert recorder.insert_events(stored(second, 1)) == [3]


def test_what_is_appended_is_chained(database: Database) -> None:
    """The chain over everything appended stands."""
    recorder = LogRecorder(database)
    for episode in (uuid4(), uuid4()):
        recorder.insert_events(stored(episode, 1, 2))
        recorder.insert_events(stored(episode, 3))
    with database.reading() as conn:
        links = list(sequence.links(conn, batch=4))
    assert len(links) == 6
    assert first_broken(links) is None


@pytest.mark.parametrize("when", ["write", "settle"])
def test_rows_that_fail_take_everything_back(database: Database, when: str) -> None:
    """Events, chain and rows go in together or not at all."""
    with pytest.raises(RowsError, match=r"ValueError at test_log\.py"):
        LogRecorder(database).insert_events(stored(uuid4(), 1), rows=FailingRows(when))
    assert [rows_of(database, t) for t in ("events", "episodes", "counters")] == [0, 0, 0]


def test_rows_go_in_with_the_events(database: Database) -> None:
    """What is shown is what was recorded, from the moment of the commit."""
    LogRecorder(database).insert_events(stored(uuid4(), 1), rows=FailingRows("never"))
    assert rows_of(database, "counters") == 2


KEYS = {"episodes": "key", "events": "position", "protocols": "name"}
REPLACE = {
    "sqlite": "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    "postgresql": "INSERT INTO {table} SELECT * FROM {table}"
    " ON CONFLICT ({key}) DO UPDATE SET {column} = 'x'",
}


@pytest.mark.parametrize("table", ["episodes", "events", "protocols"])
@pytest.mark.parametrize("act", ["UPDATE", "DELETE", "REPLACE"])
def test_the_log_refuses_changes(database: Database, backend: str, table: str, act: str) -> None:
    """What was recorded cannot be changed or removed through the database either."""
    LogRecorder(database).insert_events(stored(uuid4(), 1))
    column = {"episodes": "uuid", "events": "topic", "protocols": "text"}[table]
    statement = {
        "UPDATE": f"UPDATE {table} SET {column} = 'x'",
        "DELETE": f"DELETE FROM {table}",
        "REPLACE": REPLACE[backend].format(table=table, column=column, key=KEYS[table]),
    }[act]
    with database.writing() as conn:
        conn.execute(text("INSERT INTO protocols VALUES ('a@1', 'text', 'hash', 1, 'somebody')"))
    with (
        pytest.raises((StoreError, ConstraintError), match=r"append-only|already"),
        database.writing() as conn,
    ):
        conn.execute(text(statement))


@pytest.mark.backends("postgresql")
@pytest.mark.parametrize("table", ["episodes", "events", "protocols"])
def test_the_log_cannot_be_emptied(filled: Database, table: str) -> None:
    """Emptying a table at once is refused as removing its rows is."""
    with pytest.raises(StoreError, match="append-only"), filled.writing() as conn:
        conn.execute(text(f"TRUNCATE {table} CASCADE"))


REPLACING = {
    "an episode": "INSERT OR REPLACE INTO episodes (uuid) SELECT uuid FROM episodes",
    "a position": "INSERT OR REPLACE INTO events SELECT 1, episode_key, 9, 'x', state, hash"
    " FROM events WHERE position = 1",
    "a version": "INSERT OR REPLACE INTO events SELECT 9, episode_key, 1, 'x', state, hash"
    " FROM events WHERE position = 1",
    "a protocol": "INSERT OR REPLACE INTO protocols VALUES ('a@1', 'other', 'hash', 1, 'x')",
}


def replace_plainly(database: Database, statement: str) -> None:
    """Run a statement as somebody does who opens the file with nothing switched on."""
    assert database.path is not None
    with closing(sqlite3.connect(database.path)) as raw, raw:
        raw.execute(statement)


@pytest.fixture
def filled(database: Database) -> Database:
    """A database with a row in every table of the log."""
    LogRecorder(database).insert_events(stored(uuid4(), 1, 2))
    with database.writing() as conn:
        conn.execute(text("INSERT INTO protocols VALUES ('a@1', 'text', 'hash', 1, 'somebody')"))
    return database


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("what", REPLACING)
def test_a_plain_connection_cannot_replace(filled: Database, what: str) -> None:
    """Replacing is refused without recursive triggers too, by whichever key a row is named."""
    with pytest.raises(sqlite3.DatabaseError, match="append-only"):
        replace_plainly(filled, REPLACING[what])


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize("what", REPLACING)
def test_without_its_trigger_a_plain_connection_replaces(filled: Database, what: str) -> None:
    """The twin without the protection loses a row, so the test above shows something."""
    with filled.writing() as conn:
        for table in ("episodes", "events", "protocols"):
            conn.execute(text(f"DROP TRIGGER {table}_refuse_replace"))
    replace_plainly(filled, REPLACING[what])


@pytest.mark.backends("sqlite")
def test_a_position_cut_off_is_not_given_again(database: Database) -> None:
    """Somebody who removes the end of the log by force leaves a gap that shows."""
    recorder = LogRecorder(database)
    episode = uuid4()
    recorder.insert_events(stored(episode, 1, 2, 3))
    with database.writing() as conn:
        conn.execute(text("DROP TRIGGER events_refuse_delete"))
        conn.execute(text("DELETE FROM events WHERE position = 3"))
    assert recorder.insert_events(stored(episode, 3)) == [4]
    with database.reading() as conn:
        broken = first_broken(sequence.links(conn))
    assert broken is not None
    assert broken.position == 3


def test_an_event_that_is_not_of_this_log_is_not_found(database: Database) -> None:
    """An unknown episode has no history, rather than an empty one."""
    with database.reading() as conn:
        assert log.read_episode(conn, uuid4()) is None
        assert log.read_key(conn, 1) is None
        assert log.key_of(conn, uuid4()) is None
        assert sequence.head(conn) == (0, bytes(32))


@pytest.mark.parametrize(
    ("topic", "state", "said"),
    [
        ("made-up", b"{}", "newer version wrote it, or it was changed"),
        ("leak-suspected", b"{}", "cannot be read"),
        ("leak-suspected", b"\xff", "cannot be read"),
    ],
)
def test_an_event_that_cannot_be_read_is_named(
    database: Database, topic: str, state: bytes, said: str
) -> None:
    """What a newer program wrote, or what is no event, is refused with the episode's name."""
    episode = uuid4()
    LogRecorder(database).insert_events([StoredEvent(episode, 1, topic, state)])
    with pytest.raises(StoreError, match=said) as caught, database.reading() as conn:
        log.read_episode(conn, episode)
    assert str(episode) in caught.value.message
