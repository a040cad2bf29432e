"""Sites that somebody filters by."""

from typing import TYPE_CHECKING

from tracker.cli.failures import say
from tracker.nearest import did_you_mean

if TYPE_CHECKING:
    from tracker.service import Service


def say_unknown_site(service: "Service", site: str | None, *, found: int) -> None:
    """Say, where a filter by a site found nothing, that no episode is there: it may be misspelled.

    One that is known there, and not in care or not asked for, is no reason for doubt.
    """
    if site is None or found:
        return
    known = service.sites()
    if site not in known:
        hint = did_you_mean(site, sorted(known))
        say(f"No episode is at {site}" + (f"; {hint}" if hint else "."))
