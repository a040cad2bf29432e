"""How many bytes an event takes on disk."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.benchmarks.databases import Bench, put
from scripts.benchmarks.histories import LENGTH, history
from scripts.benchmarks.library import Library
from scripts.benchmarks.measuring import Outcome
from tracker.store.database import FILE_NAME

EPISODES = 2_000


def measure(bench: Bench) -> Iterator[Outcome]:
    """Put the same facts into both logs and count the pages of their tables and indexes."""
    told = [history(index) for index in range(EPISODES)]
    with bench.service("space", "OFF") as service:
        put(service, told)
    library = Library.in_file(bench.home("space-library.sqlite"), "OFF")
    for events in told:
        library.add(events)
    library.application.close()
    ours = bytes_of(bench.home("space") / FILE_NAME, ("events", "episodes"))
    theirs = bytes_of(bench.home("space-library.sqlite"), ("stored_events",))
    each, other = ours / EPISODES / LENGTH, theirs / EPISODES / LENGTH
    yield Outcome(
        "space",
        "bytes of an event, chain and indexes included, against the library",
        each / other,
        0.7,
        "x",
        detail=f"tracker {each:.0f} bytes, library {other:.0f} bytes",
    )


def bytes_of(path: Path, tables: Sequence[str]) -> int:
    """Return the bytes of the pages of tables and their indexes, after VACUUM."""
    query = (
        "SELECT sum(pgsize) FROM dbstat WHERE name IN"
        " (SELECT name FROM sqlite_schema WHERE tbl_name = ?)"
    )
    return sum(_asked(path, query, table) for table in tables)


def index_bytes(path: Path, table: str, column: str) -> int:
    """Return the bytes of the pages of the index on one column, after VACUUM."""
    query = (
        "SELECT sum(pgsize) FROM dbstat WHERE name ="
        " (SELECT name FROM sqlite_schema WHERE tbl_name = ? AND sql LIKE ?)"
    )
    return _asked(path, query, table, f"CREATE INDEX % ({column})")


def _asked(path: Path, query: str, *names: str) -> int:
    connection = sqlite3.connect(path)
    connection.execute("VACUUM")
    (found,) = connection.execute(query, names).fetchone()
    connection.close()
    return int(found)
