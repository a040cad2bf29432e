"""Every read model at once: what is written in the transaction that appends, and after it."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import bindparam, delete, insert, select, update

from projections import alerts, index, parking, reminders, statistics, worklist
from projections.models import Deltas, ReadModel, Writer
from projections.tables import VERSION, projection_state
from projections.views import View
from tracker.errors import StoreError
from tracker.store.statements import Session, Statement

MODELS: tuple[ReadModel, ...] = (
    index.MODEL,
    worklist.MODEL,
    reminders.MODEL,
    alerts.MODEL,
    statistics.MODEL,
)
"""Every read model."""


@cache
def live() -> tuple[Writer, ...]:
    """Return what writes the live tables; those who only read never make it."""
    return tuple(Writer(model) for model in MODELS)


_advance = Statement(
    update(projection_state)
    .where(projection_state.c.position == bindparam("reached"))
    .values(position=bindparam("head")),
    "reached",
    "head",
)
_state = Statement(select(projection_state.c.version, projection_state.c.position))
_clear = Statement(delete(projection_state))
_start = Statement(insert(projection_state), "version", "position")

Changes = list[Deltas]
"""What a write changes in the counts of each read model."""


def none_yet(writers: Sequence[Writer] | None = None) -> Changes:
    """Return changes that change nothing."""
    return [{} for _ in writers or live()]


def add(
    conn: Session,
    views: Sequence[View],
    changes: Changes,
    writers: Sequence[Writer] | None = None,
) -> None:
    """Insert the rows of episodes that have none yet; `changes` gathers what they count for."""
    for writer, deltas in zip(writers or live(), changes, strict=True):
        writer.add(conn, views, deltas)


def replace(
    conn: Session, view: View, changes: Changes, writers: Sequence[Writer] | None = None
) -> None:
    """Make the rows of an episode be those of `view`; `changes` gathers what that changes."""
    for writer, deltas in zip(writers or live(), changes, strict=True):
        writer.replace(conn, view, deltas)


def settle(conn: Session, changes: Changes, writers: Sequence[Writer] | None = None) -> None:
    """Bring all counts up to date."""
    for writer, deltas in zip(writers or live(), changes, strict=True):
        writer.settle(conn, deltas)


def repair(conn: Session, view: View, changes: Changes) -> None:
    """Bring the rows of an episode up to date and take its mark off, if it was parked."""
    replace(conn, view, changes)
    parking.release(conn, view.key)


def advance(conn: Session, reached: int, head: int) -> None:
    """Note that the rows have reached `head`; rows that lag behind `reached` still do."""
    _advance(conn, reached, head)


def state(conn: Session) -> tuple[int, int]:
    """Return the version of the read models and the position they have reached."""
    row = _state.row(conn)
    return (0, 0) if row is None else (row[0], row[1])


def check(conn: Session) -> None:
    """Raise StoreError, saying what to do, unless the rows were made by this version."""
    version, _ = state(conn)
    if version != VERSION:
        raise StoreError(
            f"the read models are of version {version}, this program needs {VERSION}",
            "tracker projections rebuild makes them anew from the log",
        )


def restart(conn: Session, position: int) -> None:
    """Note that all rows were made anew, by this version, up to a position."""
    _clear(conn)
    _start(conn, VERSION, position)
