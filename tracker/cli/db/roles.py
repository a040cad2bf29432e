"""`tracker db roles`: who may do what on a server."""

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from tracker.cli.failures import say
from tracker.cli.options import format_option
from tracker.cli.render import Column, emit
from tracker.cli.session import Session, pass_session
from tracker.errors import UsageError

if TYPE_CHECKING:
    from tracker.store.database import Database

ROLES = ("owner", "coordinator", "scheduler", "auditor", "none")
COLUMNS = [Column("login", "Login"), Column("role", "Role"), Column("sites", "Sites")]


@click.command()
@click.option("--create", is_flag=True, help="Make the groups and bring all rights up to date.")
@click.option(
    "--prefix",
    metavar="NAME",
    help="With --create: what the groups' names begin with. Default: tracker (tracker_auditor).",
)
@click.option("--login", metavar="NAME", help="Give this login a role; it is made if missing.")
@click.option("--role", type=click.Choice(ROLES), help="Which; it takes the place of any other.")
@click.option(
    "--site",
    "sites",
    metavar="SITE",
    multiple=True,
    help="With --login: limit a coordinator to this site; may be given several times.",
)
@format_option
@pass_session
def roles(
    session: Session,
    create: bool,
    prefix: str | None,
    login: str | None,
    role: str | None,
    sites: tuple[str, ...],
    fmt: str,
) -> None:
    """List logins with their roles and sites; make the roles, and give a login one of them.

    Logins that no role holds back are named below the list. On a PostgreSQL server alone, by its
    superuser, or by a login that owns the tables and may make roles. The program keeps no
    passwords: a login is made without one.
    """
    from tracker.roles import logins, setup
    from tracker.store import schema
    from tracker.store.database import open_database

    if (login is None) != (role is None):
        raise UsageError("--login and --role belong together")
    if (sites and login is None) or (prefix is not None and not create):
        raise UsageError("--site goes with --login, and --prefix with --create")
    with open_database(session.location) as database:
        setup.on_server(database)
        schema.check(database)
        if create:
            names = setup.make(database, prefix)
            say(f"The groups are {', '.join(names.values())}.")
        if login is not None:
            _give(database, login, role, sites)
            _doubt(session, database, sites)
        names = setup.current(database)
        rows = [entry._asdict() for entry in logins.logins(database)]
        anything = logins.may_do_anything(database)
    if fmt in ("table", "csv"):
        rows = [row | {"sites": _told(row["sites"])} for row in rows]
    emit(fmt, rows, COLUMNS)
    if not names:
        say("There are no roles yet: tracker db roles --create makes them.")
        return
    if not rows:
        say("No login has a role yet: tracker db roles --login NAME --role coordinator")
    told = [f"{', '.join(who)} ({why})" for who, why in zip(anything, _WHY, strict=True) if who]
    if told:
        say(f"May do anything, whatever the role: {'; '.join(told)}")


_WHY = ("superuser", "owns the database")


def _told(sites: list[str] | None) -> str:
    return "all" if sites is None else ", ".join(sites) or "none"


def _doubt(session: Session, database: "Database", sites: tuple[str, ...]) -> None:
    """Say which sites nobody has heard of; they may be new, or misspelled."""
    from projections import worklist
    from tracker.channels.settings import read_site

    if not sites:
        return
    with database.reading() as conn:
        known = worklist.sites(conn)
    with suppress(UsageError):  # a configuration that cannot be read names no site
        recipients = read_site(session.location).recipients
        known.update(filter(None, [session.settings.site, *(one.site for one in recipients)]))
    named = ", ".join(sorted(known)) or "none yet"
    for site in sites:
        if site not in known:
            say(
                f"No episode is at {site}, and no configuration names it; known sites: {named}."
                " If it is no new one, give the role again with the right --site."
            )


def _give(database: "Database", login: str, role: str | None, sites: tuple[str, ...]) -> None:
    from tracker.roles import logins
    from tracker.roles.statements import spelled
    from tracker.roles.unheld import unheld

    if logins.give(database, login, None if role == "none" else role, sites):
        named = spelled(login)
        say(f"{login} has no password yet: \\password {named} in psql sets one.")
    with database.reading() as conn:
        loose = [one for one in unheld(conn) if one.login == login]
    for one in loose:
        say(f"{one.text}. Try: {one.hint}")
