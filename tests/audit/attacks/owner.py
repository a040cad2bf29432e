"""The owner of the machine at work on a file: the triggers are no hindrance to him."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

Attack = Callable[[sqlite3.Connection, random.Random], None]
"""Changes a record; raises ValueError when there is nothing to change."""


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a database; what is done is committed at once, what was begun and not ended is not."""
    with closing(sqlite3.connect(file, isolation_level=None)) as raw:
        yield raw


@contextmanager
def owned(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a database with nothing that hinders; what hinders is put back afterwards."""
    with opened(file) as raw, unguarded(raw):
        yield raw


@contextmanager
def unguarded(db: sqlite3.Connection) -> Iterator[None]:
    """Take away the triggers, and put them back."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    triggers = db.execute(query).fetchall()
    for name, _ in triggers:
        db.execute(f'DROP TRIGGER "{name}"')
    try:
        yield
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
        for _, sql in triggers:
            db.execute(sql)


def head(db: sqlite3.Connection) -> int:
    """Return the last position."""
    (last,) = db.execute("SELECT max(position) FROM events").fetchone()
    return int(last)


def somewhere(db: sqlite3.Connection, rng: random.Random, first: int = 1) -> int:
    """Return a position."""
    return rng.randint(first, head(db))
