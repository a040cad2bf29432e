"""What whoever types may do and see where a server knows roles, and the words for what not."""

from typing import TYPE_CHECKING

from tracker.cli.failures import say
from tracker.cli.running import words
from tracker.errors import (
    ForbiddenError,
    NotFoundError,
    RefusedError,
    StoreError,
    TrackerError,
    UsageError,
)

if TYPE_CHECKING:
    from tracker.config import Location
    from tracker.service import Service

MANY_STEPS = (
    "scheduler tick", "scheduler run", "audit verify", "audit checkpoint", "audit export",
    "keys backup", "keys restore", "keys rotate", "erase",
)  # fmt: skip
"""Commands that do some of their work before a server would refuse the rest."""
BREAK = "in an emergency: tracker --break-glass REASON ... sees every site, on record"


def claim(service: "Service", reason: str | None, whose: str | None) -> None:
    """Refuse what the role may not do; for a reason see every site, once that is on record.

    Raises RefusedError, for a reason also where nothing is limited.
    """
    if words() in MANY_STEPS:
        require(service, words())
    if reason is not None:
        from tracker.roles.lifting import break_glass

        break_glass(service.database, reason, words(), whose)


def require_for_nothing(service: "Service") -> None:
    """Refuse what the role may not do where there was nothing to write, so that no server did."""
    require(service, words())


def require(service: "Service", command: str) -> None:
    """Refuse what a server would refuse too, before the first step of it is done."""
    if service.database.login is None:
        return
    from tracker.roles import commands, logins

    with service.database.reading() as conn:
        roles, limit = logins.roles_of(conn), logins.limit_of(conn)
    plain = commands.command_of(command)
    if roles and not any(commands.may(role, plain) for role in roles):
        raise RefusedError(*commands.refusal(command, roles, limit))


def limit(service: "Service") -> list[str] | None:
    """Return the sites that whoever types is limited to at present, None: to none."""
    if service.database.login is None or service.database.lifted:
        return None
    from tracker.roles.logins import limit_of

    with service.database.reading() as conn:
        return limit_of(conn)


def say_missing(service: "Service") -> bool:
    """Say, to who is limited to sites, that an episode may be there that no site has yet."""
    if limit(service) is None:
        return False
    from tracker.roles.logins import some_unplaced

    with service.database.reading() as conn:
        missing = some_unplaced(conn)
    if missing:
        say(
            "Some may be missing: an episode could not be listed, and its site is not known"
            " (ask who sees every site: tracker projections status)"
        )
    return missing


def refusal(location: "Location", command: str, error: ForbiddenError) -> TrackerError:
    """Return what a server's refusal means: which role may not do that, and whom to ask."""
    from tracker.roles import commands, logins
    from tracker.store.database import open_database

    try:
        with open_database(location) as database, database.reading() as conn:
            roles, sites = logins.roles_of(conn), logins.limit_of(conn)
    except ForbiddenError:  # there are roles, and who has none may not even read which
        return ForbiddenError(
            "refused: this login has no role here",
            "ask who made the roles: tracker db roles --login NAME --role ROLE gives it one",
        )
    except StoreError:
        return error
    return ForbiddenError(*commands.refusal(command, roles, sites))


def not_found(service: "Service", error: NotFoundError) -> NotFoundError:
    """Return the error with the sites that were looked at, for who does not see every one."""
    where, hint = _looked_at(limit(service))
    return NotFoundError(f"{error.message}{where}", hint) if where else error


def looked_at(service: "Service") -> tuple[str, str]:
    """Return at which sites nothing was found, and what to try; nothing for who sees every one."""
    where, hint = _looked_at(limit(service))
    return where, f" Try: {hint}" if hint else ""


def _looked_at(sites: list[str] | None) -> tuple[str, str]:
    return ("", "") if sites is None else (f" where you may look, at {told(sites)}", BREAK)


def place(service: "Service", site: str | None) -> str | None:
    """Return the site of a new episode: as it was said, else the only one that is possible.

    Raises RefusedError for one that whoever types does not see, UsageError where it must be said.
    """
    sites = limit(service)
    require_within(sites, site)
    if sites is None or site is not None:
        return site
    if len(sites) != 1:
        raise UsageError(f"an episode that you open is at {told(sites)}", "say which with --site")
    return sites[0]


def require_site(service: "Service", site: str | None) -> None:
    """Refuse a site that whoever types does not see: nothing there is not to look like an answer.

    Raises RefusedError.
    """
    if site is not None:
        require_within(limit(service), site)


def require_within(sites: list[str] | None, site: str | None) -> None:
    """Refuse a site that is none of those to which somebody is limited. Raises RefusedError."""
    if site is not None and sites is not None and site not in sites:
        raise RefusedError(f"you are limited to episodes at {told(sites)}, not at {site}", BREAK)


def told(sites: list[str]) -> str:
    """Return the names of sites in words."""
    return " or ".join(sites) or "no site"
