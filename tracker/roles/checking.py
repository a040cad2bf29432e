"""Whether the server still holds everybody to their roles, as far as its catalogue tells."""

from collections.abc import Iterator

from sqlalchemy import Connection

from tracker.roles.policies import policies
from tracker.roles.privileges import OWNER, grants
from tracker.roles.setup import names_of

_POLICIES = """
    SELECT policyname, tablename, cmd, roles::text[] FROM pg_policies
    WHERE schemaname = current_schema() AND permissive = 'PERMISSIVE'
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


def differences(conn: Connection) -> Iterator[str]:
    """Yield in words what lets somebody do or see more, or less, than `setup.apply` would.

    Nothing where there are no roles.
    """
    names = names_of(conn)
    if not names:
        return
    there = {table: (secured, owner) for table, secured, owner in conn.exec_driver_sql(_TABLES)}
    wanted = {
        (policy.name, policy.table, policy.command, frozenset(names[g] for g in policy.groups))
        for policy in policies()
        if policy.table in there
    }
    protected = {table for _, table, _, _ in wanted}
    rows = conn.exec_driver_sql(_POLICIES)
    found = {(name, table, cmd, frozenset(groups)) for name, table, cmd, groups in rows}
    changed = {table for _, table, _, _ in wanted ^ found} & protected
    for table in sorted(protected):
        if not there[table][0]:
            yield f"{table} shows everybody the rows of every site"
        elif table in changed:
            yield f"the policies of {table} are not those that were made"
    ours = {grant.table for grant in grants()} & there.keys()
    for table in sorted(table for table in ours if there[table][1] != names[OWNER]):
        yield f"{table} belongs to {there[table][1]}, not to {names[OWNER]}"
    for log in ("events", "accesses"):
        for (login,) in conn.exec_driver_sql(_MAY_CHANGE, (names[OWNER], log)):
            yield f"{login} may change {log}"
