"""Making the roles: groups, owner, privileges, functions, policies. Again is no change."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, insert, select

from tracker.errors import RefusedError, UsageError
from tracker.roles import tables
from tracker.roles.functions import FUNCTIONS, Function
from tracker.roles.policies import Policy, policies
from tracker.roles.privileges import GROUPS, LIMITED, OWNER, grants
from tracker.store.database import Database

PREFIX = "tracker"
_LONGEST = 63
Names = Mapping[str, str]


def on_server(database: Database) -> None:
    """Raise RefusedError for a tracker in a file."""
    if database.engine.dialect.name != "postgresql":
        raise RefusedError(
            f"{database.name} is a file, which knows no roles: who may open it may do everything",
            "`tracker doctor` checks its mode; roles need PostgreSQL (docs/postgresql.md)",
        )


def driver(conn: Connection) -> "psycopg.Connection[Any]":
    """Return the driver's connection, for statements that name what people named."""
    found: psycopg.Connection[Any] = conn.connection.driver_connection  # type: ignore[assignment]
    return found


def names_of(conn: Connection) -> dict[str, str]:
    """Return what the server calls the group of each role; nothing where there are no roles."""
    there = conn.exec_driver_sql("SELECT to_regclass('role_groups')").scalar()
    if there is None:
        return {}
    t = tables.groups
    return {row.role: row.name for row in conn.execute(select(t.c.role, t.c.name))}


def make(database: Database, prefix: str | None = None) -> Names:
    """Make what is missing of the groups and all their rights; return the groups' names.

    Raises RefusedError for a file, UsageError for another prefix than before, ForbiddenError
    unless the login may make roles and owns the tables.
    """
    on_server(database)
    with database.writing() as conn:
        names = _named(conn, prefix)
        raw = driver(conn)
        for name in names.values():
            _make_group(raw, name)
        tables.metadata.create_all(conn)
        _note(conn, names)
        apply(conn, names)
    return names


def renew(conn: Connection) -> None:
    """Protect what was made anew as what was there before; nothing where there are no roles."""
    names = names_of(conn)
    if names:
        apply(conn, names)


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


def exists(raw: "psycopg.Connection[Any]", name: str) -> bool:
    """Whether the server has a role of that name."""
    found = raw.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    return found is not None


def _make_group(raw: "psycopg.Connection[Any]", name: str) -> None:
    if not exists(raw, name):
        raw.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(name)))


def apply(conn: Connection, names: Names) -> None:
    """Give tables and functions to the owner's group, and to every group what it may do."""
    raw = driver(conn)
    schema = conn.exec_driver_sql("SELECT current_schema()").scalar_one()
    for statement in (
        *_ownership(raw, schema, names),
        *_functions(schema, names),
        *_triggers(names),
        *_privileges(raw, schema, names),
        *_security(raw, names),
    ):
        raw.execute(statement.as_bytes(raw))


def _ownership(
    raw: "psycopg.Connection[Any]", schema: str, names: Names
) -> Iterator[sql.Composable]:
    owner = sql.Identifier(names[OWNER])
    ask = "SELECT session_user, pg_has_role(session_user, %s::name, 'USAGE')"
    for me, is_member in raw.execute(ask, [names[OWNER]]).fetchall():
        if not is_member:  # tables can only be given to a role that the giver belongs to
            yield sql.SQL("GRANT {} TO {}").format(owner, sql.Identifier(me))
    yield sql.SQL("GRANT USAGE, CREATE ON SCHEMA {} TO {}").format(sql.Identifier(schema), owner)
    found = raw.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r'"
        " AND pg_get_userbyid(relowner) <> %s ORDER BY relname",
        [_quoted(schema), names[OWNER]],
    ).fetchall()
    ours = _tables()
    for (table,) in found:
        if table in ours:
            yield sql.SQL("ALTER TABLE {} OWNER TO {}").format(sql.Identifier(table), owner)
    for function in ("events_end()", "accesses_end()", "check_appended()", "refuse_change()"):
        yield sql.SQL("ALTER FUNCTION {} OWNER TO {}").format(sql.SQL(function), owner)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _tables() -> set[str]:
    return {grant.table for grant in grants()} | set(tables.metadata.tables)


