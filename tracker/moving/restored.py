"""A restored database is checked, and it is put on record what the backup cannot know.

Whatever was issued after the backup was taken is owed once more by what is left of the log. The
next tick issues it, in messages that say that they may be second ones.
"""

import datetime
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from tracker.errors import AuditError
from tracker.moving.checking import Head, Lists, Progress, check_log, check_tables, mend_lists
from tracker.outbox import repeats
from tracker.service import Service
from tracker.store import heartbeats, log, restores, sequence
from tracker.store.restores import Restore


class Known(NamedTuple):
    """The end of a log as it once was, known from outside."""

    position: int
    hash: bytes
    time: datetime.datetime
    """When it was so."""
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
    service: Service,
    name: str,
    progress: Progress,
    known: Sequence[Known] = (),
    at: datetime.datetime | None = None,
) -> Restored:
    """Check a restored database, mend its read models, and record that it was restored.

    `name`: what a message calls it. `known`: what checkpoints say, so that the gap is named.
    `at`: the moment it was taken back to, if somebody knows. Raises AuditError when tables or log
    do not stand up, or is another one than that of `known`.
    """
    check_tables(service.database, name)
    head = check_log(service.database, name, progress)
    before = service.restores()
    for one in known:
        _compare(service, name, head, one, before)
    lists = mend_lists(service, progress)
    now = service.now()
    with service.database.writing() as conn:
        restore = _restore(conn, head, before, known, [now] if at is None else [now, at])
        restores.note(conn, restore)
        waiting = repeats.mark(conn, restore.taken_at)
        episodes = log.count_episodes(conn)
    return Restored(restore, head, episodes, lists, waiting)


def _restore(
    conn: Connection,
    head: Head,
    before: Sequence[Restore],
    known: Sequence[Known],
    times: Sequence[datetime.datetime],
) -> Restore:
    """Return what is to be on record: the earliest of what is known of the time of the backup.

    `times`: the present first, and what else bounds it.
    """
    lost = [one for one in known if one.position > head.position]
    newest = max(known, key=lambda one: one.position, default=None)
    # What was recorded after an earlier restore is none of what the checkpoint lacks.
    earlier = _between(before, newest) if newest in lost else []
    bounds = [*times, *(one.time for one in lost), *(one.taken_at for one in earlier)]
    return Restore(
        times[0],
        min(_newest(conn) or times[0], *bounds),
        min([head.position, *(one.position for one in earlier)]),
        None if newest is None else newest.position,
    )


def _between(before: Sequence[Restore], known: Known | None) -> list[Restore]:
    """Return the restores by which the log lost what was known of it."""
    if known is None:
        return []
    return [r for r in before if r.restored_at >= known.time and r.position < known.position]


def _compare(
    service: Service, name: str, head: Head, known: Known, before: Sequence[Restore]
) -> None:
    if known.position > head.position:
        return  # that is the gap
    with service.database.reading() as conn:
        here = sequence.hash_at(conn, known.position) if known.position else known.hash
    if here == known.hash:
        return
    hint = "it is the backup of another tracker, or of one whose log was changed since"
    earlier = _between(before, known)
    if earlier:
        first = min(one.position for one in earlier) + 1
        hint += (
            f"; or the restore on record lost positions {first} to {known.position}, and their"
            " numbers were given again"
        )
    raise AuditError(
        f"{name}: position {known.position} is another event than {known.name} knows", hint
    )


def _newest(conn: Connection) -> datetime.datetime | None:
    """Return the latest instant at which the database was in use, as far as it is known.

    By events and by ticks of schedulers alone: whoever looks before the restore is put on record
    must not move it.
    """
    found = [beat.last_tick for beat in heartbeats.beats(conn)]
    newest = sequence.newest(conn)
    return max([*found, *([] if newest is None else [newest])], default=None)
