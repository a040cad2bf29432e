"""Whether the server still holds everybody to their roles, as far as its catalogue tells."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from tracker.roles.functions import FUNCTIONS
from tracker.roles.glass import GLASS
from tracker.roles.policies import Policy, policies
from tracker.roles.privileges import OWNER, grants
from tracker.roles.setup import names_of
from tracker.roles.statements import AT_COMMIT, TRIGGERS, Names

_POLICIES = """
    SELECT p.policyname, p.tablename, p.cmd, p.roles::text[], p.qual, p.with_check,
        obj_description(o.oid, 'pg_policy')
    FROM pg_policies AS p JOIN pg_policy AS o ON o.polname = p.policyname
        AND o.polrelid = (quote_ident(p.schemaname) || '.' || quote_ident(p.tablename))::regclass
    WHERE p.schemaname = current_schema() AND p.permissive = 'PERMISSIVE'
"""
_TABLES = """
    SELECT relname, relrowsecurity, pg_get_userbyid(relowner) FROM pg_class WHERE relkind = 'r'
    AND relnamespace = quote_ident(current_schema())::regnamespace
"""
_MAY_CHANGE = """
    SELECT r.rolname FROM pg_roles AS r WHERE r.rolcanlogin AND NOT r.rolsuper
    AND NOT pg_has_role(r.oid, %s::name, 'USAGE')
    AND has_table_privilege(r.oid, quote_ident(current_schema()) || '.' || quote_ident(%s),
        'UPDATE, DELETE, TRUNCATE, TRIGGER')
    ORDER BY r.rolname
"""

_TRIGGERS = """
    SELECT t.tgname, c.relname, p.proname, t.tgenabled::text, t.tginitdeferred
    FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
    JOIN pg_proc AS p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND c.relnamespace = quote_ident(current_schema())::regnamespace
"""
_FUNCTIONS = """
    SELECT proname, prosrc, prosecdef FROM pg_proc
    WHERE pronamespace = quote_ident(current_schema())::regnamespace
"""


def differences(conn: Connection) -> Iterator[str]:
    """Yield in words what lets somebody do or see more, or less, than `setup.apply` would.

    Nothing where there are no roles.
    """
    names = names_of(conn)
    if names:
        there = {table: (secured, owner) for table, secured, owner in conn.exec_driver_sql(_TABLES)}
        yield from _policies(conn, names, {table: secured for table, (secured, _) in there.items()})
        yield from _owners(names, {table: owner for table, (_, owner) in there.items()})
        yield from _functions(conn)
        yield from _triggers(conn)
        yield from _changers(conn, names)


def _policies(conn: Connection, names: Names, secured: Mapping[str, bool]) -> Iterator[str]:
    ours = {(p.name, p.table): p for p in policies() if p.table in secured}
    wanted = {
        (name, table, policy.command, frozenset(names[g] for g in policy.groups), True)
        for (name, table), policy in ours.items()
    }
    protected = {table for _, table in ours}
    found = {
        (name, table, command, frozenset(groups), _as_made(ours.get((name, table)), *made))
        for name, table, command, groups, *made in conn.exec_driver_sql(_POLICIES)
    }
    changed = {table for _, table, *_ in wanted ^ found}
    for table in sorted(protected):
        if not secured[table]:
            yield f"{table} shows everybody the rows of every site"
        elif table in changed:
            yield f"the policies of {table} are not those that were made"


def _as_made(
    policy: Policy | None, seen: str | None, written: str | None, mark: str | None
) -> bool:
    return policy is not None and policy.mark(seen, written) == mark


def _owners(names: Names, owners: Mapping[str, str]) -> Iterator[str]:
    for table in sorted({grant.table for grant in grants()} & owners.keys()):
        if owners[table] != names[OWNER]:
            yield f"{table} belongs to {owners[table]}, not to {names[OWNER]}"


def _functions(conn: Connection) -> Iterator[str]:
    rows = conn.exec_driver_sql(_FUNCTIONS)
    made = {name: (body.strip(), as_owner) for name, body, as_owner in rows}
    for function in (*FUNCTIONS, *GLASS):
        if made.get(function.name) != (function.body.strip(), function.runs_as == "DEFINER"):
            yield f"the function {function.name} is not as it was made"


def _triggers(conn: Connection) -> Iterator[str]:
    made = {tuple(row) for row in conn.exec_driver_sql(_TRIGGERS)}
    for triggers, deferred in ((TRIGGERS, False), (AT_COMMIT, True)):
        for name, (table, _) in triggers.items():
            if (name, table, name, "O", deferred) not in made:
                yield f"the trigger {name} of {table} is not as it was made"


def _changers(conn: Connection, names: Names) -> Iterator[str]:
    for log in ("events", "accesses"):
        for (login,) in conn.exec_driver_sql(_MAY_CHANGE, (names[OWNER], log)):
            yield f"{login} may change {log}"