def _functions(schema: str, names: Names) -> Iterator[sql.Composable]:
    for function in FUNCTIONS:
        yield _definition(schema, function)
        yield sql.SQL("ALTER FUNCTION {}({}) OWNER TO {}").format(
            sql.Identifier(function.name), sql.SQL(function.arguments), sql.Identifier(names[OWNER])
        )


def _definition(schema: str, function: Function) -> sql.Composable:
    return sql.SQL(
        "CREATE OR REPLACE FUNCTION {name}({arguments}) RETURNS {returns} LANGUAGE {language}"
        " {kind} SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS {body}"
    ).format(
        name=sql.Identifier(function.name),
        arguments=sql.SQL(function.arguments),
        returns=sql.SQL(function.returns),
        language=sql.SQL(function.language),
        kind=sql.SQL(function.kind),
        schema=sql.Identifier(schema),
        body=sql.Literal(function.body),
    )


def _triggers(names: Names) -> Iterator[sql.Composable]:
    yield sql.SQL(
        "CREATE OR REPLACE TRIGGER count_for_all_sites BEFORE INSERT ON counters"
        " FOR EACH ROW EXECUTE FUNCTION count_for_all_sites({})"
    ).format(sql.Literal(names[LIMITED]))
    yield sql.SQL(
        "CREATE OR REPLACE TRIGGER advance_only BEFORE UPDATE ON projection_state"
        " FOR EACH ROW EXECUTE FUNCTION advance_only()"
    )


def _groups(names: Names, roles: Iterable[str]) -> sql.Composable:
    return sql.SQL(", ").join(sql.Identifier(names[role]) for role in roles)


def _privileges(
    raw: "psycopg.Connection[Any]", schema: str, names: Names
) -> Iterator[sql.Composable]:
    there = {row[0] for row in raw.execute("SELECT relname FROM pg_class WHERE relkind = 'r'")}
    others = [role for role in GROUPS if role != OWNER]
    everybody = _groups(names, others)
    for table in sorted(_tables() & there):
        yield sql.SQL("REVOKE ALL ON {} FROM PUBLIC, {}").format(sql.Identifier(table), everybody)
    for grant in grants():
        if grant.table in there:
            yield sql.SQL("GRANT {} ON {} TO {}").format(
                sql.SQL(grant.privileges),
                sql.Identifier(grant.table),
                sql.Identifier(names[grant.group]),
            )
    yield sql.SQL("GRANT USAGE ON SEQUENCE episodes_key_seq TO {}").format(everybody)
    yield sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(schema), everybody)
    for function in FUNCTIONS:
        yield from _callable(function.name, function.arguments, everybody)
    for name in ("events_end", "accesses_end"):
        yield from _callable(name, "", everybody)


def _callable(name: str, arguments: str, groups: sql.Composable) -> Iterator[sql.Composable]:
    called = sql.SQL("{}({})").format(sql.Identifier(name), sql.SQL(arguments))
    yield sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC").format(called)
    yield sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(called, groups)


def _security(raw: "psycopg.Connection[Any]", names: Names) -> Iterator[sql.Composable]:
    tables_ = sorted({policy.table for policy in policies()})
    for name, table in raw.execute(
        "SELECT policyname, tablename FROM pg_policies WHERE schemaname = current_schema()"
    ).fetchall():
        if table in tables_:
            yield sql.SQL("DROP POLICY {} ON {}").format(
                sql.Identifier(name), sql.Identifier(table)
            )
    for table in tables_:
        yield sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(sql.Identifier(table))
    for policy in policies():
        yield _policy(policy, names)


def _policy(policy: Policy, names: Names) -> sql.Composable:
    statement = sql.SQL("CREATE POLICY {} ON {} FOR {} TO {}").format(
        sql.Identifier(policy.name),
        sql.Identifier(policy.table),
        sql.SQL(policy.command),
        _groups(names, policy.groups),
    )
    if policy.seen is not None:
        statement += sql.SQL(" USING ({})").format(sql.SQL(policy.seen))
    if policy.written is not None:
        statement += sql.SQL(" WITH CHECK ({})").format(sql.SQL(policy.written))
    return statement
