"""When the database was restored from a backup: what was recorded after the backup is lost."""

import datetime
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from tracker.store.instants import instant, micros, optional_instant, optional_micros
from tracker.store.tables import restores as t


class Restore(NamedTuple):
    """A restore, and what is known of the time that it lost."""

    restored_at: datetime.datetime
    taken_at: datetime.datetime
    """The latest that the backup knew of: what came after it is lost."""
    position: int
    """Of the last event in the backup."""
    known_position: int | None = None
    """Of the last event that a checkpoint knows."""
    settled_at: datetime.datetime | None = None
    """When all that fell due until the restore had been issued."""

    @property
    def missing(self) -> tuple[int, int] | None:
        """The first and the last position that a checkpoint knows and the backup lacks."""
        last = self.known_position
        return (self.position + 1, last) if last is not None and last > self.position else None

    def repeats(self, since: datetime.datetime) -> bool:
        """Whether what is owed since then may have been issued in the time that is lost."""
        if since > self.restored_at:
            return False
        return self.settled_at is None or since > self.taken_at


def note(conn: Connection, restore: Restore) -> None:
    """Keep a restore on record."""
    instants = {
        name: optional_micros(getattr(restore, name))
        for name in ("restored_at", "taken_at", "settled_at")
    }
    conn.execute(insert(t).values({**restore._asdict(), **instants}))


def restores(conn: Connection) -> list[Restore]:
    """Return every restore, the latest first."""
    query = select(t).order_by(t.c.number.desc())
    return [
        Restore(
            instant(row.restored_at),
            instant(row.taken_at),
            row.position,
            row.known_position,
            optional_instant(row.settled_at),
        )
        for row in conn.execute(query)
    ]


def settle(conn: Connection, now: datetime.datetime) -> None:
    """Note that all that fell due until now has been issued."""
    open_ = update(t).where(t.c.settled_at.is_(None), t.c.restored_at <= micros(now))
    conn.execute(open_.values(settled_at=micros(now)))


def restored_from(
    restores: Iterable[Restore], since: datetime.datetime
) -> datetime.datetime | None:
    """Return the time of the backup after which what is owed since then may have been issued.

    None: it was not.
    """
    return next((r.taken_at for r in restores if r.repeats(since)), None)
