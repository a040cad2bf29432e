"""What it costs to record a look before it is shown, on disk when it returns."""

import sys
from collections.abc import Callable, Iterator

from scripts.benchmarks.databases import Bench
from scripts.benchmarks.histories import NOW
from scripts.benchmarks.measuring import Outcome, agreed, in_turn
from scripts.benchmarks.processes import run
from tracker.access import Access, head
from tracker.access.recording import record
from tracker.service import Service

TIMES = 5
RECORDED = "from tracker.cli import looks, main\n{}main()\n"
FORGET = "looks.Looks.record = lambda _: None\n"
"""Takes the recording out of it."""


def measure(bench: Bench) -> Iterator[Outcome]:
    """Read a page of the worklist, and an episode, with and without the look on record."""
    name = bench.rows_of(bench.few)
    with bench.service(name) as service:
        yield from _in_one_process(bench, service)
    yield from _whole_processes(bench, name)


def _in_one_process(bench: Bench, service: Service) -> Iterator[Outcome]:
    uuid = next(service.all_episodes()).uuid
    reads: dict[str, Callable[[], object]] = {
        "worklist": service.worklist,
        "show": lambda: service.status(uuid),
    }
    looks = {
        "worklist": Access(
            at=NOW, actor="anna", command="worklist", query={"mine": True}, count=50
        ),
        "show": Access(at=NOW, actor="anna", command="show", episode=uuid),
    }

    def recorded(what: str) -> Callable[[int], None]:
        def look(_: int) -> None:
            reads[what]()
            record(service.database, [looks[what]], _waiting)

        return look

    plain = {what: lambda _, what=what: reads[what]() for what in reads}
    sides = plain | {f"{what} recorded": recorded(what) for what in reads}
    times = in_turn(sides, bench.rounds, TIMES)
    with service.database.reading() as conn:
        agreed(head(conn)[0], len(reads) * bench.rounds * TIMES)
    for what in reads:
        yield Outcome(
            "access",
            f"{what} of {bench.few:,} episodes, recorded, against not",
            times.ratio(f"{what} recorded", what),
            None,
            "x",
            detail=times.milliseconds(f"{what} recorded", what),
        )


def _waiting(error: Exception) -> None:
    raise error  # nobody else writes here


def _whole_processes(bench: Bench, name: str) -> Iterator[Outcome]:
    words = ["--home", str(bench.home(name)), "worklist", "--format", "json"]
    commands = {
        "recorded": [sys.executable, "-c", RECORDED.format(""), *words],
        "unrecorded": [sys.executable, "-c", RECORDED.format(FORGET), *words],
    }
    for command in commands.values():
        run(command)  # compiles, and reads the files once
    sides = {side: lambda _, c=command: run(c) for side, command in commands.items()}
    times = in_turn(sides, 2 * bench.rounds)
    yield Outcome(
        "access",
        "tracker worklist --format json, whole process, recorded, against not",
        times.ratio("recorded", "unrecorded"),
        1.2,
        "x",
        detail=times.milliseconds(),
    )
