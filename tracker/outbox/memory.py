"""What a process that sends must remember from one turn to the next."""

import datetime
import threading
from collections import defaultdict
from typing import NamedTuple

from tracker.outbox import queue
from tracker.outbox.attempt import Attempt
from tracker.store.database import Database


class _Sent(NamedTuple):
    who: str
    ids: tuple[str, ...]
    at: datetime.datetime


class _Left(NamedTuple):
    who: str
    ids: tuple[str, ...]
    attempt: Attempt


class Memory:
    """What went out and is not recorded yet, and what was left while it hung.

    The database may be locked for so long that a message which was sent cannot be recorded, and a
    send that was left to itself may come to a good end. As long as this process lives it does not
    send these again: they are recorded before anything else.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: list[_Sent] = []
        self._left: dict[str, list[_Left]] = defaultdict(list)
        self._woken: dict[str, set[str]] = defaultdict(set)

    def sent(self, who: str, ids: list[str], at: datetime.datetime) -> None:
        """Remember that rows of the outbox went out."""
        with self._lock:
            self._sent.append(_Sent(who, tuple(ids), at))

    def record(self, database: Database, now: datetime.datetime) -> None:
        """Record all that went out by now. Raises StoreError, and then remembers it still."""
        with self._lock:
            for channel in self._left:
                self._look_at(channel, now)
            unrecorded = list(self._sent)
        if not unrecorded:
            return
        with database.writing() as conn:
            for sent in unrecorded:
                queue.delivered(conn, sent.who, sent.ids, sent.at)
        with self._lock:
            self._sent = [sent for sent in self._sent if sent not in unrecorded]

    def left(self, channel: str, who: str, ids: list[str], attempt: Attempt) -> None:
        """Remember a send of rows of the outbox that was left to itself."""
        with self._lock:
            self._left[channel].append(_Left(who, tuple(ids), attempt))

    def fresh(self, channel: str, ids: list[str]) -> list[str]:
        """Return those of some rows that were not woken since their channel was last out.

        What fails by a channel that works fails by itself: it is not tried at each success.
        """
        with self._lock:
            found = [id_ for id_ in ids if id_ not in self._woken[channel]]
            self._woken[channel].update(found)
        return found

    def is_out(self, channel: str) -> None:
        """Remember that a channel is out: what waits for it is woken when it is back."""
        with self._lock:
            self._woken[channel].clear()

    def hanging(self, channel: str) -> int:
        """Return how many sends by a channel still hang."""
        with self._lock:
            return sum(not left.attempt.ended for left in self._left[channel])

    def _look_at(self, channel: str, now: datetime.datetime) -> None:
        """Tell what has ended meanwhile from what hangs, and what went out from what failed."""
        ended = [left for left in self._left[channel] if left.attempt.ended]
        self._left[channel] = [left for left in self._left[channel] if left not in ended]
        self._sent += [_Sent(x.who, x.ids, now) for x in ended if x.attempt.succeeded]
