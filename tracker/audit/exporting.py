"""Exporting what was just verified, and signing how far it goes."""

import os
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from tracker.audit import routine
from tracker.audit.bundle.export import Exported, Order, export
from tracker.audit.keys import private_key
from tracker.audit.log import Step
from tracker.audit.signing import ensure, state
from tracker.audit.verify import part_of
from tracker.channels.settings import read_site
from tracker.config import Location
from tracker.encryption import settings as encryption
from tracker.errors import RefusedError
from tracker.service import Service


def refuse_beside_data(out: Path, location: Location) -> None:
    """Raise RefusedError for a bundle in the data directory, or in that of the keys.

    There it is lost, or changed, with what it is to prove, and whoever backs the data up takes the
    keys that are in it along.
    """
    sealed = encryption.read(location)
    places = {"the data directory": location.home}
    if sealed is not None:
        places["the directory of the keys"] = encryption.keys_at(location, sealed).home
    for what, place in places.items():
        if out.resolve().is_relative_to(place.resolve()):
            raise RefusedError(
                f"{out} is in {what}: a bundle there is lost with what it is to prove",
                "name a directory elsewhere with --out",
            )


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
) -> Exported:
    """Export with a new checkpoint and the earlier ones; return what is in the bundle.

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
) -> Exported:
    """Export without anything signed; return what is in the bundle.

    Raises AuditError when the record does not stand up, StoreError when what is to be shown cannot
    be unsealed.
    """
    part = part_of(service.database)
    stated = state(service.database, part.head, "", service.now())
    ensure(service.database, part, stated, [], step, processes)
    seals = None if sealed else service.database.seals
    order = Order(stated, episode, [], seals=seals)
    return export(service.database, order, out)
