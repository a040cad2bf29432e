"""Where reminders go out: the console and a file of JSON Lines."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from tracker.reminders.message import Message

FILE_NAME = "reminders.jsonl"


class Channel(Protocol):
    """Takes messages out. Raises OSError when it cannot."""

    def send(self, message: Message) -> None:
        """Send one message."""


class ConsoleChannel:
    """One line of words per reminder."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def send(self, message: Message) -> None:
        """Write the message."""
        self._write(message.line())


class FileChannel:
    """One JSON object per reminder at the end of a file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, message: Message) -> None:
        """Append the message; on disk when it returns."""
        line = msgspec.json.encode(message) + b"\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            # One write: lines of several schedulers never mix.
            written = os.write(handle, line)
            if written != len(line):
                raise OSError(f"{self.path}: only part of a reminder could be written")
            os.fsync(handle)
        finally:
            os.close(handle)
