"""A tick with ten reminders to issue, in a small database and in a large one."""

from collections.abc import Iterator

from scripts.benchmarks.databases import Bench, append
from scripts.benchmarks.histories import NOW, history
from scripts.benchmarks.measuring import Outcome, Times, agreed, seconds_of
from tracker.reminders.tick import Ticked, tick
from tracker.service import Service

OWED = 10
FIRST = 10_000_000
"""Number of the first episode that is added for a tick to find."""


def measure(bench: Bench) -> Iterator[Outcome]:
    """Add ten episodes that owe a reminder, and let a tick find and issue them; again and again."""
    times = Times()
    large, small = (
        bench.service(bench.rows_of(episodes)) for episodes in (bench.episodes, bench.few)
    )
    with large, small:
        for turn in range(bench.rounds):
            sides = [("large", large), ("small", small)]
            for side, service in sides if turn % 2 else reversed(sides):
                times.add(side, _tick(service, turn))
    yield Outcome(
        "tick",
        f"{OWED} owed, {bench.episodes:,} episodes against {bench.few:,}",
        times.ratio("large", "small"),
        1.5,
        "x",
        detail=times.milliseconds(),
    )


def _tick(service: Service, turn: int) -> float:
    for index in range(FIRST + turn * OWED, FIRST + (turn + 1) * OWED):
        append(service, history(index, "owing"))
    done: list[Ticked] = []
    spent = seconds_of(lambda: done.append(tick(service, NOW)))
    agreed(len(done[0].issued), OWED)
    return spent
