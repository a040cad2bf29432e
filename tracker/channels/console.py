"""Messages on the console, a line each."""

from collections.abc import Callable

from tracker.channels.base import DeliveryError, Message


class ConsoleChannel:
    """Writes one line of words per message."""

    def __init__(self, write: Callable[[str], None]) -> None:
        """Take what writes a line."""
        self._write = write

    def send(self, message: Message) -> None:
        """Write the message. Raises DeliveryError when nothing takes it."""
        try:
            self._write(message.line or message.subject)
        except OSError as error:
            raise DeliveryError(f"the console takes nothing: {error.strerror}") from error
