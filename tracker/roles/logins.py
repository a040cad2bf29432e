"""Logins: which roles each has, and the sites it is limited to."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from tracker.errors import RefusedError, UsageError
from tracker.roles import tables
from tracker.roles.privileges import COORDINATOR, LIMITED, ROLES
from tracker.roles.setup import make_role, names_of, run
from tracker.roles.statements import Names, quoted
from tracker.store import locks
from tracker.store.database import Database

_LONGEST_LOGIN, _LONGEST_SITE = 63, 200
_MEMBERS = """
    SELECT login.rolname, granted.rolname
    FROM pg_roles AS login, pg_roles AS granted
    WHERE granted.rolname = ANY(%s) AND pg_has_role(login.oid, granted.oid, 'USAGE')
    AND login.rolcanlogin AND NOT login.rolsuper
    ORDER BY login.rolname, granted.rolname
"""
_GRANTED = """
    SELECT granted.rolname, maker.rolname, pg_has_role(m.grantor, 'USAGE')
    FROM pg_auth_members AS m
    JOIN pg_roles AS granted ON granted.oid = m.roleid
    JOIN pg_roles AS login ON login.oid = m.member
    LEFT JOIN pg_roles AS maker ON maker.oid = m.grantor
    WHERE login.rolname = %s AND granted.rolname = ANY(%s)
"""
_HELD = """
    SELECT granted.rolname FROM pg_roles AS granted, pg_roles AS login
    WHERE granted.rolname = ANY(%s) AND login.rolname = %s AND NOT login.rolsuper
    AND pg_has_role(login.oid, granted.oid, 'USAGE') ORDER BY granted.rolname
"""

_ANYTHING = """
    SELECT login.rolname, login.rolsuper FROM pg_roles AS login, pg_database AS own
    WHERE own.datname = current_database() AND login.rolcanlogin
    AND (login.rolsuper OR pg_has_role(login.oid, own.datdba, 'MEMBER'))
    ORDER BY login.rolname
