"""One send in a thread of its own: nobody waits for it longer than is good."""

import threading
from collections.abc import Callable

_GLANCE = 0.1
"""Seconds between looks at whether to hurry."""


class Attempt:
    """Something that is being done, and that can be left to itself.

    A thread cannot be ended from outside. What is left runs on, and does not keep the process from
    ending.
    """

    def __init__(self, act: Callable[[], None]) -> None:
        """Begin to act."""
        self._act = act
        self._error: BaseException | None = None
        self._ended = threading.Event()
        threading.Thread(target=self._run, name="send", daemon=True).start()

    def _run(self) -> None:
        try:
            self._act()
        except BaseException as error:  # noqa: BLE001 (told to whoever waits)
            self._error = error
        finally:
            self._ended.set()

    @property
    def ended(self) -> bool:
        """Whether it has come to its end, good or bad."""
        return self._ended.is_set()

    @property
    def succeeded(self) -> bool:
        """Whether it has come to a good end."""
        return self.ended and self._error is None

    def wait(self, seconds: float, hurry: Callable[[], bool], grace: float) -> bool:
        """Wait for its end at most so long, and `grace` from when it is to hurry.

        Returns whether it has ended; raises what it raised.
        """
        hurried = False
        while not self._ended.wait(max(min(_GLANCE, seconds), 0)):
            seconds -= _GLANCE
            if not hurried and hurry():
                hurried, seconds = True, min(seconds, grace)
            if seconds <= 0:
                return False
        if self._error is not None:
            raise self._error
        return True
