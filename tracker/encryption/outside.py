"""What of a patient the program cannot destroy: exports, and messages that were sent."""

import datetime
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from sqlalchemy import select

from projections.index import EpisodeRef
from tracker.access import queries
from tracker.errors import StoreError
from tracker.outbox.entries import DELIVERED
from tracker.outbox.tables import outbox
from tracker.service import Service

AUDIT_EXPORT = "audit export"
EXPORTS = (AUDIT_EXPORT, "export")
"""The commands that write histories into files."""


class Export(NamedTuple):
    """An export that may hold the patient, as the access log knows it."""

    at: datetime.datetime
    actor: str
    command: str
    everything: bool
    """Of every episode, and not of this patient's alone."""


class Outside(NamedTuple):
    """What has to be destroyed by hand."""

    exports: list[Export]
    """The earliest first."""
    channels: list[str]
    """By which messages about the patient were delivered, one for each message."""


def outside(service: Service, episodes: Sequence[EpisodeRef]) -> Outside:
    """Return what is known to hold a patient's episodes, to be asked before the keys are gone.

    A list that was exported before the first of them was opened does not hold them.
    """
    begun = _begun(service, episodes)
    of_them = queries.Wanted([one.uuid for one in episodes], commands=EXPORTS)
    lists = queries.Wanted(lists=True, since=begun, commands=EXPORTS)
    delivered = (
        select(outbox.c.channel)
        .where(outbox.c.episode_key.in_([one.key for one in episodes]))
        .where(outbox.c.state == DELIVERED)
        .order_by(outbox.c.channel)
    )
    with service.database.reading() as conn:
        found = queries.find(conn, of_them, None) + queries.find(conn, lists, None)
        channels = list(conn.scalars(delivered))
    exports = [
        Export(access.at, access.actor, access.command, everything=access.episode is None)
        for _, access in sorted(found)
        if not (access.query or {}).get("sealed")
    ]
    return Outside(exports, channels)


def _begun(service: Service, episodes: Sequence[EpisodeRef]) -> datetime.datetime | None:
    """Return when the first was opened; None where that cannot be read any more."""
    with suppress(StoreError):
        return min(service.history(one.uuid)[0].recorded_at for one in episodes)
    return None
