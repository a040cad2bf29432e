"""The other side: APScheduler with a persisted job for each reminder."""

import datetime
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from apscheduler.executors.debug import DebugExecutor
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import create_engine, event

from scripts.benchmarks.measuring import agreed, seconds_of

_LONGEST = 600


class _Count:
    """How many are still to be fired."""

    def __init__(self) -> None:
        self.left = 0
        self.act: Callable[[str], None] = _nothing
        """What a reminder does when it is due, to the episode with an id."""
        self.all_fired = threading.Event()
        self._lock = threading.Lock()

    def one(self) -> None:
        """Count one."""
        with self._lock:
            self.left -= 1
        if self.left == 0:
            self.all_fired.set()


def _nothing(_episode: str) -> None:
    """Stand for what a reminder does."""


COUNT = _Count()


def fire(episode: str, _reminder: str, _phase: str) -> None:
    """Do what a reminder does when it is due."""
    COUNT.act(episode)
    COUNT.one()


class Jobs:
    """A scheduler over a job store in SQLite."""

    def __init__(self, path: Path, *, tuned: bool) -> None:
        """Take the path; `tuned`: with a write-ahead log, and without a pool of threads."""
        engine = create_engine(f"sqlite:///{path}")
        if tuned:
            event.listen(engine, "connect", _write_ahead)
        self._store = SQLAlchemyJobStore(engine=engine)
        self._scheduler = BackgroundScheduler(
            jobstores={"default": self._store},
            executors={"default": DebugExecutor() if tuned else ThreadPoolExecutor(10)},
            # Else what is late is dropped.
            job_defaults={"misfire_grace_time": None},
            timezone=datetime.UTC,
        )
        self._scheduler.start(paused=True)

    def add(self, episodes: Sequence[str]) -> float:
        """Add a job that is due for each episode; return the seconds it took."""
        due = datetime.datetime.now(datetime.UTC)

        def add() -> None:
            for number, episode in enumerate(episodes):
                told = (episode, f"patch-decision:e{number:05}", "open")
                self._scheduler.add_job(fire, "date", told, run_date=due)

        return seconds_of(add)

    def run(self, count: int, act: Callable[[str], None] = _nothing) -> float:
        """Let all of them fire; return the seconds until the last is gone from the store."""
        COUNT.left, COUNT.act = count, act
        COUNT.all_fired.clear()

        def run() -> None:
            self._scheduler.resume()
            if not COUNT.all_fired.wait(_LONGEST):
                raise ValueError(f"{COUNT.left} jobs were not fired")
            self._scheduler.shutdown()

        spent = seconds_of(run)
        agreed(self._store.get_all_jobs(), [])
        return spent


def _write_ahead(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
