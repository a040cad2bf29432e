"""Whose episodes `--mine` means."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.cli.session import Session


def own_coordinator(session: "Session") -> str:
    """Return the name by which whoever types coordinates episodes.

    That is the person on whose behalf they act, else the configured one, else the login.
    """
    return session.on_behalf_of or session.settings.coordinator or session.actor
