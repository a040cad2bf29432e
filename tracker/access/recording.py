"""Recording a look before it is shown, or refusing to show it."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from tracker.access.entry import Access
from tracker.access.log import append
from tracker.config import Location
from tracker.errors import StoreError
from tracker.store import schema
from tracker.store.database import Database, open_database
from tracker.store.errors import LockedError
from tracker.store.failures import explain

TRIES = 6
"""How often recording is tried; each time waits for a busy database by itself."""


class UnrecordedError(StoreError):
    """A look could not be recorded, so that nothing of it is shown."""


def opened(location: Location) -> Database:
    """Open the database that keeps the access log, where it is not the one that is read.

    Raises UnrecordedError when it cannot be used.
    """
    try:
        with ExitStack() as failing:
            database = failing.enter_context(open_database(location))
            schema.check(database)
            failing.pop_all()
    except StoreError as error:
        raise UnrecordedError(
            f"nothing is shown, since the look could not be recorded elsewhere: {error.message}",
            f"see that {location.name} is up: --access-database, TRACKER_ACCESS_DATABASE_URL"
            " or [access] in config.toml names it",
        ) from error
    return database


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
        except Exception as error:  # whatever it is, nothing may be shown
            raise _refused(explain(error, database.path, database.name)) from error


def _refused(error: StoreError) -> UnrecordedError:
    told = f"nothing is shown, since the look could not be recorded: {error.message}"
    return UnrecordedError(told, error.hint)
