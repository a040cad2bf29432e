"""Making the roles: groups, owner, privileges, functions, policies. Again is no change."""

from sqlalchemy import Connection, insert, select

from tracker.errors import RefusedError, UsageError
from tracker.roles import statements, tables
from tracker.roles.privileges import GROUPS, OWNER
from tracker.roles.statements import Names, quoted
from tracker.store import locks
from tracker.store.database import Database

PREFIX = "tracker"
_LONGEST = 63


def on_server(database: Database) -> None:
    """Raise RefusedError for a tracker in a file."""
    if not database.on_server:
        raise RefusedError(
            f"{database.name} is a file, which knows no roles: who may open it may do everything",
            "`tracker doctor` checks its mode; roles need PostgreSQL (docs/postgresql.md)",
        )


def names_of(conn: Connection) -> dict[str, str]:
    """Return what the server calls the group of each role; nothing where there are no roles."""
    there = conn.exec_driver_sql("SELECT to_regclass('role_groups')").scalar()
    if there is None:
        return {}
    t = tables.groups
    return {row.role: row.name for row in conn.execute(select(t.c.role, t.c.name))}


def current(database: Database) -> Names:
    """Return the same of a database."""
    with database.reading() as conn:
        return names_of(conn)


def make(database: Database, prefix: str | None = None) -> Names:
    """Make what is missing of the groups and all their rights; return the groups' names.

    Raises RefusedError for a file, UsageError for another prefix than before, ForbiddenError
    unless the login may make roles and owns the tables.
    """
    on_server(database)
    with database.writing() as conn:
        locks.schema(conn)
        names = _named(conn, prefix)
        for name in names.values():
            make_role(conn, name, "NOLOGIN")
        tables.metadata.create_all(conn)
        _note(conn, names)
        apply(conn, names)
    return names


def renew(conn: Connection) -> None:
    """Protect what was made anew as what was there before; nothing where there are no roles."""
    names = names_of(conn)
    if names:
        apply(conn, names)


def bring_up_to_date(database: Database) -> bool:
    """Renew the roles where there are any and whoever asks owns the tables; return whether."""
    if not database.on_server:
        return False
    ask = "SELECT pg_has_role(session_user, %s::name, 'MEMBER')"
    with database.writing() as conn:
        locks.schema(conn)
        names = names_of(conn)
        if not names or not conn.exec_driver_sql(ask, (names[OWNER],)).scalar():
            return False
        apply(conn, names)
    return True


def apply(conn: Connection, names: Names) -> None:
    """Give tables and functions to the owner's group, and to every group what it may do."""
    for statement in statements.all_of(conn, names):
        run(conn, statement)


def run(conn: Connection, statement: str) -> None:
    """Run what names roles, which no statement can take as a value."""
    conn.exec_driver_sql(statement, execution_options={"no_parameters": True})


def make_role(conn: Connection, name: str, kind: str) -> bool:
    """Make a role of the server unless it is there; return whether it was made."""
    ask = "SELECT count(*) FROM pg_roles WHERE rolname = %s"
    if conn.exec_driver_sql(ask, (name,)).scalar():
        return False
    run(conn, f"CREATE ROLE {quoted(name)} {kind}")
    return True


def _named(conn: Connection, prefix: str | None) -> dict[str, str]:
    names = names_of(conn)
    wanted = {role: f"{prefix or PREFIX}_{role}" for role in GROUPS}
    if names and prefix is not None and names != wanted:
        raise UsageError(f"the groups are there already, as {names[OWNER]} and so on")
    if max(len(name.encode()) for name in wanted.values()) > _LONGEST:
        raise UsageError(f"a prefix that long makes names above {_LONGEST} bytes")
    return names or wanted


def _note(conn: Connection, names: Names) -> None:
    t = tables.groups
    there = set(conn.execute(select(t.c.role)).scalars())
    for role, name in names.items():
        if role not in there:
            conn.execute(insert(t).values(role=role, name=name))
