"""The scheduler: APScheduler around the tick. Any number may run against one database.

The jobs are fixed and kept in memory: what is due is read from the database at every tick, so that
nothing is lost when a scheduler dies.
"""

import datetime
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.blocking import BlockingScheduler

from tracker.channels.base import Channel
from tracker.errors import TrackerError
from tracker.reminders.tick import Ticked, tick
from tracker.service import Service

TICK_SECONDS = 60
CATCH_UP_SECONDS = 300
_STOP = (signal.SIGTERM, signal.SIGINT)

Open = Callable[[], Service]
"""Opens the database for one job; the job closes it."""


class Scheduler:
    """Ticks and catches up until it is stopped."""

    def __init__(
        self,
        open_service: Open,
        channels: Sequence[Channel],
        name: str,
        *,
        report: Callable[[str], None],
        every: int = TICK_SECONDS,
    ) -> None:
        self._open = open_service
        self._channels = channels
        self._name = name
        self._report = report
        self._every = every
        self._stopping = threading.Event()
        self._jobs = BlockingScheduler(
            jobstores={"default": MemoryJobStore()},
            # One job at a time: a tick and a catch-up would only wait for each other.
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=datetime.UTC,
        )

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; what is being issued then is finished first."""
        self._add("tick", self.tick, self._every)
        self._add("catch-up", self.catch_up, CATCH_UP_SECONDS)
        with _signals(self._stop):
            self._jobs.start()

    def _add(self, name: str, job: Callable[[], None], seconds: int) -> None:
        self._jobs.add_job(
            self._guarded, "interval", (job,), seconds=seconds, id=name, name=name,
            next_run_time=datetime.datetime.now(datetime.UTC),
        )  # fmt: skip

    def tick(self) -> None:
        """Issue what is owed now."""
        with self._open() as service:
            done = tick(
                service,
                service.now(),
                channels=self._channels,
                scheduler=self._name,
                stopping=self._stopping.is_set,
            )
        for line in troubles(done):
            self._report(line)

    def catch_up(self) -> None:
        """Bring rows up to the log and try parked episodes again."""
        with self._open() as service:
            service.catch_up()
            if parked := service.parked():
                self._report(f"{len(parked)} episodes are shown as incomplete: tracker doctor")

    def _guarded(self, job: Callable[[], None]) -> None:
        """Run a job; whatever goes wrong is told, and the next run tries again."""
        try:
            job()
        except TrackerError as error:
            self._report(f"{error.message}" + (f" ({error.hint})" if error.hint else ""))
        except Exception as error:  # noqa: BLE001 (the scheduler must outlive any one job)
            self._report(f"{type(error).__name__}: {error}")

    def _stop(self) -> None:
        self._stopping.set()
        # Not in the signal handler itself: it may have interrupted what shutting down waits for.
        threading.Thread(target=self._jobs.shutdown, name="shutdown").start()


def troubles(done: Ticked) -> list[str]:
    """Return what went wrong in a tick, in words."""
    return [f"{where}: {what}" for where, what in done.failed]


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """Let SIGTERM and SIGINT stop the scheduler, and put back what they did before."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop()

    before = {number: signal.signal(number, handle) for number in _STOP}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
