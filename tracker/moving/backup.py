"""A backup: all of a SQLite database as it is at one instant, while others write to it."""

import datetime
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection

from tracker.errors import RefusedError
from tracker.moving.files import appearing
from tracker.store import log, sequence
from tracker.store.database import Database
from tracker.store.failures import explain

PAGES = 1_000
"""Pages that are copied between two steps of progress."""

Step = Callable[[int], None]


class Backup(NamedTuple):
    """What a backup holds."""

    file: Path
    bytes: int
    taken_at: datetime.datetime
    position: int
    """Of the last event in it."""
    head: str
    """Hash of that event in hexadecimal."""
    episodes: int


def back_up(
    database: Database, file: Path, now: datetime.datetime, step: Step, *, pages: int = PAGES
) -> Backup:
    """Write all that a database holds into a new file; `step` is told of each percent done.

    The file holds what was committed when this begins. Raises RefusedError when the file is
    there, and for a server's database; StoreError when it cannot be written.
    """
    if database.path is None:
        raise RefusedError(
            f"{database.name} is a server's database: it is not backed up into a file",
            "pg_basebackup and an archive of the write-ahead log do that (docs/backup.md)",
        )
    with appearing(file) as new, database.reading() as conn:
        # Reading first fixes what is copied: a copy that begins to read with each step would
        # begin anew whenever somebody writes, and never end while many do.
        (position, head), episodes = sequence.head(conn), log.count_episodes(conn)
        _copy(conn, new, step, pages)
        size = new.stat().st_size
    return Backup(file, size, now, position, head.hex(), episodes)


def _copy(conn: Connection, new: Path, step: Step, pages: int) -> None:
    source: Any = conn.connection.dbapi_connection
    try:
        target = sqlite3.connect(new, isolation_level=None)
        try:
            source.backup(target, pages=pages, progress=percents(step))
            # Without this the file would want a write-ahead log beside it to be read.
            target.execute("PRAGMA journal_mode=DELETE")
        finally:
            target.close()
    except sqlite3.Error as error:
        raise explain(error, new, str(new.parent)) from error


def percents(step: Step) -> Callable[[int, int, int], None]:
    """Return what tells a step of each percent that SQLite has copied."""
    told = 0

    def copied(_: int, remaining: int, total: int) -> None:
        nonlocal told
        done = 100 * (total - remaining) // max(total, 1)
        step(done - told)
        told = done

    return copied
