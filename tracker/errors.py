"""What can go wrong for a user: one class per exit code, each saying what to do next."""

from collections.abc import Sequence
from uuid import UUID


class TrackerError(Exception):
    """Something went wrong; `hint` names the next thing to do."""

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        """Keep what is wrong and why (`message`) and what to do next (`hint`)."""
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(TrackerError):
    """The command, a field, a value or a time cannot be understood or cannot be true."""

    exit_code = 2


class NotFoundError(TrackerError):
    """No such episode, event, reminder or alert; or more than one fits."""

    exit_code = 3


class AmbiguousError(NotFoundError):
    """More than one episode fits; `episodes` are those that the message names."""

    def __init__(self, message: str, hint: str, episodes: Sequence[UUID]) -> None:
        """Keep what is wrong, and whom the message names."""
        super().__init__(message, hint)
        self.episodes = episodes


class RefusedError(TrackerError):
    """A rule refuses it, or asks for a reason first."""

    exit_code = 4


class ConflictError(TrackerError):
    """The same id with other content, or somebody else was faster again and again."""

    exit_code = 5


class AuditError(TrackerError):
    """The record does not stand up."""

    exit_code = 6


class StoreError(TrackerError):
    """The database is locked, full, read-only, missing, or of another version."""


class ForbiddenError(StoreError):
    """The login may not do that: the server refused it, and nothing was changed."""

    exit_code = 4


class UnreadableError(StoreError):
    """One episode has an event that cannot be read; all others can."""


class KeylessError(UnreadableError):
    """It is sealed, and its key is not here: that tells nothing about what is sealed."""
