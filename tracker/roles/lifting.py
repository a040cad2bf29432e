"""Breaking the glass from the program: on every connection, before anything is read by it."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from tracker.errors import RefusedError
from tracker.roles.logins import limit_of
from tracker.store.errors import ReadOnlyError

if TYPE_CHECKING:
    from tracker.store.database import Database

_BREAK = (
    "SELECT break_glass(%s, %s, %s, backend_start)"
    " FROM pg_stat_activity WHERE pid = pg_backend_pid()"
)


def break_glass(database: "Database", reason: str, command: str, whose: str | None) -> None:
    """Show a limited login every site, by connections each of which is on record first.

    Raises RefusedError where nothing is limited or nothing can be written, and StoreError where
    the record cannot be.
    """
    with database.reading() as conn:
        if limit_of(conn) is None:
            raise RefusedError(
                "there is no glass to break: you are not limited to any sites",
                "leave --break-glass out",
            )

    def lift(raw: Any, _record: Any) -> None:
        raw.execute(_BREAK, (reason, command, whose))

    database.engine.dispose()
    event.listen(database.engine, "connect", lift)
    database.lifted = True
    try:
        with database.reading():
            pass
    except ReadOnlyError as error:
        raise RefusedError(
            "at a read-only replica no glass can be broken: it could not be put on record there",
            "work on the primary: name it with --database",
        ) from error
