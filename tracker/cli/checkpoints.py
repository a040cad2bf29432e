"""How the checkpoints stand that the scheduler is to sign, for the doctor."""

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from tracker.cli import rights
from tracker.cli.finding import FAILED, OK, WARNING, Finding
from tracker.errors import ForbiddenError

if TYPE_CHECKING:
    from tracker.audit.checkpoint import Signed
    from tracker.channels.settings import Site
    from tracker.service import Service

CHECK = "checkpoints"


def checks(service: "Service", site: "Site") -> Iterator[Finding]:
    """Say how they stand; where none is to be signed there is nothing to say."""
    from tracker.audit import routine

    if site.checkpoint.every_minutes is None:
        return
    last, now = routine.newest(site, service.database.location, os.environ), service.now()
    if last is None:
        yield Finding(CHECK, WARNING, "none is signed yet", "tracker scheduler run")
        return
    when = f"the newest, of {last.checkpoint.time:%Y-%m-%d %H:%M}Z,"
    wrong = list(_outrun(service, last, when))
    if routine.is_due(site, last, now, times=2):
        told = f"{when} is older than two of its turns"
        wrong.append(Finding(CHECK, WARNING, told, "tracker scheduler run"))
    if routine.unsent(site, last):
        channel = site.checkpoint.channel
        told = f"{when} has not been sent by {channel}"
        wrong.append(Finding(CHECK, WARNING, told, f"tracker channels test {channel}"))
    yield from wrong or [Finding(CHECK, OK, f"{when} is in its place")]


def _outrun(service: "Service", last: "Signed", when: str) -> Iterator[Finding]:
    """Say so where the record is no longer what was signed last: nothing more is signed then."""
    from tracker.audit import routine

    if rights.limit(service) is not None:
        return  # what is at other sites cannot be compared
    with suppress(ForbiddenError):  # whoever may not read all of it signs nothing
        if routine.is_extended(service.database, last):
            return
        if any(one.restored_at >= last.checkpoint.time for one in service.restores()):
            yield Finding(
                CHECK,
                WARNING,
                f"{when} knows what the restore lost, so no other is signed after it",
                "name a new directory for checkpoints, and keep the old one (docs/backup.md)",
            )
        else:
            told = f"{when} knows another record than this one, so no other is signed after it"
            yield Finding(CHECK, FAILED, told, "tracker audit verify --checkpoint DIR")
