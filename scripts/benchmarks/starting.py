"""`tracker worklist` as a whole process, against one that only imports what it stands on."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from scripts.benchmarks.databases import Bench, put
from scripts.benchmarks.histories import history
from scripts.benchmarks.measuring import Outcome, Times, in_turn
from scripts.benchmarks.processes import PROGRAM, run
from tracker.cli.session import clock
from tracker.config import Location
from tracker.service import Service

HEAVY = ("alembic", "apscheduler", "eventsourcing", "sqlalchemy.orm", "platformdirs", "hypothesis")
"""What reading a list has no use for."""
BASE = "import click, sqlalchemy"


def measure(bench: Bench) -> Iterator[Outcome]:
    """Run each as a process of its own, with compiled bytecode."""
    home = bench.home("starting")
    _fill(home, bench.few)
    worklist = [PROGRAM, "--home", str(home), "worklist", "--format"]
    commands = {
        "base": [sys.executable, "-c", BASE],
        "json": [*worklist, "json"],
        "table": [*worklist, "table"],
    }
    times, spent = _measured(commands, 2 * bench.rounds)
    for name, limit in (("json", 1.6), ("table", 1.8)):
        yield Outcome(
            "start",
            f"tracker worklist --format {name}, whole process, against `{BASE}`",
            times.ratio(name, "base"),
            limit,
            "x",
            detail=times.milliseconds(name, "base")
            + f"; {spent.ratio(name, 'base'):.3g} x the processor time",
        )
    modules = _modules([*worklist[1:], "json"])
    heavy = [name for name in HEAVY if name in modules]
    yield Outcome(
        "start",
        "modules among them that a list has no use for",
        len(heavy),
        0,
        "modules",
        detail=f"{len(modules)} modules in all; {', '.join(heavy) or 'none heavy'}",
    )


def _fill(home: Path, episodes: int) -> None:
    """Make a database whose rows hold now, by the clock of the processes that read it."""
    now = clock()
    with Service.open(Location(home, None), lambda: now, create=True) as service:
        put(service, (history(index, now=now) for index in range(episodes)))
        service.rebuild()


def _measured(commands: dict[str, list[str]], rounds: int) -> tuple[Times, Times]:
    """Return how long each process took, and how much processor time it used."""
    spent = Times()

    def runs(name: str) -> Callable[[int], None]:
        return lambda _: spent.add(name, run(commands[name]))

    for command in commands.values():
        run(command)  # compiles, and reads the files once
    times = in_turn({name: runs(name) for name in commands}, rounds)
    return times, spent


def _modules(arguments: list[str]) -> list[str]:
    """Return the modules that a command has imported when it ends."""
    script = (
        "import sys, tracker.cli\n"
        "try:\n"
        f"    tracker.cli.main({arguments!r})\n"
        "finally:\n"
        "    print(*sorted(sys.modules), sep='\\n', file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return done.stderr.split()
