"""One channel's way out of the outbox: a message is claimed, sent, recorded, and then the next."""

import random

from tracker.channels.base import DeliveryError
from tracker.outbox import backoff, queue
from tracker.outbox.attempt import Attempt
from tracker.outbox.items import Parcel
from tracker.outbox.overtaking import overtaken
from tracker.outbox.sending import AbandonedError, UnusableChannelError
from tracker.outbox.settling import settle
from tracker.outbox.turn import Delivered, Turn
from tracker.reminders import points
from tracker.retrying import attempts
from tracker.store.errors import CollisionError, LockedError, LostError

BATCH = 20
"""Messages that are claimed at once."""
PATIENCE = 3
"""After so many failures in a row the channel rests; sends that hang at once count alike."""
RECORD_TRIES = 6
"""How often recording is tried; each waits for a busy database by itself ..."""
PAUSE = 0.1
"""... and so many seconds pass before the next, then more, for one that cannot be reached."""


def _passes(error: Exception) -> bool:
    return isinstance(error, LockedError | CollisionError | LostError)


class Lane:
    """Sends what waits for one channel, the urgent first."""

    def __init__(self, channel: str, turn: Turn) -> None:
        """Take the name of the channel."""
        self.channel = channel
        self.done = Delivered()
        self.closed = False
        """Whether nothing more goes this way in this turn."""
        self._turn = turn
        self._held: list[Parcel] = []
        self._until = turn.service.now()
        self._failures = 0
        self._tried: set[str] = set()
        """Rows that failed in this turn: that others did not is no reason to try them again."""
        self._luck = random.Random()  # noqa: S311 (it spreads load, it keeps no secret)

    def run(self) -> None:
        """Send until nothing waits, the channel has to rest, or the turn is over.

        Raises StoreError when the database cannot be used.
        """
        try:
            while not self._turn.over() and self._failures < PATIENCE and not self.closed:
                parcel = self._next()
                if parcel is None:
                    return
                self._carry(parcel)
        finally:
            self._give_back()

    def _next(self) -> Parcel | None:
        """Return the next message: an urgent one that came meanwhile goes before the others."""
        if not self._held or (not self._held[0].first.urgent and self._waits(urgent=True)):
            self._claim(urgent=bool(self._held))
        while self._held and not self._mine(self._held[0]):
            self._held.pop(0)
        return self._held[0] if self._held else None

    def _waits(self, *, urgent: bool) -> bool:
        turn = self._turn
        with turn.service.database.reading() as conn:
            return queue.waiting(
                conn, turn.service.now(), self.channel, events=turn.events, urgent=urgent
            )

    def _claim(self, *, urgent: bool) -> None:
        turn = self._turn
        if not self._waits(urgent=urgent):
            return
        self._record()  # what hung when it was left may have gone out since
        with turn.service.database.writing() as conn:
            now = turn.service.now()  # not before: it may have waited for others that write
            found = queue.claim(
                conn, turn.who, now, channel=self.channel, limit=BATCH, events=turn.events,
                urgent=urgent, lease=turn.pace.lease, above=turn.scheduling.bundle_above,
                superseded=self._superseded,
            )  # fmt: skip
        until = now + turn.pace.lease
        self._until = min(self._until, until) if self._held else until
        self._held = found + self._held
        turn.at(points.CLAIMED)

    def _superseded(self, rows: int) -> None:
        self.done.dropped += rows

    def _mine(self, parcel: Parcel) -> bool:
        """Whether the claim on a message still stands; prolong it, and the others', in time."""
        turn, now = self._turn, self._turn.service.now()
        if self._until - now > turn.pace.lease / 2:
            return True
        ids = [id_ for waiting in self._held for id_ in waiting.ids]
        with turn.service.database.writing() as conn:
            until = turn.service.now() + turn.pace.lease
            held = queue.renew(conn, turn.who, ids, until)
        self._held[1:] = [p for p in self._held[1:] if held.issuperset(p.ids)]
        self._until = until
        return held.issuperset(parcel.ids)

    def _current(self, parcel: Parcel) -> Parcel | None:
        """Return a message without what events have overtaken, None if nothing is left."""
        turn = self._turn
        gone = overtaken(turn.service, parcel)
        if gone:
            with turn.service.database.writing() as conn:
                for id_, reason in gone.items():
                    queue.overtaken(conn, turn.who, [id_], reason, turn.service.now())
            self.done.dropped += len(gone)
        left = tuple(item for item in parcel.items if item.id not in gone)
        return parcel._replace(items=left) if left else None

    def _carry(self, claimed: Parcel) -> None:
        turn = self._turn
        parcel = self._current(claimed)
        if parcel is None:
            self._held.pop(0)
            return
        turn.at(points.SENDING)
        try:
            self._send(parcel)
        except DeliveryError as error:
            self._held.pop(0)
            self._failed(parcel, error)
            return
        # Whatever happens from here on: it went out, and is not given back.
        self._held.pop(0)
        turn.memory.sent(turn.who, parcel.ids, turn.service.now())
        turn.at(points.SENT)
        self._record()
        self._failures = 0
        self.done.sent += 1
        self._wake(parcel)
        turn.at(points.RECORDED)

    def _wake(self, parcel: Parcel) -> None:
        """Let what failed before go out at once: this success shows that the channel is back."""
        turn, now = self._turn, self._turn.service.now()
        if turn.leaves:
            return
        with turn.service.database.reading() as conn:
            ids = queue.waiting_after_failures(conn, now, self.channel, parcel.first.recipient)
        ids = [id_ for id_ in ids if id_ not in self._tried]
        if ids := turn.memory.fresh(self.channel, ids):
            with turn.service.database.writing() as conn:
                queue.wake(conn, ids, now)

    def _send(self, parcel: Parcel) -> None:
        turn, seconds = self._turn, self._turn.seconds()
        if turn.memory.hanging(self.channel) >= PATIENCE:
            raise DeliveryError(f"{PATIENCE} messages still hang in it")
        attempt = Attempt(lambda: turn.sender.send(parcel))
        if not attempt.wait(seconds, turn.over, turn.pace.grace):
            turn.memory.left(self.channel, turn.who, parcel.ids, attempt)
            stopped = turn.over() and not turn.leaves
            when = "when it was to stop" if stopped else f"within {round(seconds, 1):g} s"
            raise AbandonedError(f"not done {when}; it may have gone out")

    def _record(self) -> None:
        """Note what was sent.

        Neither a database that is busy for long nor one that is away for a moment must make it go
        out twice. Raises StoreError when it could not be noted; it is remembered then.
        """
        turn = self._turn
        for attempt in attempts(_passes, times=RECORD_TRIES, first_wait=PAUSE, longest_wait=1.0):
            with attempt:
                turn.memory.record(turn.service.database, turn.service.now())

    def _failed(self, parcel: Parcel, error: DeliveryError) -> None:
        told = (parcel.message, self.channel, error.detail)
        with self._turn.service.database.writing() as conn:
            settle(conn, self._turn, parcel, error, self.done, self._luck).append(told)
        self._tried.update(parcel.ids)
        self.closed = self._turn.leaves and isinstance(error, UnusableChannelError)
        # What is refused for good is the message, and says nothing of the channel.
        self._failures += error.temporary
        if self._failures >= PATIENCE:
            self._rest(error)

    def _rest(self, error: DeliveryError) -> None:
        """Put off all that waits for this channel, and say why in each row."""
        turn, now = self._turn, self._turn.service.now()
        turn.memory.is_out(self.channel)
        later = now + backoff.wait(1, self._luck)
        why = f"not tried: {PATIENCE} others failed in a row, the last with: {error.detail}"
        held = [id_ for parcel in self._held for id_ in parcel.ids]
        with turn.service.database.writing() as conn:
            queue.release(conn, turn.who, held, later, why)
            rows = queue.put_off(conn, now, self.channel, later, why, events=turn.events)
        self.done.put_off += len(held) + rows
        self._held = []

    def _give_back(self) -> None:
        """Give back what was claimed and not tried."""
        turn = self._turn
        if not self._held:
            return
        with turn.service.database.writing() as conn:
            for parcel in self._held:
                queue.release(conn, turn.who, parcel.ids)
        if turn.leaves:
            self.done.left += [(p.message, self.channel, "there was no time") for p in self._held]
