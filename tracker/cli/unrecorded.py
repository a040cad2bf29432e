"""Whether anything was recorded, where a command that records lost its database on the way."""

from typing import TYPE_CHECKING

from tracker.cli.running import words
from tracker.errors import TrackerError
from tracker.store.errors import LockedError, LostError, UnknownOutcomeError

if TYPE_CHECKING:
    from tracker.cli.session import Session


def tell(session: "Session", error: TrackerError) -> None:
    """Let an error say that nothing was recorded, where that is certain."""
    from tracker.roles.commands import EVENTS, command_of

    if not isinstance(error, LostError | LockedError) or isinstance(error, UnknownOutcomeError):
        return
    if command_of(words()) in EVENTS and not session.recorded:
        error.message += ". Nothing was recorded."
