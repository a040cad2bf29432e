"""A connection that ends when its time is over, however busy it looks.

A timeout of a socket bounds a single silence. Who answers slowly at each step, or a byte at a time,
never reaches it.
"""

import os
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class Deadline:
    """Cuts the connections that it holds after so many seconds of the real clock."""

    def __init__(self, seconds: float) -> None:
        """Start the time."""
        self.passed = False
        """Whether the time was over before the connection was left."""
        self._held: list[socket.socket] = []
        self._timer = self._started(seconds)

    def _started(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        return timer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        for held in self._held:
            held.close()

    def hold(self, connection: socket.socket) -> None:
        """Take a connection, before anything is said on it."""
        # A second handle on it: TLS takes the first one over, and may be using it.
        self._held.append(socket.socket(fileno=os.dup(connection.fileno())))
        if self.passed:
            self._cut()

    def only(self, seconds: float) -> None:
        """Let what is left to say take no longer than this."""
        self._timer.cancel()
        self._timer = self._started(seconds)

    def _cut(self) -> None:
        self.passed = True
        for held in self._held:
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
