"""Position order is commit order: who follows the log by position misses nothing."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import text

from tests.postgres.tailing import CARELESS, Held, Tail, append
from tracker.config import Location
from tracker.store import sequence
from tracker.store.chain import first_broken
from tracker.store.database import Database, open_database

pytestmark = pytest.mark.backends("postgresql")
WRITERS, EVENTS = 8, 25


@pytest.fixture
def database(location: Location) -> Iterator[Database]:
    """An empty log on a server."""
    with open_database(location) as made:
        yield made


@pytest.fixture
def careless(database: Database) -> Database:
    """A log whose positions come from a sequence."""
    with database.writing() as conn:
        conn.execute(text(CARELESS))
    return database


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads for writers."""
    with ThreadPoolExecutor(WRITERS) as threads:
        yield threads


def overtaking(database: Database, pool: ThreadPoolExecutor) -> tuple[list[int], int]:
    """Let one writer be overtaken between insert and commit; return what a reader saw, of how many.

    The other is given all the time it wants to commit before the first one goes on.
    """
    tail, held = Tail(database), Held()
    slow = pool.submit(append, database, held)
    assert held.is_in.wait(60)
    quick = pool.submit(append, database)
    _await_turn(database, quick)
    tail.read()
    held.go_on.set()
    slow.result(60)
    quick.result(60)
    return tail.read(), 2


def _await_turn(database: Database, writer: "Future[list[int]]") -> None:
    """Wait until a writer is done, or waits for another one."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    while not writer.done():
        with database.reading() as conn:
            if conn.execute(waiting).scalar():
                return


def test_a_writer_between_insert_and_commit_is_not_overtaken(
    database: Database, pool: ThreadPoolExecutor
) -> None:
    """The next position is given when it is clear that this one is taken."""
    assert overtaking(database, pool) == ([1, 2], 2)


def test_twin_with_a_plain_sequence_misses_who_was_overtaken(
    careless: Database, pool: ThreadPoolExecutor
) -> None:
    """The reader saw 2 and asks for what comes after it, and 1 is committed later."""
    assert overtaking(careless, pool) == ([2], 2)


def test_who_gave_up_leaves_no_gap(database: Database) -> None:
    """What is taken back was never given."""

    class Failing(Held):
        def settle(self, conn: object, count: int) -> None:
            """Fail once the event is in."""
            raise ZeroDivisionError

    append(database)
    with pytest.raises(Exception, match="ZeroDivisionError"):
        append(database, Failing())
    append(database)
    assert Tail(database).read() == [1, 2]


def test_a_stranger_who_holds_a_transaction_open_holds_nobody_up(database: Database) -> None:
    """Somebody with a prompt open, or a backup, neither stops writers nor hides what they wrote."""
    tail = Tail(database)
    with database.reading() as old, database.writing() as stranger:
        assert old.execute(text("SELECT count(*) FROM events")).scalar() == 0
        stranger.execute(text("INSERT INTO heartbeats VALUES ('stranger', 1, 0, 0)"))
        append(database)
        assert tail.read() == [1]
        append(database)
    assert tail.read() == [1, 2]


def test_eight_writers_and_a_reader_that_misses_nothing(
    database: Database, pool: ThreadPoolExecutor
) -> None:
    """However they race, each position is seen once, in order, and the chain stands."""
    tail = Tail(database)

    def write(_: int) -> None:
        for _ in range(EVENTS):
            append(database)

    writers = [pool.submit(write, number) for number in range(WRITERS - 1)]
    while not all(writer.done() for writer in writers):
        tail.read()
    write(0)
    for writer in writers:
        writer.result()
    assert tail.read() == list(range(1, WRITERS * EVENTS + 1))
    with database.reading() as conn:
        assert first_broken(sequence.links(conn)) is None
