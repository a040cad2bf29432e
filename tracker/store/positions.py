"""Where in the log an instant is."""

import datetime
from contextlib import suppress
from uuid import UUID

from sqlalchemy import bindparam, select

from tracker.errors import StoreError
from tracker.store.log import StoredHistory
from tracker.store.sealing import seals_of
from tracker.store.sequence import head
from tracker.store.statements import Session, Statement
from tracker.store.tables import episodes, events

_at = Statement(
    select(episodes.c.uuid, events.c.version, events.c.topic, events.c.state)
    .join_from(events, episodes)
    .where(events.c.position <= bindparam("position"))
    .order_by(events.c.position.desc())
    .limit(1),
    "position",
)
"""The last one up to a position, since not everybody sees each."""


def position_at(conn: Session, instant: datetime.datetime) -> int:
    """Return the position of the last event that was recorded by then, 0 if there is none.

    Clocks of several machines differ a little, so it is a few events off at worst. What cannot be
    read counts as recorded later.
    """
    low, high = 0, head(conn)[0]
    while low < high:
        middle = (low + high + 1) // 2
        recorded = _recorded_at(conn, middle)
        if recorded is not None and recorded <= instant:
            low = middle
        else:
            high = middle - 1
    return low


def _recorded_at(conn: Session, position: int) -> datetime.datetime | None:
    row = _at.row(conn, position)
    if row is None:
        return None
    with suppress(StoreError):
        read = StoredHistory(0, UUID(row[0]), [row[1:]], seals_of(conn)).decoded().events
        return read[0].recorded_at if read else None
    return None
