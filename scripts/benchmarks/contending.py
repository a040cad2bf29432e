"""Several who record at once on a server, and a reader who follows what they record."""

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Protocol
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent

from scripts.benchmarks.databases import Bench, put
from scripts.benchmarks.histories import NOW, history, new, status, uuid_of
from scripts.benchmarks.library import Library
from scripts.benchmarks.measuring import Outcome, Times, agreed
from tracker.config import Location
from tracker.events import encode
from tracker.service import Service
from tracker.store import sequence

BEFORE = 10
"""Events of an episode before one more is recorded."""
TIMES = 40
"""Events that each writer records in a round."""
WRITERS = (1, 4)
PAUSE = 0.02
"""Seconds that a reader waits before it asks again."""

MANY = 1_000_000
Record = Callable[[int], object]
Read = Callable[[int], list[int]]
_spawn = multiprocessing.get_context("spawn")


class Side(Protocol):
    """A program that records."""

    def prepare(self, count: int) -> None:
        """Make so many episodes to record into."""

    def recording(self) -> Record:
        """Return what records one event into the episode with a number, in a process of its own."""

    def reading(self) -> Read:
        """Return what finds the positions after one."""


class Tracker:
    """This program: load, decide, evaluate, append, chain, rows."""

    def __init__(self, place: Location) -> None:
        self._place = place

    def _open(self) -> Service:
        return Service.open(self._place, lambda: NOW, create=True)

    def prepare(self, count: int) -> None:
        """Put the histories into the log and make the read models."""
        with self._open() as service:
            put(service, (history(index)[:BEFORE] for index in range(count)))
            service.rebuild()

    def recording(self) -> Record:
        """Open the database once."""
        service = self._open()

        def record(index: int) -> None:
            event = new(history(index)[BEFORE])
            agreed(len(service.append(uuid_of(index), lambda _: [event]).events), 1)

        return record

    def reading(self) -> Read:
        """Read the log by position, as a projection would."""
        database = self._open().database

        def read(after: int) -> list[int]:
            with database.querying() as conn:
                return [position for position, _ in sequence.touched(conn, after)]

        return read


class Aggregates:
    """The library: load, evaluate, save."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._ids: list[UUID] = []

    def prepare(self, count: int) -> None:
        """Save each history as an aggregate."""
        library = Library.on_server(self._url, create=True)
        self._ids = [library.add(history(index)[:BEFORE]) for index in range(count)]

    def recording(self) -> Record:
        """Open the database once."""
        library = Library.on_server(self._url)

        def record(index: int) -> None:
            episode = library.load(self._ids[index])
            episode.add(new(history(index)[BEFORE]))
            status(episode.history())
            library.application.save(episode)

        return record

    def reading(self) -> Read:
        """Select notifications, as a projection does."""
        library = Library.on_server(self._url)

        def read(after: int) -> list[int]:
            recorder = library.application.recorder
            return [found.id for found in recorder.select_notifications(after + 1, MANY)]

        return read


class Inserts(Aggregates):
    """The library's recorder alone: `insert_events`."""

    def prepare(self, count: int) -> None:
        """Make the table."""
        Library.on_server(self._url, create=True)

    def recording(self) -> Record:
        """Open the database once."""
        library = Library.on_server(self._url)

        def record(index: int) -> None:
            event = history(index)[BEFORE]
            recorder = library.application.recorder
            recorder.insert_events([StoredEvent(uuid4(), 1, event.topic, encode(event))])

        return record


def _write(side: Side, orders: "Connection[Any, Any]") -> None:
    record = side.recording()
    orders.send(None)
    while (numbers := orders.recv()) is not None:
        for number in numbers:
            record(number)
        orders.send(None)


class Writers:
    """Processes that record when they are told to."""

    def __init__(self, side: Side, count: int) -> None:
        self._orders = []
        self._processes = []
        for _ in range(count):
            here, there = _spawn.Pipe()
            process = _spawn.Process(target=_write, args=(side, there), daemon=True)
            process.start()
            there.close()  # so that the end of the process shows
            self._orders.append(here)
            self._processes.append(process)
        self._await()

    def _await(self) -> None:
        for orders in self._orders:
            orders.recv()

    def record(self, numbers: Sequence[int]) -> float:
        """Share the numbers out; return the seconds until all are recorded."""
        count = len(self._orders)
        begun = time.perf_counter()
        for first, orders in enumerate(self._orders):
            orders.send(numbers[first::count])
        self._await()
        return time.perf_counter() - begun

    def end(self) -> None:
        """Let them go."""
        for orders in self._orders:
            orders.send(None)
        for process in self._processes:
            process.join()


class Reader:
    """Follows a log while others record; asks for what comes after what it saw."""

    def __init__(self, side: Side) -> None:
        self._read = side.reading()
        self._last = max(self._read(0), default=0)
        self._done = threading.Event()
        self.seen = 0

    def beside(self, record: Callable[[], float]) -> float:
        """Follow while something is recorded, and to its end; return what that returns."""
        self._done.clear()
        with ThreadPoolExecutor(1) as pool:
            following = pool.submit(self._follow)
            seconds = record()
            self._done.set()
            following.result()
        self._look()
        return seconds

    def _follow(self) -> None:
        while not self._done.wait(PAUSE):
            self._look()

    def _look(self) -> None:
        found = self._read(self._last)
        self.seen += len(found)
        self._last = max(found, default=self._last)


def measure(bench: Bench) -> Iterator[Outcome]:
    """Record with one writer, then with several."""
    if bench.server is None:
        return
    for count in WRITERS:
        yield from _measure(bench, count)


def _measure(bench: Bench, count: int) -> Iterator[Outcome]:
    sides: dict[str, Side] = {
        "tracker": Tracker(bench.place(f"tracker-{count}")),
        "library": Aggregates(bench.url(f"library-{count}")),
        "insert_events": Inserts(bench.url(f"inserts-{count}")),
    }
    each = count * TIMES
    for side in sides.values():
        side.prepare(each * (bench.rounds + 1))
    writers = {name: Writers(side, count) for name, side in sides.items()}
    readers = {name: Reader(side) for name, side in sides.items()}
    times = Times()
    for turn in range(bench.rounds + 1):
        numbers = range(turn * each, (turn + 1) * each)
        for name in _from(list(sides), turn):
            spent = readers[name].beside(partial(writers[name].record, numbers))
            if turn:  # the first is to be warm
                times.add(name, spent / each)
    for one in writers.values():
        one.end()
    missed = (bench.rounds + 1) * each - readers["tracker"].seen
    rates = ", ".join(f"{name} {1 / times.median(name):,.0f} events/s" for name in sides)
    for other, limit in (("library", 1.5), ("insert_events", None)):
        yield Outcome(
            "record",
            f"{count} at once on a server, against {other}",
            times.ratio(other, "tracker"),
            limit,
            "x its events/s",
            at_most=False,
            detail=rates,
        )
    yield Outcome("record", f"{count} at once, missed by a reader", missed, 0, "events")


def _from(names: list[str], turn: int) -> list[str]:
    first = turn % len(names)
    return names[first:] + names[:first]
