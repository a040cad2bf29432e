"""A restored database is checked, and it is put on record what the backup cannot know.

Whatever was issued after the backup was taken is owed once more by what is left of the log. The
next tick issues it, in messages that say that they may be second ones.
"""

import datetime
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from tracker.access.tables import accesses
from tracker.errors import AuditError
from tracker.moving.checking import Head, Lists, Progress, check_log, check_tables, mend_lists
from tracker.outbox import repeats
from tracker.outbox.tables import outbox
from tracker.service import Service
from tracker.store import heartbeats, log, restores
from tracker.store.instants import instant
from tracker.store.restores import Restore


class Known(NamedTuple):
    """The end of a log as it once was, known from outside."""

    position: int
    hash: bytes
    name: str
    """What a message calls who knows."""


class Restored(NamedTuple):
    """What a restore found and did."""

    restore: Restore
    head: Head
    episodes: int
    lists: Lists
    waiting: int
    """Messages that were not sent by the time of the backup."""


def mark_restored(
    service: Service, name: str, progress: Progress, known: Sequence[Known] = ()
) -> Restored:
    """Check a restored database, mend its read models, and record that it was restored.

    `name`: what a message calls it. `known`: what checkpoints say, so that the gap is named.
    Raises AuditError when tables or log do not stand up, or is another one than that of `known`.
    """
    check_tables(service.database, name)
    head = check_log(service.database, name, progress)
    for one in known:
        _compare(service, name, head, one)
    lists = mend_lists(service, progress)
    now = service.now()
    with service.database.writing() as conn:
        taken_at = min(_newest(conn) or now, now)
        known_position = max((one.position for one in known), default=None)
        restore = Restore(now, taken_at, head.position, known_position)
        restores.note(conn, restore)
        waiting = repeats.mark(conn, taken_at)
        episodes = log.last_key(conn)
    return Restored(restore, head, episodes, lists, waiting)


def _compare(service: Service, name: str, head: Head, known: Known) -> None:
    if known.position > head.position:
        return  # that is the gap
    with service.database.reading() as conn:
        here = log.hash_at(conn, known.position) if known.position else known.hash
    if here != known.hash:
        raise AuditError(
            f"{name}: position {known.position} is another event than {known.name} knows",
            "it is the backup of another tracker, or of one whose log was changed since",
        )


def _newest(conn: Connection) -> datetime.datetime | None:
    """Return the latest instant that the database knows of: it was in use until then."""
    columns = (outbox.c.created_at, outbox.c.ended_at, accesses.c.at)
    latest = [conn.execute(select(func.max(column))).scalar() for column in columns]
    found = [instant(value) for value in latest if value is not None]
    found += [beat.last_tick for beat in heartbeats.beats(conn)]
    newest = log.newest(conn)
    return max([*found, *([] if newest is None else [newest])], default=None)
