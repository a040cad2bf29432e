"""`scripts/bench` measures what the program costs and says which limits it keeps."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from rich.console import Console
from rich.table import Table

from scripts.benchmarks import (
    contending,
    evaluation,
    importing,
    listing,
    looking,
    rebuilding,
    recording,
    reminding,
    space,
    starting,
    ticking,
    verifying,
)
from scripts.benchmarks.databases import Bench
from scripts.benchmarks.measuring import Outcome

MEASURES: dict[str, Callable[[Bench], Iterator[Outcome]]] = {
    "record": recording.measure,
    "evaluate": evaluation.measure_evaluate,
    "past": evaluation.measure_past,
    "rebuild": rebuilding.measure,
    "tick": ticking.measure,
    "idle": reminding.measure_idle,
    "remind": reminding.measure_owed,
    "worklist": listing.measure,
    "start": starting.measure,
    "access": looking.measure,
    "import": importing.measure,
    "space": space.measure,
    "verify": verifying.measure,
}


ON_A_SERVER: dict[str, Callable[[Bench], Iterator[Outcome]]] = {
    "record": contending.measure,
    "rebuild": rebuilding.measure,
    "tick": ticking.measure,
    "worklist": listing.measure,
}
"""What is measured with --database."""


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "measures", nargs="*", metavar="MEASURE", help=f"default: all of {', '.join(MEASURES)}"
    )
    parser.add_argument("--episodes", type=int, default=100_000, help="of the large database")
    parser.add_argument("--few", type=int, default=1_000, help="episodes of the small database")
    parser.add_argument("--rounds", type=int, default=20, help="rounds of what is fast")
    parser.add_argument("--quick", action="store_true", help="2,000 episodes and 6 rounds")
    parser.add_argument(
        "--keep", metavar="DIR", help="keep the databases there, and use them again"
    )
    parser.add_argument(
        "--database",
        metavar="URL",
        help=f"measure {', '.join(ON_A_SERVER)} in databases beside this one of PostgreSQL",
    )
    parser.add_argument(
        "--told",
        type=int,
        metavar="N",
        help="let the log tell of N episodes; of more there are copies of rows (tick, worklist)",
    )
    parsed = parser.parse_args(arguments)
    parsed.known = ON_A_SERVER if parsed.database else MEASURES
    for name in parsed.measures:
        if name not in parsed.known:
            parser.error(f"there is no measure {name}; there are {', '.join(parsed.known)}")
    if parsed.quick:
        parsed.episodes, parsed.rounds = 2_000, 6
    return parsed


def main(arguments: list[str]) -> int:
    """Measure, print the table, and return 1 if a limit is not kept."""
    asked = _arguments(arguments)
    outcomes: list[Outcome] = []
    with _directory(asked.keep) as directory, _bench(asked, Path(directory)) as bench:
        for name in asked.measures or asked.known:
            print(f"measuring {name} ...", file=sys.stderr, flush=True)
            for outcome in asked.known[name](bench):
                outcomes.append(outcome)
                print(f"  {outcome.what}: {outcome.said}", file=sys.stderr, flush=True)
    _show(outcomes)
    return 1 if any(outcome.met is False for outcome in outcomes) else 0


@contextmanager
def _bench(asked: argparse.Namespace, directory: Path) -> Iterator[Bench]:
    """Give a run; its databases on a server go with its directory."""
    sizes = (asked.episodes, asked.few, asked.rounds)
    bench = Bench(directory, *sizes, asked.database, asked.told)
    try:
        yield bench
    finally:
        if not asked.keep:
            bench.drop()


def _directory(kept: str | None) -> AbstractContextManager[str]:
    """Return where the databases go: a place of this run alone unless one is kept."""
    return nullcontext(kept) if kept else tempfile.TemporaryDirectory(prefix="tracker-bench-")


def _show(outcomes: list[Outcome]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("measure", "what", "measured", "limit", "", "sides (medians)"):
        table.add_column(heading, overflow="fold")
    for one in outcomes:
        met = {True: "met", False: "MISSED", None: ""}[one.met]
        table.add_row(one.measure, one.what, one.said, one.bound, met, one.detail)
    Console(width=None if sys.stdout.isatty() else 200, highlight=False).print(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
