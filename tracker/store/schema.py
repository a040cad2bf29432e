"""The version of the tables: compared at every opening, changed by migrations alone."""

import re

from sqlalchemy import Connection, column, inspect, select, table

from tracker.errors import RefusedError, StoreError
from tracker.store import copies, locks, scan
from tracker.store.database import Database
from tracker.store.errors import ChangedVersionError
from tracker.store.statements import Statement

SCHEMA = 13
"""The version of the tables this program works with: the number of the newest migration."""

FIRST = {
    "outbox": 2, "digests": 2, "accesses": 3, "silences": 4, "outbox_retries": 5, "encryption": 6,
    "restores": 7, "copies": 8, "trusts": 11,
}  # fmt: skip
"""The tables that there are since a later version than the first, and since which."""

_RELEASED = re.compile("(?!0000)[0-9]{4}")
_stored = Statement(select(column("version_num")).select_from(table("alembic_version")))


def stored_version(database: Database) -> int | None:
    """Return the version of the tables in a database, None if there are none.

    Raises ChangedVersionError for what never was one, or cannot be that of the tables that are
    there.
    """
    with database.reading() as conn:
        return _version(conn, database.name)


def _version(conn: Connection, name: str) -> int | None:
    version = _read(conn, name)
    if version is not None and version >= SCHEMA:
        return version
    there = set(inspect(conn).get_table_names())
    version = _read(conn, name)  # again: somebody may just have made what is there
    if version is None:
        if "events" in there:
            raise _changed(f"the version of the tables in {name} is missing, though they are there")
        return None
    later = sorted(table for table, first in FIRST.items() if first > version and table in there)
    if later:
        raise _changed(
            f"the tables in {name} are said to be of schema {version}, which has no {later[0]}"
        )
    return version


def _read(conn: Connection, name: str) -> int | None:
    """Return the version that is stored, None if there is none."""
    if not inspect(conn).has_table("alembic_version"):
        return None
    rows = scan.rows(_stored, conn)
    if not rows:
        return None
    if len(rows) > 1:
        raise _changed(f"the tables in {name} have more than one version")
    (version,) = rows[0]
    if not isinstance(version, str) or not _RELEASED.fullmatch(version):
        raise _changed(f"the tables in {name} have a version that is unknown to this program")
    return int(version)


def _changed(told: str) -> ChangedVersionError:
    return ChangedVersionError(
        f"{told}: it was changed (in the table alembic_version)",
        "change nothing, take a copy of it all, and compare it with backups and checkpoints",
    )


def check(database: Database) -> None:
    """Raise StoreError, saying what to do, unless the tables have the version of this program.

    It is a ChangedVersionError where nothing that the program does could bring them there.
    So it is while a copy fills them.
    """
    with database.reading() as conn:
        version = _version(conn, database.name)
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
    are newer than this program, RefusedError for a login that may not make any.
    """
    version = stored_version(database)
    if version == SCHEMA:
        return False
    if version is not None and version > SCHEMA:
        check(database)
    if version is None and database.on_server:
        _require_creating(database)
    from alembic import command  # slow to import, and only needed here
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "projections:migrations")
    config.set_main_option("path_separator", "os")
    with database.writing() as conn:
        locks.schema(conn)
        if _version(conn, database.name) == SCHEMA:  # somebody else was faster
            return False
        config.attributes["connection"] = conn
        command.upgrade(config, "head")
    return True


def _require_creating(database: Database) -> None:
    """Refuse a login for whom no schema is there in which it may make tables."""
    ask = "SELECT current_schema(), has_schema_privilege(current_schema(), 'CREATE')"
    with database.reading() as conn:
        schema, may = conn.exec_driver_sql(ask).one()
    if may:
        return
    where = "no schema is there for them" if schema is None else f"not in the schema {schema}"
    raise RefusedError(
        f"the login {database.login} may not make tables in {database.name}: {where}",
        f"createdb --owner {database.login} makes a database in which it may; in this one whoever"
        f" owns it: GRANT CREATE ON SCHEMA {schema or 'public'} TO {database.login}",
    )
