"""What in the configuration looks right and reaches nobody, for `channels list` and `doctor`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracker.cli.finding import OK, WARNING, Finding

if TYPE_CHECKING:
    from tracker.channels.settings import Site
    from tracker.service import Service

CHECK = "recipients"


def checks(service: "Service", site: "Site") -> Iterator[Finding]:
    """Yield each gap as a warning, or that there is none."""
    if not site.recipients:
        told = "nobody is named: reminders go to the console and to reminders.jsonl"
        yield Finding(CHECK, OK, told)
        return
    found = [*uncovered(site), *gaps(service, site)]
    told = "every episode, and every level of escalation, has somebody to be told"
    yield from found or [Finding(CHECK, OK, told)]


def uncovered(site: "Site") -> Iterator[Finding]:
    """Yield that some episodes have nobody, if nobody is for everybody."""
    if site.channels and not site.recipients_for(None, None):
        yield Finding(
            CHECK,
            WARNING,
            "some episodes have nobody to be told: they go to the console and reminders.jsonl",
            "one of [[recipients]] without coordinator and site",
        )


def gaps(service: "Service", site: "Site") -> Iterator[Finding]:
    """Yield levels that nobody is named for, and names that no episode has."""
    from tracker.reminders import staffing

    for bare in staffing.unstaffed(service, site):
        hint = f"levels = [{bare.level}] in one of [[recipients]]"
        yield Finding(CHECK, WARNING, bare.text, hint)
    for stranger in staffing.strangers(service, site):
        hint = stranger.hint or "nothing to do for somebody whose first episode is still to come"
        yield Finding(CHECK, WARNING, stranger.text, hint)
