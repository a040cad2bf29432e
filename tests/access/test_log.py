"""The access log in a database: appended in order, never changed."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

import pytest
from sqlalchemy import Connection, select, text, update

from tests.access.conftest import OTHER, append, look
from tests.store.catalogue import unguard
from tracker import access
from tracker.access.entry import decode
from tracker.access.tables import accesses
from tracker.errors import StoreError
from tracker.store.database import Database


def test_positions_follow_each_other(database: Database) -> None:
    """Position order is commit order, whatever is appended at once."""
    assert append(database, look(), look(None)) == [1, 2]
    assert append(database, look(OTHER)) == [3]


def test_what_is_appended_is_chained(database: Database) -> None:
    """The chain over everything appended stands, read in batches, and ends in the head."""
    for number in range(5):
        append(database, look(minutes=number), look(None))
    with database.reading() as conn:
        links = list(access.links(conn, batch=4))
        assert access.head(conn) == (10, links[-1].hash)
    assert access.first_broken(links) is None


def test_an_empty_log_has_a_head(database: Database) -> None:
    """Before the first access stands the genesis hash."""
    with database.reading() as conn:
        assert access.head(conn) == (0, access.GENESIS)


def test_what_is_read_is_what_was_recorded(database: Database) -> None:
    """Every field comes back."""
    told = access.Access(
        at=look().at, actor="anna", command="find", query={"text": "ü"}, count=0,
        on_behalf_of="ben", purpose="ward round",
    )  # fmt: skip
    append(database, told)
    with database.reading() as conn:
        (link,) = access.links(conn)
    assert decode(link.state) == told


def test_an_unknown_episode_is_refused(database: Database) -> None:
    """A look is recorded where its episode is known, and nowhere else."""
    with pytest.raises(StoreError, match="no episode"):
        append(database, look(), look(uuid4()))
    with database.reading() as conn:
        assert access.head(conn)[0] == 0


@pytest.mark.backends("sqlite")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accesses SET actor = 'ben'",
        "DELETE FROM accesses",
        "INSERT OR REPLACE INTO accesses SELECT * FROM accesses",
    ],
)
def test_nothing_is_changed(database: Database, statement: str) -> None:
    """Neither the program's connection nor an ordinary one can change or remove an access."""
    append(database, look())
    assert database.path is not None
    with database.reading() as conn, pytest.raises(Exception, match="append-only"):
        conn.execute(text(statement))
    with (
        closing(sqlite3.connect(database.path)) as plain,
        pytest.raises(sqlite3.DatabaseError, match="append-only"),
    ):
        plain.execute(statement)


@pytest.mark.backends("sqlite")
def test_an_access_cut_off_from_the_end_leaves_a_gap(database: Database) -> None:
    """Its position is not given again, so that the next access shows it missing."""
    append(database, look(), look())
    assert database.path is not None
    with closing(sqlite3.connect(database.path)) as plain, plain:
        plain.execute("DROP TRIGGER accesses_refuse_delete")
        plain.execute("DELETE FROM accesses WHERE position = 2")
    append(database, look())
    with database.reading() as conn:
        broken = access.first_broken(access.links(conn))
        assert access.end(conn)[0] == 3
    assert broken is not None
    assert broken.position == 2


@pytest.fixture
def unguarded(database: Database) -> Iterator[Connection]:
    """A transaction over four looks, in which nothing refuses changes."""
    append(database, look(), look(OTHER, "ben", 1), look(None), look(minutes=2))
    with database.writing() as conn:
        unguard(conn)
        yield conn


@pytest.mark.parametrize("column", [column.name for column in accesses.columns])
@pytest.mark.parametrize("position", [1, 2, 3])
def test_every_flipped_byte_is_noticed(unguarded: Connection, position: int, column: str) -> None:
    """No byte of any stored column can differ without a complaint, at its own position."""
    here = accesses.c.position == position
    (value,) = unguarded.execute(select(accesses.c[column]).where(here)).one()
    for changed in _flipped(value):
        with unguarded.begin_nested() as tried:
            unguarded.execute(update(accesses).where(here).values({column: changed}))
            broken = access.first_broken(access.links(unguarded))
            assert broken is not None, changed
            assert broken.position == position
            tried.rollback()


def _flipped(value: object) -> list[object]:
    """Return a value with each of its bytes changed in turn."""
    if isinstance(value, bytes):
        return [value[:i] + bytes([value[i] ^ 1]) + value[i + 1 :] for i in range(len(value))]
    if isinstance(value, str):
        return [value[:i] + chr(ord(value[i]) ^ 1) + value[i + 1 :] for i in range(len(value))]
    if isinstance(value, int):
        return [value ^ 1 << bit for bit in range(3, 56, 8)]
    return [1]
