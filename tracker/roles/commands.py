"""Which roles may run which command: what the privileges come to, held to it by a test."""

from collections.abc import Sequence
from typing import NamedTuple

from tracker.roles.privileges import AUDITOR, COORDINATOR, OWNER, ROLES, SCHEDULER


class Kind(NamedTuple):
    """Commands that not everybody may run, who may, and what it is about them."""

    roles: tuple[str, ...]
    """Whom to ask first; a scheduler is nobody to ask where others may."""
    why: str
    commands: tuple[str, ...]
    instead: str = ""
    """What a role that may not run it can do."""


EVENTS = (
    "open", "record", "correct", "void", "ack", "snooze", "waive", "assign", "import",
    "protocol adopt",
)  # fmt: skip
"""Commands by which people record events."""
KINDS = (
    Kind((COORDINATOR, OWNER), "writes into the log", (*EVENTS, "protocol add")),
    Kind((COORDINATOR, OWNER, SCHEDULER), "sends messages", ("outbox retry", "outbox drop")),
    Kind((SCHEDULER, OWNER), "issues reminders", ("scheduler tick", "scheduler run")),
    Kind(
        (AUDITOR, OWNER, SCHEDULER),
        "reads the whole log and who looked at whom",
        ("audit access", "audit verify", "audit checkpoint", "audit export"),
    ),
    Kind((OWNER, AUDITOR), "shows who may do what", ("db roles",)),
    Kind(
        (OWNER,),
        "builds every list anew, in tables that it makes for that",
        ("audit verify --deep",),
        "without --deep the whole log is verified, down to every stored column; for the lists ",
    ),
    Kind(
        (OWNER,),
        "changes tables or keys",
        (
            "projections rebuild", "keys backup", "keys restore", "keys rotate", "erase",
            "db restore", "db copy",
        ),
    ),
    Kind(
        (OWNER,),
        "checks every table, mends the lists and marks what waits to be sent",
        ("db restored",),
    ),
)  # fmt: skip
"""The commands that not everybody with a role may run."""
_KIND_OF = {command: kind for kind in KINDS for command in kind.commands}


def may(role: str, command: str) -> bool:
    """Whether a role may run a command."""
    kind = _KIND_OF.get(command)
    return role in (ROLES if kind is None else kind.roles)


def command_of(words: str) -> str:
    """Return the command that these words run: every event is recorded by `record`."""
    return "record" if words.startswith("record ") else words


def refusal(command: str, roles: Sequence[str], limit: Sequence[str] | None) -> tuple[str, str]:
    """Return in words that who has some roles and sites may not do that, and whom to ask."""
    command = command_of(command)
    who = f"the role {' and '.join(roles)}" if roles else "a login without a role"
    kind = _KIND_OF.get(command)
    if kind is not None and not any(role in kind.roles for role in roles):
        told = f"refused: {who} may not run `tracker {command}`, which {kind.why}"
        return told, f"{kind.instead}ask " + " or ".join(f"the {role}" for role in kind.roles[:2])
    if command == "db roles":
        told = f"refused: {who} may see who may do what here, and not change it"
        return (
            told,
            "ask who made the roles, or a superuser of the server: it takes CREATEROLE there",
        )
    told = f"refused: {who} may not do that with what `tracker {command}` was to change"
    if limit is not None:
        sites = " or ".join(limit) or "no site"
        told = f"refused: you are limited to episodes at {sites}, and this is about another"
    return told, "ask the owner: tracker db roles lists logins, roles and sites"
