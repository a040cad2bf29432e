"""What a process that helps to verify does: it walks along the stretches it is given.

Of a file it reads with the driver alone: it would take longer to load the rest of the program than
to check a hundred thousand events. What it has trouble with is left to the process it helps.
"""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from tracker.audit.stretch import Stretch, along

if TYPE_CHECKING:
    from tracker.config import Location

Check = Callable[[int, int], Stretch | None]


class Queries(NamedTuple):
    """How a file is read."""

    prepare: str
    """What a connection is told first."""
    events: str
    """SQL for the events after one position up to another, in order."""
    batch: int
    """Rows that are read at once."""


class Helper:
    """What the process keeps between two stretches."""

    check_one: Check

    @classmethod
    def check(cls, first: int, last: int) -> Stretch | None:
        """Walk from one position to another; None if that was not possible."""
        return cls.check_one(first, last)

    @classmethod
    def start_on_file(cls, uuids: Mapping[Any, str], path: Path, queries: Queries) -> None:
        """Begin to help with a file."""
        address = f"file:{quote(str(path))}?mode=rw"
        cls.check_one = lambda first, last: _check(uuids, address, queries, first, last)

    @classmethod
    def start_on_server(cls, uuids: Mapping[Any, str], location: "Location") -> None:
        """Begin to help with a database on a server."""
        from tracker.audit.stretches import check
        from tracker.store.database import open_database

        database = open_database(location)
        cls.check_one = lambda first, last: check(database, uuids, first, last)


def _check(
    uuids: Mapping[Any, str], address: str, queries: Queries, first: int, last: int
) -> Stretch | None:
    try:
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as raw:
            raw.execute(queries.prepare)
            raw.execute("BEGIN")
            before = raw.execute(queries.events, (first - 2, first - 1)).fetchone()
            cursor = raw.execute(queries.events, (first - 1, last))
            begun = cursor.fetchmany(queries.batch - first % queries.batch)
            others = iter(lambda: cursor.fetchmany(queries.batch), [])
            return along(uuids, before, chain([begun], others), first, last)
    except sqlite3.Error:
        return None
