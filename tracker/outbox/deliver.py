"""Delivery: what the outbox holds goes out, at least once, each message under its own id."""

import datetime
import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from tracker.channels.base import DeliveryError
from tracker.channels.configured import Channels
from tracker.outbox import backoff, bundling, queue
from tracker.outbox.items import Parcel
from tracker.outbox.judging import overtaken
from tracker.outbox.sending import Sender, UnusableChannelError
from tracker.reminders import points
from tracker.reminders.points import At, nowhere
from tracker.service import Service
from tracker.store.failures import LockedError

BATCH = 20
"""Messages that one process claims at once."""
PATIENCE = 3
"""After so many failures of a channel in a row the rest waits: it would only hold up others."""
LEFT = datetime.timedelta(seconds=2)
"""After so long a scheduler may take what another process could not send."""
RECORD_TRIES = 6
"""How often recording is tried; each waits for a busy database by itself."""
_ONE_SEND = queue.LEASE / 2
"""A lease with less than this left is prolonged before the next message goes out."""


@dataclass
class Delivered:
    """What became of the messages that one process took out."""

    sent: int = 0
    dropped: int = 0
    """Notices that events had overtaken before they were sent."""
    failed: list[tuple[str, str, str]] = field(default_factory=list)
    """Message, channel and what went wrong, for those that will be tried again."""
    dead: list[tuple[str, str, str]] = field(default_factory=list)
    """The same for those that nobody tries again unless asked to."""
    left: list[tuple[str, str, str]] = field(default_factory=list)
    """The same for those that this process cannot send and a scheduler may."""


def deliver(
    service: Service,
    channels: Channels,
    who: str,
    *,
    events: Collection[str] | None = None,
    tries: int = 2,
    stopping: Callable[[], bool] = lambda: False,
    at: At = nowhere,
) -> Delivered:
    """Send what is waiting, until nothing is or it is told to stop.

    A message is claimed, the claim committed, then it is sent, and then that is recorded: a
    process that dies between sending and recording makes it go out once more, under the same id.
    `events`: only what these issued; what needs a secret that this process lacks is then left to
    the schedulers. `tries`: attempts at once before it is put off. Raises StoreError when the
    database cannot be used.
    """
    work = _Round(service, Sender(service, channels, tries), queue.worker(who), at)
    work.attempts = channels.site.scheduler.max_attempts
    work.above = channels.site.scheduler.bundle_above
    work.leaves = events is not None
    while not stopping():
        parcels = work.claim(events)
        if not parcels:
            break
        work.carry(parcels, stopping)
    return work.done


class _Round:
    """One process's way through the outbox."""

    def __init__(self, service: Service, sender: Sender, who: str, at: At) -> None:
        self._service = service
        self._sender = sender
        self._who = who
        self._at = at
        self._until = service.now()
        self._failures: dict[str, int] = {}
        self._luck = random.Random()  # noqa: S311 (it spreads load, it keeps no secret)
        self.attempts = backoff.ATTEMPTS
        self.above = bundling.ABOVE
        self.leaves = False
        self.done = Delivered()

    def claim(self, events: Collection[str] | None) -> list[Parcel]:
        """Claim the next messages."""
        now = self._service.now()
        muted = [name for name, count in self._failures.items() if count >= PATIENCE]
        with self._service.database.reading() as conn:
            if not queue.waiting(conn, now, without=muted, events=events):
                return []
        with self._service.database.writing() as conn:
            found = queue.claim(
                conn, self._who, now, limit=BATCH, without=muted, events=events, above=self.above
            )
        self._until = now + queue.LEASE
        self._at(points.CLAIMED)
        return found

    def carry(self, parcels: list[Parcel], stopping: Callable[[], bool]) -> None:
        """Send messages one by one; what is left when it is told to stop is given back."""
        left = list(parcels)
        try:
            while left and not stopping():
                parcel = left[0]
                if self._failures.get(parcel.first.channel, 0) >= PATIENCE:
                    self._put_off(left.pop(0))
                    continue
                ready = self._current(parcel) if self._held(parcel, left) else None
                left.pop(0)  # from here on it may have been sent: it is never given back
                if ready is not None:
                    self._carry(ready)
        finally:
            if left:
                with self._service.database.writing() as conn:
                    for parcel in left:
                        queue.release(conn, self._who, parcel.ids)

    def _put_off(self, parcel: Parcel) -> None:
        later = self._service.now() + backoff.wait(1, self._luck)
        with self._service.database.writing() as conn:
            queue.release(conn, self._who, parcel.ids, later)

    def _held(self, parcel: Parcel, left: list[Parcel]) -> bool:
        """Whether the claim on a message still stands; prolong it, and the others', in time."""
        now = self._service.now()
        if self._until - now > _ONE_SEND:
            return True
        ids = [id_ for waiting in left for id_ in waiting.ids]
        with self._service.database.writing() as conn:
            held = queue.renew(conn, self._who, ids, now + queue.LEASE)
        left[1:] = [waiting for waiting in left[1:] if held.issuperset(waiting.ids)]
        self._until = now + queue.LEASE
        return held.issuperset(parcel.ids)

    def _current(self, parcel: Parcel) -> Parcel | None:
        """Return a message without what events have overtaken, None if nothing is left."""
        gone, now = overtaken(self._service, parcel), self._service.now()
        if gone:
            with self._service.database.writing() as conn:
                for id_, reason in gone.items():
                    queue.overtaken(conn, self._who, [id_], reason, now)
            self.done.dropped += len(gone)
        left = tuple(item for item in parcel.items if item.id not in gone)
        return parcel._replace(items=left) if left else None

    def _carry(self, parcel: Parcel) -> None:
        self._at(points.SENDING)
        try:
            self._sender.send(parcel)
        except DeliveryError as error:
            self._failed(parcel, error)
            return
        self._at(points.SENT)
        self._record(parcel)
        self._failures[parcel.first.channel] = 0
        self.done.sent += 1
        self._at(points.RECORDED)

    def _record(self, parcel: Parcel) -> None:
        """Note that it was sent; a database that is busy for long must not make it go out twice."""
        for attempt in range(1, RECORD_TRIES + 1):
            try:
                with self._service.database.writing() as conn:
                    queue.delivered(conn, self._who, parcel.ids, self._service.now())
                return
            except LockedError:
                if attempt == RECORD_TRIES:
                    raise

    def _failed(self, parcel: Parcel, error: DeliveryError) -> None:
        now, channel = self._service.now(), parcel.first.channel
        told = (parcel.message, channel, error.detail)
        if self.leaves and isinstance(error, UnusableChannelError):
            with self._service.database.writing() as conn:
                queue.release(conn, self._who, parcel.ids, now + LEFT)
            self._failures[channel] = PATIENCE
            self.done.left.append(told)
            return
        attempts = max(item.attempts for item in parcel.items)
        if not error.temporary or attempts >= self.attempts:
            with self._service.database.writing() as conn:
                queue.died(conn, self._who, parcel.ids, error.detail, now)
            self.done.dead.append(told)
            return
        wait = max(backoff.wait(attempts, self._luck), error.retry_after or datetime.timedelta())
        with self._service.database.writing() as conn:
            queue.failed(conn, self._who, parcel.ids, error.detail, now + wait)
        self._failures[channel] = self._failures.get(channel, 0) + 1
        self.done.failed.append(told)
