"""Run on a small file system of its own: fill it, and say what goes wrong."""

import os
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tests.faults import ward
from tests.faults.agreement import disagreements
from tests.faults.full_disk import careless
from tests.faults.program import crash, invoke
from tests.faults.test_places import EVERY
from tracker.appending import Appender

STEP = 4096
LONG = "x" * 1900


def fill(folder: Path, left: int) -> Path:
    """Fill the disk but for so many bytes."""
    ballast = folder / "ballast"
    place = os.statvfs(folder)
    with ballast.open("wb") as file:
        file.write(bytes(place.f_bavail * place.f_frsize - left))
    return ballast


def _until_full(home: Path, round_: int) -> Iterator[tuple[str, str | None]]:
    """Record until that is refused; yield ids acknowledged, and what was wrong in the end."""
    for number in range(100):
        name = f"{round_}.{number}"
        command = ("record", "headache-assessed", "ref o1", "--note", LONG, "--id", name)
        answer = invoke(home, *command)
        if answer.code == 0:
            yield name, None
            continue
        wrong = crash(answer, [1])
        yield "", wrong or (None if "full" in answer.err else answer.err)
        return
    yield "", "the disk never filled up"


def problems(folder: Path) -> Iterator[str]:
    """Fill the disk with more and less room left, and yield what is wrong each time."""
    home, acknowledged = folder / "home", set[str]()
    ward.make(home)
    for round_ in range(0, 20, 2):
        ballast = fill(folder, round_ * STEP)
        for name, wrong in list(_until_full(home, round_)):
            acknowledged |= {name} - {""}
            if wrong:
                yield f"round {round_}: {wrong}"
        for command in EVERY:
            if wrong := crash(invoke(home, *command), [0, 1, 4]):
                yield f"round {round_}: {command}: {wrong}"
        new = invoke(folder / "new", "init")
        if wrong := crash(new, [0, 1]):
            yield f"round {round_}: init: {wrong}"
        ballast.unlink()
        invoke(home, "projections", "rebuild")
        yield from (f"round {round_}: {wrong}" for wrong in disagreements(home, acknowledged))
    if len(acknowledged) < 10:
        yield f"only {len(acknowledged)} facts were recorded"


def main() -> None:
    """Print the problems, or that there are none."""
    if sys.argv[2] == "careless":
        Appender._write = careless
    found = list(islice(problems(Path(sys.argv[1])), 3))
    print("\n".join(found) or "stands up")


if __name__ == "__main__":
    main()
