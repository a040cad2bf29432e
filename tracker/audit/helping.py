"""What a process that helps to verify does: it walks along the stretches it is given.

Of a file it reads with the driver alone: it would take longer to load the rest of the program than
to check a hundred thousand events. What it has trouble with is left to the process it helps.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tracker.audit.stretch import Stretch, along
from tracker.store.uuids import possible

if TYPE_CHECKING:
    from tracker.config import Location
    from tracker.store.scan import Row

Check = Callable[[int, int], Stretch | None]
_BATCH = 250


class Helper:
    """What the process keeps between two stretches."""

    check_one: Check

    @classmethod
    def check(cls, first: int, last: int) -> Stretch | None:
        """Walk from one position to another; None if that was not possible."""
        return cls.check_one(first, last)

    @classmethod
    def start_on_file(cls, path: Path, events: str, episodes: str) -> None:
        """Begin to help with a file; the SQL is that of `scan.queries`."""
        cls.check_one = _File(path, events, episodes).check

    @classmethod
    def start_on_server(cls, location: "Location") -> None:
        """Begin to help with a database on a server."""
        from tracker.audit.stretches import check
        from tracker.store import scan
        from tracker.store.database import open_database

        database = open_database(location)
        with database.reading() as conn:
            uuids = scan.identified(conn)
        cls.check_one = lambda first, last: check(database, uuids, first, last)


class _File:
    """The file of a database, read with the driver alone."""

    def __init__(self, path: Path, events: str, episodes: str) -> None:
        self._address = f"file:{quote(str(path))}?mode=rw"
        self._events, self._episodes = events, episodes
        self._uuids: Mapping[Any, str] | None = None

    def check(self, first: int, last: int) -> Stretch | None:
        try:
            with closing(sqlite3.connect(self._address, uri=True, isolation_level=None)) as raw:
                raw.execute("BEGIN")
                return self._along(raw, first, last)
        except sqlite3.Error:
            return None

    def _along(self, raw: sqlite3.Connection, first: int, last: int) -> Stretch:
        if self._uuids is None:
            self._uuids = possible(raw.execute(self._episodes).fetchall())
        before = raw.execute(self._events, (first - 2, first - 1)).fetchone()
        batches = _batches(raw.execute(self._events, (first - 1, last)))
        return along(self._uuids, before, batches, first, last)


def _batches(cursor: sqlite3.Cursor) -> "Iterator[list[Row]]":
    return iter(lambda: cursor.fetchmany(_BATCH), [])
