"""One turn of sending: who sends, how patiently, and what came of it."""

import datetime
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from tracker.channels.base import LONGEST_SEND
from tracker.channels.scheduling import Scheduling
from tracker.outbox import queue
from tracker.outbox.memory import Memory
from tracker.outbox.sending import Sender
from tracker.reminders.points import At
from tracker.service import Service

Failed = tuple[str, str, str]
"""Message, channel, and what went wrong."""


@dataclass
class Delivered:
    """What became of the messages that one process took out."""

    sent: int = 0
    dropped: int = 0
    """Notices that events, or later notices of the same reminder, had overtaken."""
    failed: list[Failed] = field(default_factory=list)
    """Those that will be tried again."""
    dead: list[Failed] = field(default_factory=list)
    """Those that nobody tries again unless asked to."""
    left: list[Failed] = field(default_factory=list)
    """Those that this process does not send and a scheduler may."""
    put_off: int = 0
    """Not tried, because their channel had failed several times in a row."""

    def add(self, other: "Delivered") -> None:
        """Count what another one did to this one."""
        self.sent += other.sent
        self.dropped += other.dropped
        self.failed += other.failed
        self.dead += other.dead
        self.left += other.left
        self.put_off += other.put_off


@dataclass(frozen=True)
class Pace:
    """How long a process that sends takes for what. Times are of the real clock, in seconds."""

    tries: int = 2
    """Attempts at once, before a message is put off."""
    lease: datetime.timedelta = queue.LEASE
    one_send: float = LONGEST_SEND
    """For one message, with all its tries; at most half the lease."""
    in_all: float | None = None
    """For the whole turn."""
    grace: float = 10.0
    """For the message that is being sent when the process is told to stop."""


@dataclass(frozen=True)
class Turn:
    """What all that is sent in one turn has in common."""

    service: Service
    sender: Sender
    who: str
    scheduling: Scheduling
    events: Collection[str] | None
    """Only what these issued; None: everything."""
    pace: Pace
    memory: Memory
    stopping: Callable[[], bool]
    at: At
    begun: float = field(default_factory=lambda: time.monotonic())
    _ended: threading.Event = field(default_factory=threading.Event)

    @property
    def leaves(self) -> bool:
        """Whether what this process cannot send is left to the schedulers."""
        return self.events is not None

    def seconds(self) -> float:
        """Return how long the next message may take."""
        if self.pace.in_all is None:
            return self.pace.one_send
        return min(self.pace.one_send, self.pace.in_all - (time.monotonic() - self.begun))

    def over(self) -> bool:
        """Whether nothing more is to be begun."""
        return self._ended.is_set() or self.stopping() or self.seconds() <= 0

    def end(self) -> None:
        """Begin nothing more."""
        self._ended.set()
