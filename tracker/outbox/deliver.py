"""Delivery: what the outbox holds goes out, at least once, each message under its own id.

Each channel has a lane of its own, in a thread of its own: one that is slow, hangs or fails holds
up no other.
"""

import threading
from collections.abc import Callable, Collection

from tracker.channels.configured import Channels
from tracker.outbox import queue
from tracker.outbox.lane import Lane
from tracker.outbox.memory import Memory
from tracker.outbox.revising import revise
from tracker.outbox.sending import Sender
from tracker.outbox.turn import Delivered, Pace, Turn
from tracker.reminders.points import At, nowhere
from tracker.service import Service

__all__ = ["USUAL", "Delivered", "Pace", "deliver"]

_GLANCE = 1.0
"""Seconds between looks for channels for which something has come meanwhile."""
USUAL = Pace()
"""That of a scheduler."""


def deliver(
    service: Service,
    channels: Channels,
    who: str,
    *,
    events: Collection[str] | None = None,
    pace: Pace = USUAL,
    stopping: Callable[[], bool] = lambda: False,
    memory: Memory | None = None,
    at: At = nowhere,
    done: Delivered | None = None,
) -> Delivered:
    """Send what is waiting, until nothing is or it is told to stop; return what came of it.

    A message is claimed, the claim committed, then it is sent, and then that is recorded: a
    process that dies between sending and recording makes it go out once more, under the same id.
    `events`: only what these issued; what this process cannot send, or not in time, is then left
    to the schedulers. `memory`: what earlier turns of this process left, and this one leaves to
    the next. `done`: what came of it is added there, also when it breaks off. Raises StoreError
    when the database cannot be used; the other channels have had their turn then.
    """
    turn = Turn(
        service=service,
        sender=Sender(service, channels, pace.tries),
        who=queue.worker(who),
        scheduling=channels.site.scheduler,
        events=events,
        pace=pace,
        memory=memory or Memory(),
        stopping=stopping,
        at=at,
    )
    turn.memory.record(service.database, service.now())
    if events is None:
        revise(service, channels.site, turn.who, turn.over)
    return _Lanes(turn, done or Delivered()).run()


class _Lanes:
    """The lanes of one turn."""

    def __init__(self, turn: Turn, done: Delivered) -> None:
        self._turn = turn
        self._done = done
        self._running: dict[str, tuple[Lane, threading.Thread]] = {}
        self._closed: set[str] = set()
        self._one_ended = threading.Event()
        self._errors: list[BaseException] = []

    def run(self) -> Delivered:
        try:
            while not self._turn.over():
                self._begin()
                if not self._running:
                    break
                self._one_ended.wait(_GLANCE)
                self._one_ended.clear()
                self._collect()
        finally:
            self._turn.end()
            for _, thread in self._running.values():
                thread.join()
            self._collect()
        if self._errors:
            raise self._errors[0]
        return self._done

    def _begin(self) -> None:
        """Begin a lane for each channel that something waits for and that has none."""
        turn = self._turn
        with turn.service.database.reading() as conn:
            waiting = queue.channels(conn, turn.service.now(), events=turn.events)
        for channel in waiting:
            if channel not in self._running and channel not in self._closed:
                lane = Lane(channel, turn)
                thread = threading.Thread(target=self._walk, args=(lane,), name=f"to {channel}")
                thread.daemon = True
                self._running[channel] = lane, thread
                thread.start()

    def _walk(self, lane: Lane) -> None:
        try:
            lane.run()
        except BaseException as error:  # noqa: BLE001 (raised when the others have ended)
            lane.closed = True
            self._errors.append(error)
        finally:
            self._one_ended.set()

    def _collect(self) -> None:
        """Take in what lanes that have ended did."""
        for channel, (lane, thread) in list(self._running.items()):
            if not thread.is_alive():
                del self._running[channel]
                self._done.add(lane.done)
                if lane.closed:
                    self._closed.add(channel)
