"""What a scheduler does in one turn: tick, digests, delivery, and a sign of life to outside."""

import http.client
import os
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tracker.channels.configured import Channels
from tracker.channels.deadline import Deadline
from tracker.channels.web import handlers
from tracker.errors import TrackerError
from tracker.outbox.attempt import Attempt
from tracker.outbox.deliver import USUAL, Delivered, Pace, deliver
from tracker.outbox.memory import Memory
from tracker.outbox.standing import Overview, overview
from tracker.reminders import daily
from tracker.reminders.alarms import get_out
from tracker.reminders.points import At, nowhere
from tracker.reminders.recipients import site_of
from tracker.reminders.tick import Ticked, tick
from tracker.service import Service

if TYPE_CHECKING:
    from tracker.audit.routine import Kept

PING_SECONDS = 10.0
"""For the whole of it: ticks wait for the answer."""


def _never() -> bool:
    return False


class Work:
    """The turns of one scheduler on one database, by the site's configuration as it is now."""

    def __init__(
        self,
        service: Service,
        name: str,
        *,
        write: Callable[[str], None],
        every: int | None = None,
        trust_clock: bool = False,
        stopping: Callable[[], bool] = _never,
        environ: Mapping[str, str] = os.environ,
        memory: Memory | None = None,
        pace: Pace = USUAL,
        at: At = nowhere,
    ) -> None:
        """Read the configuration. Raises UsageError naming the place that is wrong.

        `write`: takes the lines of the console channel. `every`: seconds between turns, if there
        are to be more. `memory`: what the turns of this process leave to each other. `pace`: how
        long a message may take. `at`: see `tracker.reminders.points`.
        """
        self._service = service
        self._name = name
        self._every = every
        self._trust_clock = trust_clock
        self._stopping = stopping
        self._environ = environ
        self._memory = memory
        self._pace = pace
        self._at = at
        self._site = site_of(service.database.location)
        self._channels = Channels(self._site, clock=service.now, write=write, environ=environ)

    def tick(self, *, dry_run: bool = False) -> Ticked:
        """Issue what is owed now, and make the daily digests whose hour has come.

        Raises ClockError when the clock is behind, StoreError when the database cannot be used.
        """
        now = self._service.now()
        done = tick(
            self._service,
            now,
            site=self._site,
            scheduler=self._name,
            every=self._every,
            dry_run=dry_run,
            trust_clock=self._trust_clock,
            stopping=self._stopping,
            at=self._at,
        )
        if not dry_run and done.complete:
            made = daily.make(self._service, self._site, now)
            done.failed += [("a daily digest", what) for what in made.failed]
        return done

    def deliver(self, done: Delivered | None = None) -> Delivered:
        """Send what is waiting, and note and return what came of it.

        `done`: it is added there, also when it breaks off. Raises StoreError when the database
        cannot be used.
        """
        done = done or Delivered()
        try:
            deliver(
                self._service,
                self._channels,
                self._name,
                pace=self._pace,
                stopping=self._stopping,
                memory=self._memory,
                at=self._at,
                done=done,
            )
        finally:
            self._note(done)
        return done

    def _note(self, done: Delivered) -> None:
        failed = len(done.failed) + len(done.dead) + done.put_off
        if done.sent or failed:
            self._service.delivered(self._name, sent=done.sent, failed=failed)

    def checkpoint(self) -> "Kept | None":
        """Sign how far the log goes if it is time to; return the checkpoint, None if it is not.

        Raises AuditError when the record does not stand up.
        """
        from tracker.audit.routine import scheduled  # signing needs what else does not

        return scheduled(self._service, self._channels.get, self._environ)

    def undelivered(self) -> Overview:
        """Return how what is not delivered stands now."""
        with self._service.database.reading() as conn:
            return overview(conn, self._service.now())

    def good(self, done: Ticked, seen: Overview, *, sent: bool) -> bool:
        """Whether a turn was good: all that was owed was issued, and messages get out.

        `sent`: whether any was sent since the turn before.
        """
        issued = done.complete and not done.failed and not done.still_due
        return issued and get_out(seen, self._service.now(), sent=sent)

    def ping(self) -> str | None:
        """Tell the address outside, if there is one, that a turn was good; return why it failed.

        Raises nothing: what was done is done, whoever hears of it. No word of the answer is quoted.
        """
        try:
            address = self._site.scheduler.ping_address(self._site.directory, self._environ)
            if address is None:
                return None
            # In a thread of its own: looking up a name takes as long as it takes.
            if not Attempt(lambda: _ask(address)).wait(PING_SECONDS, self._stopping, 0):
                raise TimeoutError
        except TrackerError as error:
            return f"The ping address cannot be used: {error.message}"
        except (OSError, http.client.HTTPException, ValueError) as error:
            return f"The ping address did not answer ({type(error).__name__})"
        return None


def _ask(address: str) -> None:
    request = urllib.request.Request(address, headers={"User-Agent": "tracker"})  # noqa: S310
    with Deadline(PING_SECONDS) as deadline:
        opener = urllib.request.build_opener(*handlers(deadline))
        try:
            with opener.open(request, timeout=PING_SECONDS) as answer:
                answer.read(100)
        except urllib.error.HTTPError as error:
            error.close()
            raise
        if deadline.passed:
            raise TimeoutError


REACH_SECONDS = 5.0


def reach(address: str) -> None:
    """Connect to an address and ask for nothing: that would tell it of a good turn.

    Raises OSError when nobody answers there.
    """
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    socket.create_connection((parts.hostname or "", port), REACH_SECONDS).close()
