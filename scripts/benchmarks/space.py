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
    library = Library(bench.home("space-library.sqlite"), "OFF")
    for events in told:
        library.add(events)
    library.application.close()
    ours = _bytes(bench.home("space") / FILE_NAME, ("events", "episodes"))
    theirs = _bytes(bench.home("space-library.sqlite"), ("stored_events",))
    each, other = ours / EPISODES / LENGTH, theirs / EPISODES / LENGTH
    yield Outcome(
        "space",
        "bytes of an event, chain and indexes included, against the library",
        each / other,
        0.7,
        "x",
        detail=f"tracker {each:.0f} bytes, library {other:.0f} bytes",
    )


def _bytes(path: Path, tables: Sequence[str]) -> int:
    connection = sqlite3.connect(path)
    connection.execute("VACUUM")
    query = (
        "SELECT sum(pgsize) FROM dbstat WHERE name IN"
        " (SELECT name FROM sqlite_schema WHERE tbl_name = ?)"
    )
    sizes = [connection.execute(query, (table,)).fetchone()[0] for table in tables]
    connection.close()
    return sum(sizes)
