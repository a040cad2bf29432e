"""Importing JSON Lines into a new database, as a whole process."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from scripts.benchmarks.databases import Bench
from scripts.benchmarks.histories import history, line
from scripts.benchmarks.measuring import Outcome, Times, in_turn
from scripts.benchmarks.processes import PROGRAM, run

EPISODES = 5_000
ROUNDS = 3


def measure(bench: Bench) -> Iterator[Outcome]:
    """Import whole histories; what the scheduler writes is not part of an import."""
    file = bench.home("import.jsonl")
    events = _write(file, min(EPISODES, bench.episodes))
    spent = Times()

    def imports(turn: int) -> None:
        home = bench.home(f"imported-{turn}")
        spent.add("import", run([PROGRAM, "--home", str(home), "import", str(file)]))

    times = in_turn({"import": imports}, ROUNDS)
    yield Outcome(
        "import",
        f"{events:,} events of JSON Lines into a new database, whole process",
        events / times.median("import"),
        8_000,
        "events/s",
        at_most=False,
        detail=f"by processor time {events / spent.median('import'):,.0f} events/s",
    )


def _write(file: Path, episodes: int) -> int:
    """Write the histories as lines, episode by episode; return how many lines."""
    lines = [
        line(event, f"case-{index}")
        for index in range(episodes)
        for event in history(index)
        if event.source != "scheduler"
    ]
    file.write_bytes(msgspec.json.Encoder().encode_lines(lines))
    return len(lines)
