"""An import that is interrupted: all of it or nothing, no traceback, and a code that says so."""

import random
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.faults import settings, ward
from tests.faults.agreement import disagreements
from tests.faults.mutations import history
from tests.faults.program import Answer, crash, finish, start, tracker

EPISODES, EVENTS = 150, 8
PIECEMEAL = """
from tracker.service import Service
many = Service.append_many
Service.append_many = lambda self, batch: [a for item in list(batch) for a in many(self, [item])]
from tracker.cli import main
main()
"""
CLOSING = """
import sqlalchemy.engine.default as default
def do_close(self, connection):
    raise KeyboardInterrupt
default.DefaultDialect.do_close = do_close
from tracker.cli import main
main()
"""
ENDS = {signal.SIGINT: (130,), signal.SIGTERM: (143, -signal.SIGTERM)}
DONE = (0, -signal.SIGINT)
"""How it ends when all is done; the second when the signal meets the interpreter on its way out."""


def interrupted(home: Path, sent: signal.Signals, delay: float, program: str | None) -> Answer:
    """Interrupt an import a while after it has read most of its file."""
    lines = b"\n".join(history(EPISODES, EVENTS))
    options = {} if program is None else {"command": (sys.executable, "-c", program)}
    process = start(home, "import", "-", "--format", "json", **options)
    assert process.stdin is not None
    process.stdin.write(lines)
    process.stdin.close()
    process.stdin = None
    time.sleep(delay)
    process.send_signal(sent)
    return finish(process)


def taken(home: Path) -> int:
    """Return how many events the import has left."""
    with ward.opened(home) as service:
        return service.projections().head - 12


def wrong(home: Path, sent: signal.Signals, delay: float, program: str | None = None) -> str:
    """Interrupt an import and return what is wrong about it."""
    answer = interrupted(home, sent, delay, program)
    found = [crash(answer, [*DONE, *ENDS[sent]]) or ""]
    whole = EPISODES * (EVENTS + 1)
    if taken(home) not in ((whole,) if answer.code in DONE else (0, whole)):
        found.append(f"{taken(home)} of {whole} events, code {answer.code}")
    return "; ".join(filter(None, found + disagreements(home)))


@pytest.mark.parametrize("round_", range(settings.INTERRUPTS))
@pytest.mark.parametrize("sent", ENDS)
def test_interrupted_import(sent: signal.Signals, round_: int, home: Path) -> None:
    """Ctrl-C and SIGTERM end an import whole or undone; importing again completes it."""
    delay = random.Random(settings.SEED + round_).uniform(0, 0.8)
    assert wrong(home, sent, delay) == ""
    again = tracker(home, "import", "-", told=b"\n".join(history(EPISODES, EVENTS)))
    assert again.code == 0
    assert taken(home) == EPISODES * (EVENTS + 1)


def test_twin_that_imports_piecemeal_is_caught(ward_home: Path, tmp_path: Path) -> None:
    """An import with a transaction for each episode leaves a part, and it shows."""
    for n in range(20):
        home = Path(shutil.copytree(ward_home, tmp_path / f"home {n}"))
        if "events, code" in wrong(home, signal.SIGTERM, 0.1 + n * 0.05, PIECEMEAL):
            return
    pytest.fail("the twin was not caught")


@pytest.mark.parametrize("sent", ENDS)
def test_interrupted_while_waiting_for_input(sent: signal.Signals, home: Path) -> None:
    """Interrupted while it reads standard input, an import ends without a word of Python."""
    process = start(home, "import", "-")
    assert process.stdin is not None
    process.stdin.write(b"\n" * 200_000)  # more than a pipe holds: so it reads by now
    process.stdin.flush()
    process.send_signal(sent)
    answer = finish(process)
    assert crash(answer, ENDS[sent]) is None


def test_interrupted_while_it_closes_its_database(home: Path) -> None:
    """Ctrl-C that meets a connection on its way out makes SQLAlchemy print no traceback."""
    answer = finish(start(home, "stats", command=(sys.executable, "-c", CLOSING)))
    assert crash(answer, [130]) is None
