"""Rebuilding every read model, against a runner that commits once for every event."""

from collections.abc import Iterator

from projections import writer
from projections.views import Judge
from scripts.benchmarks.databases import Bench, put
from scripts.benchmarks.histories import LENGTH, NOW, history
from scripts.benchmarks.measuring import Outcome, Times, agreed, processor_seconds, seconds_of
from tracker.pathway import Protocol
from tracker.service import Service
from tracker.store import log, sequence
from tracker.store.database import Durability

SAMPLE = 60
"""Episodes that the runner follows in a round."""
ROUNDS = 2


def measure(bench: Bench) -> Iterator[Outcome]:
    """Rebuild with one and with two processes, and let the runner follow a sample."""
    events = bench.episodes * LENGTH
    times, spent = Times(), Times()

    def rebuild(side: str, processes: int) -> None:
        before = processor_seconds()
        times.add(side, seconds_of(lambda: service.rebuild(processes=processes)))
        spent.add(side, processor_seconds() - before)

    with bench.service(bench.log_of(bench.episodes)) as service:
        for turn in range(ROUNDS):
            rebuild("one process", 1)
            rebuild("two processes", 2)
            for side, durability in _RUNNERS.items():
                followed = _follow(bench, f"runner-{durability.lower()}-{turn}", durability)
                times.add(side, followed * bench.episodes / SAMPLE)
    rates = {side: f"{side} {events / times.median(side):,.0f} events/s" for side in times.seconds}
    for side, limit in zip(_RUNNERS, (30, None), strict=True):
        yield Outcome(
            "rebuild",
            f"{events:,} events, against a {side}",
            times.ratio(side, "one process"),
            limit,
            "x faster",
            at_most=False,
            detail=f"{rates['one process']}, {rates[side]}",
        )
    yield Outcome(
        "rebuild",
        "with two processes, against one",
        times.ratio("one process", "two processes"),
        1.5,
        "x faster",
        at_most=False,
        detail=rates["two processes"]
        + f"; by processor time {2 * spent.ratio('one process', 'two processes'):.3g} x"
        " with two free cores",
    )


_RUNNERS: dict[str, Durability] = {
    "runner that commits every event": "FULL",
    "runner that does not wait for the disk": "OFF",
}


def _follow(bench: Bench, name: str, durability: Durability) -> float:
    """Let the runner follow a log of its own; return the seconds, if its rows are right."""
    with bench.service(name, durability) as service:
        put(service, [history(index) for index in range(SAMPLE)])
        spent = seconds_of(lambda: _run(service, service.judge))
        agreed(service.verify(), [])
    return spent


def _run(service: Service, judge: Judge[Protocol]) -> None:
    """Follow the log: for each event read the episode up to it, evaluate, write rows, commit."""
    with service.database.reading() as conn:
        events = sequence.touched(conn, 0)
    seen: dict[int, int] = {}
    for position, key in events:
        seen[key] = seen.get(key, 0) + 1
        with service.database.writing() as conn:
            found = log.read_key(conn, key)
            if found is not None:
                view = judge.view(key, found.episode, found.events[: seen[key]], NOW)
                changes = writer.none_yet()
                writer.replace(conn, view, changes, writer.live())
                writer.settle(conn, changes)
                writer.advance(conn, position - 1, position)
