"""A scheduler lives through a restart of its server."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Tracker, clock
from tests.postgres.server import Server
from tracker.config import Location
from tracker.store import schema
from tracker.store.database import open_database

__all__ = ["clock"]

RUN = """
import os, sys
from tracker.cli.session import clock
from tracker.config import locate
from tracker.scheduler import Scheduler
from tracker.scheduler.journal import journal
from tracker.service import Service
from tracker.store import postgresql

class Twin(Scheduler):
    def _guarded(self, name, job):
        try:
            job()
        except Exception:
            self._stop()

postgresql.ATTEMPTS = 1
{"as it is": Scheduler, "twin": Twin}[sys.argv[1]](
    lambda: Service.open(locate(None, None, os.environ), clock), "ward",
    write=lambda line: None, log=journal(sys.stderr, "json"), every=1,
).run()
"""


@pytest.fixture
def tracker(own: Server, clock: object, tmp_path: Path) -> Iterator[Tracker]:
    """A tracker on a server that may be stopped, with a patient to whom a review is owed."""
    with own.database() as name:
        place = Location(tmp_path / "home", own.url(name))
        with open_database(place, create=True) as database:
            schema.upgrade(database)
        tracker = Tracker(place, clock)  # type: ignore[arg-type]
        tracker.ok("open", "--patient", "MRN1", "--reference", "case-1", "--time-zone", "UTC")
        yield tracker


def until(process: "subprocess.Popen[str]", event: str, **fields: object) -> dict[str, object]:
    """Read what a scheduler says until it says this. Raises EOFError when it ends first."""
    assert process.stderr is not None
    for line in process.stderr:
        said: dict[str, object] = json.loads(line)
        if said["event"] == event and fields.items() <= said.items():
            return said
    raise EOFError(event)


def test_a_scheduler_goes_on_after_a_restart(own: Server, tracker: Tracker) -> None:
    """While the server is away each turn says so; the first one after that issues what is owed."""
    running = tracker.started(sys.executable, "-c", RUN, "as it is")
    until(running, "ticked")
    own.stop("fast")
    assert "message" in until(running, "job failed", job="tick", error="LostError")
    own.start()
    tracker.ok("record", "headache-assessed", "case-1", "--posture", "orthostatic")
    while until(running, "ticked")["issued"] == 0:
        pass
    running.send_signal(signal.SIGTERM)
    assert "Traceback" not in running.communicate(timeout=60)[1]
    assert running.returncode == 0


def test_twin_that_ends_with_a_failed_turn_is_gone(own: Server, tracker: Tracker) -> None:
    """Nobody would be reminded until somebody starts it again."""
    running = tracker.started(sys.executable, "-c", RUN, "twin")
    until(running, "ticked")
    own.stop("fast")
    with pytest.raises(EOFError):
        until(running, "job failed")
    own.start()
    running.communicate(timeout=60)
    assert running.returncode == 0
