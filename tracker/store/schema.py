"""The version of the tables: compared at every opening, changed by migrations alone."""

from sqlalchemy import Connection, column, inspect, select, table

from tracker.errors import StoreError
from tracker.store import copies, locks
from tracker.store.database import Database
from tracker.store.statements import Statement

SCHEMA = 13
"""The version of the tables this program works with: the number of the newest migration."""

_stored = Statement(select(column("version_num")).select_from(table("alembic_version")))


def stored_version(database: Database) -> int | None:
    """Return the version of the tables in a database, None if there are none."""
    with database.reading() as conn:
        return _version(conn)


def _version(conn: Connection) -> int | None:
    if not inspect(conn).has_table("alembic_version"):
        return None
    row = _stored.row(conn)
    return None if row is None else int(row[0])


def check(database: Database) -> None:
    """Raise StoreError, saying what to do, unless the tables have the version of this program.

    So it is while a copy fills them.
    """
    with database.reading() as conn:
        version = _version(conn)
        filling = copies.unfinished(conn) if version == SCHEMA else None
    if version is None:
        raise StoreError(
            f"the database in {database.name} has no tables yet", "tracker init makes them"
        )
    if version > SCHEMA:
        raise StoreError(
            f"the database in {database.name} was written by a newer version of tracker"
            f" (schema {version}, this program knows {SCHEMA})",
            "upgrade tracker",
        )
    if version < SCHEMA:
        raise StoreError(
            f"the tables in {database.name} are of an older version"
            f" (schema {version}, this program needs {SCHEMA})",
            "tracker db upgrade brings them up to date and keeps everything",
        )
    if filling is not None:
        raise StoreError(
            f"{database.name} is being filled by a copy from {filling}, which has not finished",
            "tracker db copy, run again, goes on with it",
        )


def upgrade(database: Database) -> bool:
    """Make the tables, or bring them up to date; return whether anything changed.

    Safe when several processes start at once: they take turns. Raises StoreError for tables that
    are newer than this program.
    """
    version = stored_version(database)
    if version == SCHEMA:
        return False
    if version is not None and version > SCHEMA:
        check(database)
    from alembic import command  # slow to import, and only needed here
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "projections:migrations")
    config.set_main_option("path_separator", "os")
    with database.writing() as conn:
        locks.schema(conn)
        if _version(conn) == SCHEMA:  # somebody else was faster
            return False
        config.attributes["connection"] = conn
        command.upgrade(config, "head")
    return True
