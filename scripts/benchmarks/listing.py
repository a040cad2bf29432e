"""A page of the worklist, in a small database and in a large one, with rows time has overtaken."""

import datetime
from collections.abc import Iterator

from scripts.benchmarks.databases import Bench, append
from scripts.benchmarks.histories import NOW, history
from scripts.benchmarks.measuring import Outcome, agreed, in_turn
from tracker.service import Service

STALE = 50
"""Episodes whose rows no longer hold when the page is read."""
LATER = NOW + datetime.timedelta(hours=1)
TIMES = 5


def measure(bench: Bench) -> Iterator[Outcome]:
    """Read the first fifty rows an hour after the rows were written."""
    large, small = (_with_stale(bench, count) for count in (bench.episodes, bench.few))
    with large, small:
        sides = {"large": lambda _: large.worklist(), "small": lambda _: small.worklist()}
        for service in (large, small):
            agreed(service.projections().stale, STALE)
            agreed(len(service.worklist().rows), 50)
        times = in_turn(sides, bench.rounds, TIMES)
    yield Outcome(
        "worklist",
        f"page of 50 with {STALE} stale rows, {bench.episodes:,} episodes against {bench.few:,}",
        times.ratio("large", "small"),
        2.0 if bench.server is None else 1.5,
        "x",
        detail=times.milliseconds(),
    )


def _with_stale(bench: Bench, episodes: int) -> Service:
    name = bench.rows_of(episodes)
    with bench.service(name) as service:
        for index in range(episodes, episodes + STALE):
            append(service, history(index, "changing"))
    return Service.open(bench.place(name), lambda: LATER)
