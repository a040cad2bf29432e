"""Which roles may run which command: what the privileges come to, held to it by a test."""

from collections.abc import Sequence

from tracker.roles.privileges import AUDITOR, COORDINATOR, OWNER, ROLES, SCHEDULER

_RECORDING = (
    "open", "record", "correct", "void", "ack", "snooze", "waive", "assign", "import",
    "protocol add", "protocol adopt",
)  # fmt: skip
_SENDING = ("outbox retry", "outbox drop")
_ISSUING = ("scheduler tick", "scheduler run")
_AUDITING = ("audit access", "db backup", "db roles")
_OWNING = (
    "projections rebuild", "keys backup", "keys restore", "keys rotate", "erase", "db restore",
    "db restored", "db copy",
)  # fmt: skip

LIMITED_TO = {
    **dict.fromkeys(_RECORDING, (OWNER, COORDINATOR)),
    **dict.fromkeys(_SENDING, (OWNER, COORDINATOR, SCHEDULER)),
    **dict.fromkeys(_ISSUING, (OWNER, SCHEDULER)),
    **dict.fromkeys(_AUDITING, (OWNER, AUDITOR)),
    **dict.fromkeys(_OWNING, (OWNER,)),
}
"""Commands that not everybody with a role may run."""


def may(role: str, command: str) -> bool:
    """Whether a role may run a command."""
    return role in LIMITED_TO.get(command, ROLES)


def command_of(words: str) -> str:
    """Return the command that these words run: every event is recorded by `record`."""
    return "record" if words.startswith("record ") else words


def refusal(command: str, roles: Sequence[str]) -> tuple[str, str]:
    """Return in words that who has some roles may not do that, and whom to ask."""
    command = command_of(command)
    who = f"the role {' and '.join(roles)}" if roles else "a login without a role"
    if any(may(role, command) for role in roles):
        return (
            f"refused: {who} may not do that with what `tracker {command}` was to change",
            "ask the owner: tracker db roles lists logins, roles and sites",
        )
    allowed = " or ".join(f"the {role}" for role in LIMITED_TO.get(command, ROLES))
    return f"refused: {who} may not run `tracker {command}`", f"ask {allowed}"
