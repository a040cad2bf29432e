"""Whether a database is the original of a copy that is read, so that looks at it belong there.

Otherwise whoever looks could choose a place that nobody reads for the record of it.
"""

from typing import NamedTuple

from sqlalchemy import column, func, select
from sqlalchemy.sql.functions import session_user

from tracker.access.recording import UnrecordedError
from tracker.store import sequence
from tracker.store.database import Database
from tracker.store.statements import Statement

_hint = "name the original of what is read, or leave out where looks go if this is the original"
_server = Statement(
    select(
        column("system_identifier"),
        func.current_database(),
        session_user(),
        func.pg_is_in_recovery(),
    ).select_from(func.pg_control_system())
)


class _Server(NamedTuple):
    system: int
    """The same for a server and those that were made of it."""
    database: str
    login: str
    is_copy: bool


def check(read: Database, kept: Database) -> None:
    """Raise UnrecordedError unless looks at the one belong into the other.

    A server's copy belongs to the server it follows, by the same login; a file to the tracker that
    holds its log.
    """
    if read.on_server:
        _check_server(read, kept)
    elif not _holds(kept, read):
        raise UnrecordedError(
            f"{kept.name} does not hold the log of {read.name}: nothing is shown, since the look"
            " would be recorded where nobody looks for it",
            _hint,
        )


def _check_server(read: Database, kept: Database) -> None:
    here = _asked(read)
    if not here.is_copy:
        raise UnrecordedError(
            f"{read.name} is no replica: it keeps the looks at it itself, and nothing is shown",
            "leave out --access-database and TRACKER_ACCESS_DATABASE_URL",
        )
    there = _asked(kept) if kept.on_server else None
    if there is None or there.is_copy or there[:2] != here[:2]:
        raise UnrecordedError(
            f"{kept.name} is not the primary of {read.name}: nothing is shown", _hint
        )
    if there.login != here.login:
        raise UnrecordedError(
            f"you read as {here.login} and would record the look as {there.login}:"
            " nothing is shown",
            "log in to both by the same name",
        )


def _asked(database: Database) -> _Server:
    with database.querying() as conn:
        return _Server(*_server.rows(conn)[0])


def _holds(kept: Database, read: Database) -> bool:
    with read.reading() as conn:
        position, hash_ = sequence.head(conn)
    with kept.reading() as conn:
        return position == 0 or sequence.hash_at(conn, position) == hash_
