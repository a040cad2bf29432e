"""Evaluating an episode, and looking back at it."""

import datetime
import time
from collections.abc import Callable, Iterator
from uuid import UUID

from scripts.benchmarks.databases import Bench, put
from scripts.benchmarks.histories import LENGTH, NOW, history, status
from scripts.benchmarks.library import Fact, Library
from scripts.benchmarks.measuring import Outcome, Times, agreed, in_turn
from tracker.events import Recorded
from tracker.history import timeline
from tracker.pathway import builtin_protocol, evaluate
from tracker.store import log

EPISODES = 120
TIMES = 60


def measure_evaluate(bench: Bench) -> Iterator[Outcome]:
    """Evaluate timelines of twenty events from every stage."""
    protocol = builtin_protocol()
    spent, wall = Times(), Times()
    for turn in range(bench.rounds):
        now = NOW - turn * datetime.timedelta(hours=1)  # none is evaluated twice
        lines = [timeline(history(index, now=now)) for index in range(EPISODES)]
        worked, begun = time.process_time(), time.perf_counter()
        for line in lines:
            evaluate(line, protocol, now)
        spent.add("evaluate", (time.process_time() - worked) / EPISODES)
        wall.add("evaluate", (time.perf_counter() - begun) / EPISODES)
    yield Outcome(
        "evaluate",
        f"an episode of {LENGTH} events, processor time",
        spent.median("evaluate") * 1000,
        0.5,
        "ms",
        detail=f"by the clock {wall.milliseconds()}",
    )


def measure_past(bench: Bench) -> Iterator[Outcome]:
    """Fold an episode as it was known when fifteen of its twenty events were, on both sides."""
    told = [history(index) for index in range(EPISODES)]
    thens = [events[14].recorded_at for events in told]
    counts = [sum(e.recorded_at <= t for e in one) for one, t in zip(told, thens, strict=True)]
    library = Library.in_file(bench.home("past-library.sqlite"))
    ids = [library.add(events) for events in told]
    with bench.service("past") as service:
        put(service, told)

        def known(index: int) -> list[Recorded]:
            place = index % EPISODES
            with service.database.querying() as conn:
                found = log.read_episode(conn, told[place][0].episode)
            return timeline(found.events if found else (), known_at=thens[place])

        def versions(index: int) -> list[Fact]:
            return library.load(ids[index % EPISODES], counts[index % EPISODES]).facts

        for index in range(EPISODES):
            agreed(len(known(index)), len(versions(index)))
        times = in_turn({"tracker": known, "library": versions}, bench.rounds, TIMES)
        judged: dict[str, Callable[[int], object]] = {
            "tracker": lambda i: service.status(told[i % EPISODES][0].episode, known_at=NOW),
            "library": lambda i: _judged(library, ids[i % EPISODES]),
        }
        evaluated = in_turn(judged, bench.rounds, TIMES)
    yield Outcome(
        "past",
        f"state at a past T of {LENGTH} events, against the library's repository",
        times.ratio("library", "tracker"),
        3.0,
        "x faster",
        at_most=False,
        detail=times.milliseconds(),
    )
    yield Outcome(
        "past",
        "the same with an evaluation on both sides",
        evaluated.ratio("library", "tracker"),
        None,
        "x faster",
        detail=evaluated.milliseconds(),
    )


def _judged(library: Library, episode: UUID) -> object:
    return status(library.load(episode, LENGTH).history())
