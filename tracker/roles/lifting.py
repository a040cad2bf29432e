"""Breaking the glass from the program: on every connection, before anything is read by it."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from tracker.errors import RefusedError
from tracker.roles.logins import limit_of

if TYPE_CHECKING:
    from tracker.store.database import Database

_BREAK = (
    "SELECT break_glass(%s, %s, %s, backend_start)"
    " FROM pg_stat_activity WHERE pid = pg_backend_pid()"
)


def break_glass(database: "Database", reason: str, command: str, whose: str | None) -> None:
    """Show a limited login every site, by connections each of which is on record first.

    Raises RefusedError where nothing is limited, and StoreError where the record cannot be written.
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
    with database.reading():
        pass
