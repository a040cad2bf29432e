"""Messages in a file of JSON Lines."""

import fcntl
import os
from pathlib import Path

import msgspec

from tracker.channels.base import DeliveryError, Message


class FileChannel:
    """Appends one JSON object per message to a file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        """Take the path of the file; it is made when the first message comes."""
        self.path = path

    def send(self, message: Message) -> None:
        """Append the message; on disk when it returns. Raises DeliveryError."""
        line = msgspec.json.encode(message.document()) + b"\n"
        try:
            self._append(line)
        except OSError as error:
            raise DeliveryError(f"{self.path} cannot be written: {error.strerror}") from error

    def _append(self, line: bytes) -> None:
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            # One writer at a time: what is taken back below is never another one's.
            fcntl.flock(handle, fcntl.LOCK_EX)
            size = os.fstat(handle).st_size
            if size and os.pread(handle, 1, size - 1) != b"\n":
                line = b"\n" + line  # what a crash left of a message stays a line of its own
            written = os.write(handle, line)
            if written != len(line):
                os.ftruncate(handle, size)
                raise DeliveryError(f"{self.path}: there is no room for the message")
            os.fsync(handle)
        finally:
            os.close(handle)
