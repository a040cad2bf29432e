"""What a channel is: it takes one message out, or says why it could not."""

import datetime
from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from tracker.errors import TrackerError

LONGEST_SEND = 120.0
"""Seconds of the real clock that one message may take, whatever its channel does."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one recipient, in words and as data."""

    id: str
    """The same whenever this message is sent again, so that a receiver can tell a repetition."""
    subject: str
    body: str
    line: str = ""
    """All of it in one line, for a terminal; if empty, the subject serves."""
    to: str | None = None
    """Address, for channels that take one."""
    urgent: bool = False
    data: Mapping[str, Any] = {}
    """What a program reads, JSON-able."""

    def document(self) -> dict[str, Any]:
        """Return the message for programs: its data and its words in one object."""
        words = {"id": self.id, "subject": self.subject, "body": self.body, "urgent": self.urgent}
        return {**self.data, **words}


class DeliveryError(TrackerError):
    """A channel could not deliver a message."""

    def __init__(
        self,
        detail: str,
        *,
        temporary: bool = True,
        retry_after: datetime.timedelta | None = None,
    ) -> None:
        """Keep why; `temporary` unless the message itself, or its recipient, was refused.

        `retry_after`: how long the receiver asks to be left alone.
        """
        super().__init__(detail)
        self.detail = detail
        self.temporary = temporary
        self.retry_after = retry_after


class Channel(Protocol):
    """Takes messages out; tries once and leaves repeating to whoever calls."""

    def send(self, message: Message) -> None:
        """Send one message; the receiver has it when this returns. Raises DeliveryError."""
