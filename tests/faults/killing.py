"""Killing writers at random points, and before each statement they run."""

import os
import random
import shutil
import signal
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.faults import ward, writers
from tests.faults.agreement import disagreements

KILLS_PER_DATABASE = 20
"""A new database then, so that comparing all of it after every kill stays quick."""
MOST_LINES = 6
"""A writer may say so many things before it is killed; each recording is two."""
LONGEST = 0.003
"""Seconds for which it may go on then."""


@dataclass
class Toll:
    """What came of killing writers."""

    kills: int = 0
    begun: int = 0
    """Recordings that were begun."""
    acknowledged: int = 0
    midway: int = 0
    """Kills in the middle of a recording."""
    problems: list[str] = field(default_factory=list)


def kill_writers(folder: Path, kills: int, seed: int, twin: str | None = None) -> Toll:
    """Kill so many writers; stop at the first problem."""
    rng, toll = random.Random(seed), Toll()
    ward.make(folder / "template")
    while toll.kills < kills and not toll.problems:
        home = folder / f"home {toll.kills}"
        shutil.copytree(folder / "template", home)
        known: set[str] = set()
        for _ in range(min(KILLS_PER_DATABASE, kills - toll.kills)):
            work = partial(_write, home, f"w{toll.kills}", twin)
            _kill_one(home, work, rng, toll, known)
            if toll.problems:
                break
        shutil.rmtree(home)
    return toll


def _write(home: Path, name: str, twin: str | None, pipe: writers.Pipe) -> None:
    writers.write_until_killed(home, name, pipe, twin)


def _kill_one(
    home: Path, work: "partial[None]", rng: random.Random, toll: Toll, known: set[str]
) -> None:
    process, end = writers.forked(work)
    # Sometimes before it has even opened the database.
    said = _listened(end, rng.randint(1, MOST_LINES)) if rng.random() < 0.9 else b""
    time.sleep(rng.uniform(0, LONGEST))
    os.kill(process, signal.SIGKILL)
    toll.kills += 1
    _judge(home, process, end, said, toll, known)


def _listened(end: int, lines: int) -> bytes:
    """Return what a writer says, once it has said so many lines or has ended."""
    said = b""
    while said.count(b"\n") < lines and (more := os.read(end, 65536)):
        said += more
    return said


def _judge(home: Path, process: int, end: int, said: bytes, toll: Toll, known: set[str]) -> None:
    with os.fdopen(end, "rb") as pipe:
        lines = (said + pipe.read()).decode().splitlines()
    os.waitpid(process, 0)
    begun = [line[2:].split() for line in lines if line.startswith("?")]
    acknowledged = {i for line in lines if line.startswith("+") for i in line[2:].split()}
    toll.begun += len(begun)
    toll.acknowledged += len(acknowledged)
    toll.midway += any(line.startswith("?") for line in lines[-1:])
    toll.problems += [line for line in lines if line.startswith("!")]
    known |= acknowledged
    try:
        toll.problems += disagreements(home, known, begun)
    except Exception as error:  # noqa: BLE001 (that it cannot even be opened is a finding)
        toll.problems.append(f"cannot be read: {type(error).__name__}: {error}")


def kill_at_each_statement(folder: Path) -> Toll:
    """Kill one writer before each statement of a recording, until it lives through all of them."""
    toll = Toll()
    ward.make(folder / "template", 2)
    while not toll.acknowledged and not toll.problems:
        toll.kills += 1
        home = folder / f"home {toll.kills}"
        shutil.copytree(folder / "template", home)
        process, end = writers.forked(partial(_record, home, toll.kills))
        _judge(home, process, end, b"", toll, set())
        shutil.rmtree(home)
    return toll


def _record(home: Path, fatal: int, pipe: writers.Pipe) -> None:
    writers.record_until_statement(home, f"s{fatal}", pipe, fatal)
