"""Exporting what was just verified, and signing how far it goes."""

import os
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from tracker.audit import routine
from tracker.audit.bundle.export import Order, export
from tracker.audit.keys import private_key
from tracker.audit.log import Step
from tracker.audit.signing import ensure, state
from tracker.audit.verify import part_of
from tracker.channels.settings import read_site
from tracker.service import Service


def signed(
    service: Service,
    episode: UUID | None,
    out: Path,
    *,
    key: str | None,
    checkpoints: Sequence[Path],
    sealed: bool,
    step: Step,
    processes: int,
) -> int:
    """Export with a new checkpoint and the earlier ones; return how many events went out.

    `checkpoints`: where earlier ones are, beside those in the site's directory; each of them goes
    into the bundle. The new one is kept in that directory too. `sealed`: whether what is encrypted
    stays so. Raises AuditError when the record does not stand up, UsageError without a key,
    StoreError when what is to be shown cannot be unsealed.
    """
    location = service.database.location
    private = private_key(key, location, os.environ)
    own = routine.directory(read_site(location))
    asked_for = routine.earlier(checkpoints, private.public)
    done = routine.write(
        service, key=key, out=own, after=checkpoints, step=step, processes=processes
    )
    there = [] if own is None else routine.earlier([own], private.public)
    known = {one.name: one for one in [*there, *asked_for, done.made.named(done.name)]}
    order = Order(
        state=done.made.checkpoint,
        episode=episode,
        checkpoints=[*known.values()],
        asked_for={one.name for one in asked_for},
        key=private,
        seals=None if sealed else service.database.seals,
    )
    return export(service.database, order, out)


def unsigned(
    service: Service,
    episode: UUID | None,
    out: Path,
    *,
    sealed: bool,
    step: Step,
    processes: int,
) -> int:
    """Export without anything signed; return how many events went out.

    Raises AuditError when the record does not stand up, StoreError when what is to be shown cannot
    be unsealed.
    """
    part = part_of(service.database)
    stated = state(service.database, part.head, "", service.now())
    ensure(service.database, part, stated, [], step, processes)
    seals = None if sealed else service.database.seals
    order = Order(stated, episode, [], seals=seals)
    return export(service.database, order, out)
