"""What makes and renews the roles, as statements for the server; all can be run again."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql

from tracker.roles import tables
from tracker.roles.functions import ALWAYS_THERE, FUNCTIONS, GUARDS, MADE_FOR_ALL, Function
from tracker.roles.glass import GLASS
from tracker.roles.policies import Policy, policies
from tracker.roles.privileges import GROUPS, OWNER, grants

Names = Mapping[str, str]
"""What the server calls the group of each role."""
_preparer = postgresql.dialect().identifier_preparer  # type: ignore[no-untyped-call]
quoted = _preparer.quote_identifier
spelled = _preparer.quote
"""The same, quoted only where it must be."""
_OURS = (*FUNCTIONS, *GLASS)
TRIGGERS = {
    "count_for_all_sites": ("counters", "BEFORE INSERT"),
    "advance_only": ("projection_state", "BEFORE UPDATE"),
    # Triggers go by their names: this one is before events_check_appended.
    "check_admitted": ("events", "BEFORE INSERT"),
}
"""Table and time of each trigger, which is called like its function."""
AT_COMMIT = {"check_episode": ("episodes", "AFTER INSERT")}
"""The same of triggers that wait for the end of the transaction."""


def all_of(conn: Connection, names: Names) -> Iterator[str]:
    """Yield what gives tables and functions to the owner's group, and to each group its rights."""
    schema = conn.exec_driver_sql("SELECT current_schema()").scalar_one()
    there = dict(_there(conn))
    yield from _ownership(conn, there, schema, names)
    for function in _OURS:
        yield _definition(function, schema)
        yield f"ALTER FUNCTION {function.signature} OWNER TO {quoted(names[OWNER])}"
    for trigger, (table, when) in TRIGGERS.items():
        told = f"{trigger} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {trigger}()"
        yield f"CREATE OR REPLACE TRIGGER {told}"
    for trigger, (table, when) in AT_COMMIT.items():  # which cannot be replaced
        yield f"DROP TRIGGER IF EXISTS {trigger} ON {table}"
        yield (
            f"CREATE CONSTRAINT TRIGGER {trigger} {when} ON {table} DEFERRABLE INITIALLY DEFERRED"
            f" FOR EACH ROW EXECUTE FUNCTION {trigger}()"
        )
    yield from _privileges(there, schema, names)
    yield from _security(conn, there, names)


def _there(conn: Connection) -> Iterator[tuple[str, str]]:
    """Yield our tables that are there, each with its owner."""
    ours = {grant.table for grant in grants()} | set(tables.metadata.tables)
    ask = (
        "SELECT relname, pg_get_userbyid(relowner) FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = quote_ident(current_schema())::regnamespace ORDER BY relname"
    )
    yield from ((name, owner) for name, owner in conn.exec_driver_sql(ask) if name in ours)


def _ownership(
    conn: Connection, there: Mapping[str, str], schema: str, names: Names
) -> Iterator[str]:
    owner = quoted(names[OWNER])
    ask = "SELECT session_user, pg_has_role(session_user, %s::name, 'USAGE')"
    me, is_member = conn.exec_driver_sql(ask, (names[OWNER],)).one()
    if not is_member:  # a table can only be given to a role that the giver belongs to
        yield f"GRANT {owner} TO {quoted(me)}"
    yield f"GRANT USAGE, CREATE ON SCHEMA {quoted(schema)} TO {owner}"
    for table, whose in there.items():
        if whose != names[OWNER]:
            yield f"ALTER TABLE {quoted(table)} OWNER TO {owner}"
    for signature in (*ALWAYS_THERE, *MADE_FOR_ALL):
        yield f"ALTER FUNCTION {signature} OWNER TO {owner}"


def _definition(function: Function, schema: str) -> str:
    path = f"pg_catalog, {quoted(schema)}, pg_temp"
    return (
        f"CREATE OR REPLACE FUNCTION {function.signature} RETURNS {function.returns}"
        f" LANGUAGE {function.language} {function.kind} SECURITY {function.runs_as}"
        f" SET search_path = {path} AS $function$ {function.body} $function$"
    )


def _groups(names: Names, roles: Iterable[str]) -> str:
    return ", ".join(quoted(names[role]) for role in roles)


def _privileges(there: Mapping[str, Any], schema: str, names: Names) -> Iterator[str]:
    everybody = _groups(names, (role for role in GROUPS if role != OWNER))
    for table in there:
        yield f"REVOKE ALL ON {quoted(table)} FROM PUBLIC, {everybody}"
    for grant in grants():
        if grant.table in there:
            what = f"{grant.privileges} ON {quoted(grant.table)}"
            yield f"GRANT {what} TO {quoted(names[grant.group])}"
    yield f"GRANT USAGE ON SEQUENCE episodes_key_seq TO {everybody}"
    yield f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {everybody}"
    yield f"REVOKE CREATE ON SCHEMA {quoted(schema)} FROM PUBLIC, {everybody}"
    ours = (*ALWAYS_THERE, *GUARDS, *(function.signature for function in _OURS))
    for signature in dict.fromkeys(ours):
        yield f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC, {everybody}"
        if signature not in GUARDS:
            yield f"GRANT EXECUTE ON FUNCTION {signature} TO {everybody}"


def _security(conn: Connection, there: Mapping[str, Any], names: Names) -> Iterator[str]:
    protected = sorted({policy.table for policy in policies()} & there.keys())
    ask = "SELECT policyname, tablename FROM pg_policies WHERE schemaname = current_schema()"
    for name, table in conn.exec_driver_sql(ask):
        if table in protected:
            yield f"DROP POLICY {quoted(name)} ON {quoted(table)}"
    for table in protected:
        yield f"ALTER TABLE {quoted(table)} ENABLE ROW LEVEL SECURITY"
    for policy in policies():
        if policy.table in there:
            yield _policy(policy, names)
    yield from _marks(conn)


def _marks(conn: Connection) -> Iterator[str]:
    """Yield what keeps with each policy how it was made, by which a later change shows."""
    ours = {(policy.name, policy.table): policy for policy in policies()}
    ask = (
        "SELECT policyname, tablename, qual, with_check FROM pg_policies"
        " WHERE schemaname = current_schema()"
    )
    for name, table, seen, written in conn.exec_driver_sql(ask).all():
        if policy := ours.get((name, table)):
            mark = policy.mark(seen, written)
            yield f"COMMENT ON POLICY {quoted(name)} ON {quoted(table)} IS '{mark}'"


def _policy(policy: Policy, names: Names) -> str:
    using = "" if policy.seen is None else f" USING ({policy.seen})"
    check = "" if policy.written is None else f" WITH CHECK ({policy.written})"
    what = f"{policy.name} ON {quoted(policy.table)} FOR {policy.command}"
    return f"CREATE POLICY {what} TO {_groups(names, policy.groups)}{using}{check}"
