"""Messages on the console: a line each, and one for each reminder in a bundle."""

from collections.abc import Callable

from tracker.channels.base import DeliveryError, Message


class ConsoleChannel:
    """Writes the words of a message, line by line."""

    def __init__(self, write: Callable[[str], None]) -> None:
        """Take what writes a line."""
        self._write = write

    def send(self, message: Message) -> None:
        """Write the message. Raises DeliveryError when nothing takes it."""
        try:
            for line in (message.line or message.subject).splitlines():
                self._write(line)
        except OSError as error:
            raise DeliveryError(f"the console takes nothing: {error.strerror}") from error