"""


class Login(NamedTuple):
    """A login with a role, and the sites it is limited to; none: to no site."""

    login: str
    role: str
    sites: list[str] | None


def give(database: Database, login: str, role: str | None, sites: Sequence[str]) -> bool:
    """Give a login this role and no other, None: none at all; return whether the login was made.

    Raises UsageError for what is no login or no site, RefusedError before there are groups, where
    somebody else gave a role that only he can take away, or where it would lift a limit that
    another tracker of the same groups keeps.
    """
    _check(login, role, sites)
    with database.writing() as conn:
        locks.schema(conn)
        names = names_of(conn)
        if not names:
            raise RefusedError("there are no roles yet", "tracker db roles --create makes them")
        if login in names.values():
            raise UsageError(f"{login} is the group of a role, not a login")
        made = make_role(conn, login, "LOGIN")
        _put(conn, names, login, role, sites)
    return made


def _check(login: str, role: str | None, sites: Sequence[str]) -> None:
    if not 1 <= len(login.encode()) <= _LONGEST_LOGIN or login.startswith("pg_"):
        raise UsageError(f"{login!r} cannot be the name of a login")
    if sites and role != COORDINATOR:
        raise UsageError("only a coordinator can be limited to sites")
    if not all(1 <= len(site) <= _LONGEST_SITE for site in sites):
        raise UsageError(f"a site has 1 to {_LONGEST_SITE} characters")


def _put(
    conn: Connection, names: Names, login: str, role: str | None, sites: Sequence[str]
) -> None:
    t, member = tables.login_sites, quoted(login)
    if role is not None and not sites:
        _keep_limit(conn, names, login)
    _take_away(conn, names, login)
    conn.execute(delete(t).where(t.c.login == login))
    for site in dict.fromkeys(sites):
        conn.execute(insert(t).values(login=login, site=site))
    if role is not None:
        group = names[LIMITED if sites else role]
        run(conn, f"GRANT {quoted(group)} TO {member}")


def _keep_limit(conn: Connection, names: Names, login: str) -> None:
    """Refuse to lift a limit that is not of this database: groups are of the whole server."""
    t = tables.login_sites
    known = conn.execute(select(t.c.login).where(t.c.login == login).limit(1)).first()
    if known is None and conn.exec_driver_sql(_HELD, ([names[LIMITED]], login)).first():
        raise RefusedError(
            f"{login} has {names[LIMITED]} and no site here: it is limited in another tracker on"
            " this server, whose groups these are too, and would be limited there no longer;"
            " nothing was changed",
            "say --site, or take the limit away there first; where that tracker is gone,"
            " --role none and then the role; a tracker whose people differ needs groups of its"
            " own: tracker db roles --create --prefix NAME, before there are any",
        )


def _take_away(conn: Connection, names: Names, login: str) -> None:
    """Revoke what anybody gave: a server only warns where that was somebody else."""
    groups = list(names.values())
    for group, maker, may_revoke in conn.exec_driver_sql(_GRANTED, (login, groups)).all():
        by = f" GRANTED BY {quoted(maker)}" if may_revoke and maker is not None else ""
        run(conn, f"REVOKE {quoted(group)} FROM {quoted(login)}{by}")
    held = conn.exec_driver_sql(_HELD, (groups, login)).scalars().all()
    if held:
        makers = {group: maker for group, maker, _ in conn.exec_driver_sql(_GRANTED, (login, held))}
        told = [f"{g} from {makers.get(g) or 'another group that it belongs to'}" for g in held]
        raise RefusedError(
            f"{login} has {' and '.join(told)}, and would keep it; nothing was changed",
            "who gave it can take it away, and so can a superuser of the server",
        )


def logins(database: Database) -> list[Login]:
    """Return every login that has a role, also by another group, in order of name.

    Who made the groups could give them to himself, and has none of them by that alone. Superusers
    are left out: see `may_do_anything`.
    """
    t = tables.login_sites
    with database.reading() as conn:
        names = names_of(conn)
        if not names:
            return []
        role_of = {name: role for role, name in names.items()}
        members = conn.exec_driver_sql(_MEMBERS, (list(role_of),)).all()
        rows = conn.execute(select(t.c.login, t.c.site).order_by(t.c.login, t.c.site)).all()
    found = []
    for login, group in members:
        role = role_of[group]
        sites = [site for name, site in rows if name == login] if role == LIMITED else None
        found.append(Login(login, COORDINATOR if role == LIMITED else role, sites))
    return found


def may_do_anything(database: Database) -> tuple[list[str], list[str]]:
    """Return the logins that no role holds: superusers, and others that own the database."""
    with database.reading() as conn:
        found = conn.exec_driver_sql(_ANYTHING).all()
    supers = [login for login, is_super in found if is_super]
    return supers, [login for login, is_super in found if not is_super]


def roles_of(conn: Connection) -> list[str]:
    """Return the roles of whoever is connected; nothing where there are no roles."""
    names = names_of(conn)
    wanted = [role for role in (*ROLES, LIMITED) if role in names]
    ask = "SELECT pg_has_role(session_user, %s::name, 'USAGE')"
    held = [role for role in wanted if conn.exec_driver_sql(ask, (names[role],)).scalar()]
    return list(dict.fromkeys(COORDINATOR if role == LIMITED else role for role in held))


def some_unplaced(conn: Connection) -> bool:
    """Whether an episode has no site yet since its rows could not be written; needs roles."""
    return bool(conn.execute(select(func.some_unplaced())).scalar())


def limit_of(conn: Connection) -> list[str] | None:
    """Return the sites to which whoever is connected is limited; None: to none."""
    if conn.dialect.name != "postgresql" or not names_of(conn):
        return None
    limit: list[str] | None = conn.execute(select(func.my_limit())).scalar()
    return limit
