"""The scheduler: APScheduler around the work. Any number may run against one database.

The jobs are fixed and kept in memory: what is due is read from the database at every turn, so that
nothing is lost when a scheduler dies.
"""

import datetime
import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.blocking import BlockingScheduler

from tracker.errors import TrackerError
from tracker.outbox.deliver import USUAL, Delivered, Pace
from tracker.outbox.memory import Memory
from tracker.reminders.clocks import ClockError
from tracker.reminders.points import RECORDED, At, nowhere
from tracker.scheduler.journal import failure
from tracker.scheduler.work import Work
from tracker.service import Service

TICK_SECONDS = 60
CATCH_UP_SECONDS = 300
CHECKPOINT_SECONDS = 60
AFTER_REFUSAL = datetime.timedelta(minutes=10)
"""So long after a checkpoint failed it is tried again: verifying takes its time."""
DELIVERY_SECONDS = 5
_STATUS = "tracker scheduler status"
_STOP = (signal.SIGTERM, signal.SIGINT)

Open = Callable[[], Service]
"""Opens the database for one job; the job closes it."""


class Scheduler:
    """Ticks, delivers and catches up until it is stopped."""

    def __init__(
        self,
        open_service: Open,
        name: str,
        *,
        write: Callable[[str], None],
        log: Any,
        every: int = TICK_SECONDS,
        trust_clock: bool = False,
        pace: Pace = USUAL,
        at: At = nowhere,
    ) -> None:
        """Take a name, what takes the lines of the console channel, and the log."""
        self._open = open_service
        self._name = name
        self._write = write
        self._log = log
        self._every = every
        self._trust_clock = trust_clock
        self._at = at
        self._memory = Memory()
        self._refused_at: datetime.datetime | None = None
        self._pace = pace
        self._stopping = threading.Event()
        self._told = threading.Lock()
        """Taken by the first who says that it is to stop."""
        self._ended = threading.Event()
        """Whether every job has come to its end."""
        self._sent = threading.Event()
        """Whether a message went out since the last tick."""
        self._jobs = BlockingScheduler(
            jobstores={"default": MemoryJobStore()},
            # One job at a time: a tick and a catch-up would only wait for each other. Delivery
            # has a thread of its own: a receiver that hangs must not keep reminders from being
            # issued.
            # So has the checkpoint, before which the whole log is verified.
            executors={
                name: ThreadPoolExecutor(1) for name in ("default", "delivery", "checkpoint")
            },
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=datetime.UTC,
        )

    def run(self) -> None:
        """Work until SIGTERM or SIGINT.

        The batch that is being issued and the message that is being sent then are finished first,
        and what else was claimed is given back.
        """
        self._add("tick", self.tick, self._every)
        self._add("catch-up", self.catch_up, CATCH_UP_SECONDS)
        self._add("checkpoint", self.checkpoint, CHECKPOINT_SECONDS, "checkpoint")
        self._add("delivery", self.deliver, min(self._every, DELIVERY_SECONDS), "delivery")
        self._log.info("started", scheduler=self._name, every_seconds=self._every)
        with _signals(self._stop), _libraries_silent():
            self._jobs.start()
            self._ended.wait()  # the loop may leave while a job is still at work
            self._retire()
            self._log.info("stopped", scheduler=self._name)

    def _add(
        self, name: str, job: Callable[[], None], seconds: int, executor: str = "default"
    ) -> None:
        self._jobs.add_job(
            self._guarded, "interval", (name, job), seconds=seconds, id=name, name=name,
            executor=executor, next_run_time=datetime.datetime.now(datetime.UTC),
        )  # fmt: skip

    def _work(self, service: Service) -> Work:
        return Work(
            service,
            self._name,
            write=self._write,
            every=self._every,
            trust_clock=self._trust_clock,
            stopping=self._stopping.is_set,
            memory=self._memory,
            pace=self._pace,
            at=self._passing,
        )

    def _passing(self, point: str) -> None:
        if point == RECORDED:
            self._sent.set()
        self._at(point)

    def tick(self) -> None:
        """Issue what is owed now; if all is well, tell the address outside."""
        began = time.monotonic()
        with self._open() as service:
            work = self._work(service)
            done = work.tick()
            self._trust_clock = False  # what is recorded ahead of it from now on is another clock's
            seen = work.undelivered()
            good = work.good(done, seen, sent=self._sent.is_set())
        self._sent.clear()
        for episode, _ in done.failed:
            self._log.error("episode failed", episode=episode, **{"try": "tracker scheduler tick"})
        if done.away is not None:
            self._log.warning("outage over", away_seconds=round(done.away.total_seconds()))
        self._log.info(
            "ticked",
            issued=len(done.issued),
            skipped=len(done.skipped),
            failed=len(done.failed),
            still_due=done.still_due,
            complete=done.complete,
            seconds=round(time.monotonic() - began, 3),
        )
        if not good:
            self._log.warning("not all is well", **seen.counts, **{"try": _STATUS})
        elif work.ping() is not None:
            self._log.warning("the ping address did not answer", **{"try": "tracker doctor"})

    def deliver(self) -> None:
        """Send what is waiting; what was sent is told, also when it breaks off."""
        done = Delivered()
        try:
            with self._open() as service:
                self._work(service).deliver(done)
        finally:
            self._tell(done)

    def _tell(self, done: Delivered) -> None:
        for message, _, _ in done.failed:
            self._log.warning("delivery failed", message=message, **{"try": "tracker outbox show"})
        for message, _, _ in done.dead:
            self._log.error("delivery given up", message=message, **{"try": "tracker outbox show"})
        if done.sent or done.dropped or done.failed or done.dead:
            self._log.info(
                "delivered",
                sent=done.sent,
                overtaken=done.dropped,
                failed=len(done.failed),
                dead=len(done.dead),
                put_off=done.put_off,
            )

    def checkpoint(self) -> None:
        """Sign how far the log goes, if it is time to."""
        now = datetime.datetime.now(datetime.UTC)
        if self._refused_at is not None and now - self._refused_at < AFTER_REFUSAL:
            return
        try:
            with self._open() as service:
                made = self._work(service).checkpoint()
        except TrackerError:
            self._refused_at = now
            raise
        if made is not None:
            self._log.info("signed", events=made.made.checkpoint.events.size, file=made.name)

    def catch_up(self) -> None:
        """Bring rows up to the log and try parked episodes again."""
        with self._open() as service:
            service.catch_up()
            if parked := service.parked():
                self._log.error("incomplete", episodes=len(parked), **{"try": "tracker doctor"})

    def _guarded(self, name: str, job: Callable[[], None]) -> None:
        """Run a job; whatever goes wrong is told, and the next run tries again."""
        try:
            job()
        except ClockError as error:
            self._log.error("refused", job=name, message=error.message, **{"try": error.hint})
        except Exception as error:  # noqa: BLE001 (the scheduler must outlive any one job)
            self._log.error("job failed", job=name, **failure(error))

    def _retire(self) -> None:
        with suppress(TrackerError), self._open() as service:
            service.retired(self._name)

    def _stop(self) -> None:
        self._stopping.set()
        if not self._told.acquire(blocking=False):
            return  # it was told already; shutting down twice would wait for ever
        # Not in the signal handler itself: it may have interrupted what shutting down waits for.
        threading.Thread(target=self._shut_down, name="shutdown").start()

    def _shut_down(self) -> None:
        while not self._jobs.running:  # told to stop before it had begun
            time.sleep(0.01)
        try:
            self._jobs.shutdown()
        finally:
            self._ended.set()


@contextmanager
def _libraries_silent() -> Iterator[None]:
    """Keep what libraries warn of off stderr: they quote addresses, and the log is ours."""
    root, nowhere_at_all = logging.getLogger(), logging.NullHandler()
    root.addHandler(nowhere_at_all)
    try:
        yield
    finally:
        root.removeHandler(nowhere_at_all)


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
