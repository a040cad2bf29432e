"""Logins: which roles each has, and the sites it is limited to."""

from collections.abc import Sequence
from typing import NamedTuple

from psycopg import sql
from sqlalchemy import Connection, delete, insert, select

from tracker.errors import RefusedError, UsageError
from tracker.roles import tables
from tracker.roles.privileges import COORDINATOR, LIMITED, ROLES
from tracker.roles.setup import Names, driver, exists, names_of
from tracker.store.database import Database

_LONGEST_LOGIN, _LONGEST_SITE = 63, 200
_MEMBERS = """
    SELECT login.rolname, granted.rolname
    FROM pg_roles AS login, pg_roles AS granted, pg_auth_members AS m
    WHERE m.member = login.oid AND m.roleid = granted.oid AND granted.rolname = ANY(%s)
    ORDER BY login.rolname
"""


class Login(NamedTuple):
    """A login with a role, and the sites it is limited to; none: to no site."""

    login: str
    role: str
    sites: list[str] | None


def give(database: Database, login: str, role: str | None, sites: Sequence[str]) -> bool:
    """Give a login this role and no other, None: none at all; return whether the login was made.

    Raises UsageError for what is no login or no site, RefusedError before there are groups.
    """
    _check(login, role, sites)
    with database.writing() as conn:
        names = names_of(conn)
        if not names:
            raise RefusedError("there are no roles yet", "tracker db roles --create makes them")
        if login in names.values():
            raise UsageError(f"{login} is the group of a role, not a login")
        made = _make(conn, login)
        _put(conn, names, login, role, sites)
    return made


def _check(login: str, role: str | None, sites: Sequence[str]) -> None:
    if not 1 <= len(login.encode()) <= _LONGEST_LOGIN or login.startswith("pg_"):
        raise UsageError(f"{login!r} cannot be the name of a login")
    if sites and role != COORDINATOR:
        raise UsageError("only a coordinator can be limited to sites")
    if not all(1 <= len(site) <= _LONGEST_SITE for site in sites):
        raise UsageError(f"a site has 1 to {_LONGEST_SITE} characters")


def _make(conn: Connection, login: str) -> bool:
    raw = driver(conn)
    if exists(raw, login):
        return False
    raw.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(login)))
    return True


def _put(
    conn: Connection, names: Names, login: str, role: str | None, sites: Sequence[str]
) -> None:
    raw, t = driver(conn), tables.login_sites
    member = sql.Identifier(login)
    for name in names.values():
        raw.execute(sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(name), member))
    conn.execute(delete(t).where(t.c.login == login))
    for site in dict.fromkeys(sites):
        conn.execute(insert(t).values(login=login, site=site))
    if role is not None:
        group = names[LIMITED if sites else role]
        raw.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), member))


def logins(database: Database) -> list[Login]:
    """Return every login that has a role, in order of name."""
    t = tables.login_sites
    with database.reading() as conn:
        names = names_of(conn)
        if not names:
            return []
        role_of = {name: role for role, name in names.items()}
        members = driver(conn).execute(_MEMBERS, [list(role_of)]).fetchall()
        rows = conn.execute(select(t.c.login, t.c.site).order_by(t.c.login, t.c.site)).all()
    found = []
    for login, group in members:
        role = role_of[group]
        sites = [site for name, site in rows if name == login] if role == LIMITED else None
        found.append(Login(login, COORDINATOR if role == LIMITED else role, sites))
    return found


def roles_of(conn: Connection) -> list[str]:
    """Return the roles of whoever is connected; nothing where there are no roles."""
    names = names_of(conn)
    wanted = [role for role in (*ROLES, LIMITED) if role in names]
    ask = "SELECT pg_has_role(session_user, %s::name, 'MEMBER')"
    raw = driver(conn)
    held = [r for r in wanted if (row := raw.execute(ask, [names[r]]).fetchone()) and row[0]]
    return list(dict.fromkeys(COORDINATOR if role == LIMITED else role for role in held))
