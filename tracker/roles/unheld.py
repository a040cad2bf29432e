"""Logins that have a role and that no role holds, whatever its rights are."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from tracker.roles.privileges import OWNER
from tracker.roles.setup import names_of
from tracker.roles.statements import quoted

_HOLDERS = """
    WITH RECURSIVE held (login, role) AS (
        SELECT member, roleid FROM pg_auth_members
        UNION SELECT held.login, m.roleid FROM held JOIN pg_auth_members AS m ON m.member = role
    )
    SELECT DISTINCT r.rolname, r.rolsuper, r.rolbypassrls,
        pg_has_role(r.oid, %s::name, 'MEMBER'), pg_has_role(r.oid, own.datdba, 'MEMBER'),
        pg_get_userbyid(own.datdba)
    FROM pg_roles AS r JOIN held ON held.login = r.oid JOIN pg_roles AS g ON g.oid = held.role,
        pg_database AS own
    WHERE r.rolcanlogin AND g.rolname = ANY(%s) AND own.datname = current_database()
    AND (r.rolsuper OR pg_has_role(r.oid, g.oid, 'USAGE'))
    ORDER BY r.rolname
"""
"""Who has a role other than the owner's, also by way of another group.

Of a superuser a server says that he belongs to every group, so the grants themselves are asked.
"""


class Unheld(NamedTuple):
    """A login whose role does not hold it."""

    login: str
    text: str
    """Why, in words."""
    hint: str
    """What a superuser can do about it."""


def unheld(conn: Connection) -> Iterator[Unheld]:
    """Yield each login that has a role and may do more than any role may.

    Nothing where there are no roles.
    """
    names = names_of(conn)
    if not names:
        return
    held = [name for role, name in names.items() if role != OWNER]
    for login, is_super, bypasses, is_owner, owns, owner in conn.exec_driver_sql(
        _HOLDERS, (names[OWNER], held)
    ):
        told = f"{login} has a role that does not hold it:"
        if is_super:
            yield Unheld(login, f"{told} it is a superuser", _alter(login, "NOSUPERUSER"))
        elif is_owner:
            why, hint = f"it belongs to {names[OWNER]} too", _revoke(names[OWNER], login)
            yield Unheld(login, f"{told} {why}", hint)
        elif owns and login != owner:
            why, hint = f"it belongs to {owner}, who owns the database", _revoke(owner, login)
            yield Unheld(login, f"{told} {why}", hint)
        elif owns:
            hint = "ALTER DATABASE ... OWNER TO another login, in psql as a superuser"
            yield Unheld(login, f"{told} it owns the database", hint)
        if bypasses and not is_super:
            why = "row-level security is not asked for it (BYPASSRLS)"
            yield Unheld(login, f"{told} {why}", _alter(login, "NOBYPASSRLS"))


def _alter(login: str, without: str) -> str:
    return f"ALTER ROLE {quoted(login)} {without}, in psql as a superuser"


def _revoke(group: str, login: str) -> str:
    return f"REVOKE {quoted(group)} FROM {quoted(login)}, in psql as a superuser"
