"""Recording one event into an episode of ten."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

from scripts.benchmarks.databases import Bench, append
from scripts.benchmarks.histories import NOW, history, new, status
from scripts.benchmarks.library import Library
from scripts.benchmarks.measuring import Outcome, in_turn
from scripts.benchmarks.orm import Crud
from tracker.events import NewEvent, Recorded, encode
from tracker.store.database import Durability

BEFORE = 10
"""Events of an episode before one more is recorded."""
TIMES = 10
"""Events that each side records in a round."""

Record = Callable[[int], object]


def measure(bench: Bench) -> Iterator[Outcome]:
    """Record with a durable disk, then without waiting for it."""
    for durability in ("FULL", "OFF"):
        yield from _measure(bench, durability)


def _measure(bench: Bench, durability: Durability) -> Iterator[Outcome]:
    count = bench.rounds * TIMES
    told = [history(index) for index in range(count)]
    added = [new(events[BEFORE]) for events in told]
    folder = bench.home(f"recording-{durability.lower()}")
    folder.mkdir()
    with bench.service(f"{folder.name}/tracker", durability) as service:
        ids = [append(service, events[:BEFORE]) for events in told]
        sides: dict[str, Record] = {
            "tracker": lambda i: service.append(ids[i], lambda _: [added[i]]),
            "ORM": _orm(folder / "orm.sqlite", durability, told, added),
            "library": _library(folder / "library.sqlite", durability, told, added),
            "raw insert": _raw(folder / "raw.sqlite", durability, told),
        }
        times = in_turn(sides, bench.rounds, TIMES)
    for other, limit in (("ORM", 0.6), ("library", 1.0), ("raw insert", None)):
        yield Outcome(
            "record",
            f"one event into {BEFORE}, synchronous={durability}, against {other}",
            times.ratio("tracker", other),
            limit,
            "x",
            detail=times.milliseconds("tracker", other),
        )


def _orm(
    path: Path, durability: Durability, told: list[list[Recorded]], added: list[NewEvent]
) -> Record:
    crud = Crud(path, durability)
    for events in told:
        crud.add(events[:BEFORE], NOW)
    return lambda i: crud.record(told[i][0].episode, added[i], NOW)


def _library(
    path: Path, durability: Durability, told: list[list[Recorded]], added: list[NewEvent]
) -> Record:
    library = Library.in_file(path, durability)
    ids: list[UUID] = [library.add(events[:BEFORE]) for events in told]

    def record(index: int) -> None:
        episode = library.load(ids[index])
        episode.add(added[index])
        status(episode.history())
        library.application.save(episode)

    return record


def _raw(path: Path, durability: Durability, told: list[list[Recorded]]) -> Record:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA synchronous={durability}")
    connection.execute("CREATE TABLE events (position INTEGER PRIMARY KEY, state BLOB)")
    states = [encode(events[BEFORE]) for events in told]

    def record(index: int) -> None:
        connection.execute("BEGIN")
        connection.execute("INSERT INTO events (state) VALUES (?)", (states[index],))
        connection.execute("COMMIT")

    return record
