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


class Memory:
    """What went out and is not recorded yet, and what was left while it hung.

    The database may be locked for so long that a message which was sent cannot be recorded. As
    long as this process lives it does not send that again: it is recorded before anything else.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: list[_Sent] = []
        self._hanging: dict[str, list[Attempt]] = defaultdict(list)

    def sent(self, who: str, ids: list[str], at: datetime.datetime) -> None:
        """Remember that rows of the outbox went out."""
        with self._lock:
            self._sent.append(_Sent(who, tuple(ids), at))

    def record(self, database: Database) -> None:
        """Record all that went out. Raises StoreError, and then remembers it still."""
        with self._lock:
            unrecorded = list(self._sent)
        if not unrecorded:
            return
        with database.writing() as conn:
            for sent in unrecorded:
                queue.delivered(conn, sent.who, sent.ids, sent.at)
        with self._lock:
            self._sent = [sent for sent in self._sent if sent not in unrecorded]

    def left(self, channel: str, attempt: Attempt) -> None:
        """Remember a send that was left to itself."""
        with self._lock:
            self._hanging[channel].append(attempt)

    def hanging(self, channel: str) -> int:
        """Return how many sends by a channel still hang."""
        with self._lock:
            found = [attempt for attempt in self._hanging[channel] if not attempt.ended]
            self._hanging[channel] = found
        return len(found)
