"""Recording a look before it is shown, or refusing to show it."""

from collections.abc import Callable, Sequence

from tracker.access.entry import Access
from tracker.access.log import append
from tracker.errors import StoreError
from tracker.store.database import Database
from tracker.store.failures import LockedError

TRIES = 6
"""How often recording is tried; each time waits for a busy database by itself."""


class UnrecordedError(StoreError):
    """A look could not be recorded, so that nothing of it is shown."""


def record(
    database: Database, accesses: Sequence[Access], waiting: Callable[[StoreError], None]
) -> None:
    """Append to the access log; who only looks waits longer than who writes, for nothing is lost.

    `waiting` is told once that it takes longer. Raises UnrecordedError when it cannot be.
    """
    for attempt in range(TRIES):
        try:
            with database.appending() as conn:
                append(conn, accesses)
            return
        except LockedError as error:
            if attempt == TRIES - 1:
                raise _refused(error) from error
            if attempt == 0:
                waiting(error)
        except StoreError as error:
            raise _refused(error) from error


def _refused(error: StoreError) -> UnrecordedError:
    told = f"nothing is shown, since the look could not be recorded: {error.message}"
    return UnrecordedError(told, error.hint)
