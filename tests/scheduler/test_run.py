"""`scheduler run`: it ticks until it is told to stop, and then it ends well."""

import datetime
import json
import signal
import sys

import pytest

from tests.channels.servers import web_server
from tests.scheduler.conftest import Tracker
from tracker.cli.session import clock
from tracker.outbox import listing
from tracker.reminders.points import DECIDED, POINTS
from tracker.service import Service

COMMAND = [sys.executable, "-c", "from tracker.cli import main; main()"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_issues_and_stops_when_told(patched: Tracker, number: signal.Signals) -> None:
    """The first tick comes at once; a signal ends it with exit code 0 and no traceback."""
    running = patched.started(*COMMAND, "scheduler", "run", "--every", "1")
    assert running.stdout is not None
    first = running.stdout.readline()
    running.send_signal(number)
    said = running.communicate(timeout=60)
    assert "overdue" in first
    assert (running.returncode, "stopped" in said[1]) == (0, True)
    assert "Traceback" not in said[1]


STOPPED_AT = """
import os, signal, sys, time
from tracker.cli.session import clock
from tracker.config import locate
from tracker.scheduler import Scheduler
from tracker.scheduler.journal import journal
from tracker.service import Service

location, point = locate(None, None, os.environ), sys.argv[1]
told = []

def at(passed):
    if passed == point and not told:
        told.append(passed)
        for _ in range(2):  # whoever is impatient says it twice
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.1)

scheduler = Scheduler(
    lambda: Service.open(location, clock), "ward",
    write=lambda line: print(line, flush=True), log=journal(sys.stderr, "json"), every=1, at=at,
)
scheduler.run()
"""
BUSY = STOPPED_AT.replace("time.sleep(0.1)", "time.sleep(1)").replace(
    "scheduler.run()",
    """
from apscheduler.events import EVENT_JOB_SUBMITTED
scheduler._jobs.add_listener(lambda _: time.sleep(0.2), EVENT_JOB_SUBMITTED)
scheduler.run()
""",
)
"""Here the loop is still busy with beginning when it is told to stop, and the job takes long."""


@pytest.mark.parametrize("point", POINTS)
def test_it_ends_well_wherever_it_is_stopped(patched: Tracker, point: str) -> None:
    """What it was doing is finished, what it had claimed is free, and it says that it has ended."""
    stopped = patched.started(sys.executable, "-c", STOPPED_AT, point)
    _, said = stopped.communicate(timeout=60)
    assert (stopped.returncode, "Traceback" in said) == (0, False), said
    with Service.open(patched.location, clock) as service:
        assert [beat.ended_at is not None for beat in service.heartbeats()] in ([], [True])
        newest = service.history(service.resolve("Ms-Miller").uuid)[-1].recorded_at
        with service.database.reading() as conn:
            rows = [row.item for row in listing.listed(conn, clock(), (), 100)]
    assert [row.claimed_by for row in rows] == [None] * len(rows)
    patched.clock.move_to(newest + datetime.timedelta(minutes=20))
    patched.ok("scheduler", "tick")
    assert patched.json("outbox", "list") == []


def test_it_has_not_stopped_while_it_still_ticks(patched: Tracker) -> None:
    """Who reads that it has stopped, or sees its heartbeat end, may start another version."""
    stopped = patched.started(sys.executable, "-c", BUSY, DECIDED)
    _, said = stopped.communicate(timeout=60)
    events = [json.loads(line)["event"] for line in said.splitlines()]
    assert (stopped.returncode, events[-2:]) == (0, ["ticked", "stopped"]), said


HANGING = """
import os, sys
from tracker.cli.session import clock
from tracker.config import locate
from tracker.outbox.deliver import Pace
from tracker.scheduler import Scheduler
from tracker.scheduler.journal import journal
from tracker.service import Service

Scheduler(
    lambda: Service.open(locate(None, None, os.environ), clock), "ward",
    write=lambda line: print(line, flush=True), log=journal(sys.stderr, "json"), every=1,
    pace=Pace(grace=0.2),
).run()
"""


def test_it_ends_well_while_a_receiver_hangs(patched: Tracker) -> None:
    """The message is left to itself, free for the next scheduler, and the process ends."""
    with web_server("hang", "hang") as web:
        (patched.home / "config.toml").write_text(
            f'[channels.hook]\nkind = "webhook"\nurl = "{web.url}"\nsecret_env = "HOOK_SECRET"\n'
            '[[recipients]]\nchannel = "hook"\n'
        )
        patched.environ["HOOK_SECRET"] = "s" * 40
        running = patched.started(sys.executable, "-c", HANGING)
        while not web.asked:
            assert running.poll() is None
        running.send_signal(signal.SIGTERM)
        said = running.communicate(timeout=20)[1]
    assert (running.returncode, "Traceback" in said) == (0, False), said
    with Service.open(patched.location, clock) as service, service.database.reading() as conn:
        rows = listing.listed(conn, service.now(), (), 100)
    assert "not done when it was to stop; it may have gone out" in [r.item.last_error for r in rows]
    assert {row.item.claimed_by for row in rows} == {None}


@pytest.mark.backends("sqlite")
def test_without_a_database_it_says_so(tracker: Tracker) -> None:
    """It does not go on ticking into nothing."""
    running = tracker.started(*COMMAND, "scheduler", "run", "--every", "1")
    said = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "init" in said[1]
