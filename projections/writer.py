"""Every read model at once: what is written in the transaction that appends, and after it."""

from collections.abc import Sequence
from functools import cache, cached_property
from typing import Any

from sqlalchemy import Integer, bindparam, column, delete, func, insert, select, update

from projections import alerts, index, parking, reminders, statistics, worklist
from projections.counts import Deltas
from projections.held import Asked, Asking, Held
from projections.models import ReadModel, Writer
from projections.tables import VERSION, projection_state
from projections.views import View
from tracker.errors import StoreError
from tracker.store.statements import Session, Statement
from tracker.store.tables import events

MODELS: tuple[ReadModel, ...] = (
    index.MODEL,
    worklist.MODEL,
    reminders.MODEL,
    alerts.MODEL,
    statistics.MODEL,
)
"""Every read model."""


class Writers(tuple[Writer, ...]):
    """What writes every read model, live or beside."""

    @cached_property
    def asking(self) -> Asking:
        """What asks for the rows that are there."""
        return Asking([writer.table for writer in self])


@cache
def live() -> Writers:
    """Return what writes the live tables; those who only read never make it."""
    return Writers(Writer(model) for model in MODELS)


def beside() -> Writers:
    """Return what writes tables that are built beside the live ones."""
    return Writers(Writer(model, live=False) for model in MODELS)


_advance = Statement(
    update(projection_state)
    .where(projection_state.c.position == bindparam("reached"))
    .values(position=bindparam("head")),
    "reached",
    "head",
)
_by = bindparam("count", type_=Integer)


def _advancing(end: Any) -> Statement:
    """Return what advances by so many to the end of the log; elsewhere it changes nothing."""
    reached = projection_state.c.position + _by
    return Statement(
        update(projection_state).where(reached == end).values(position=reached), "count"
    )


_advance_by = _advancing(select(func.max(events.c.position)).scalar_subquery())
_advance_on_server = _advancing(
    select(column("last")).select_from(func.events_end()).scalar_subquery()
)
"""For who may not see the last event."""
_state = Statement(select(projection_state.c.version, projection_state.c.position))
_clear = Statement(delete(projection_state))
_start = Statement(insert(projection_state), "version", "position")

Changes = list[Deltas]
"""What a write changes in the counts of each read model."""


def none_yet(writers: Writers | None = None) -> Changes:
    """Return changes that change nothing."""
    return [{} for _ in writers or live()]


def add(
    conn: Session,
    views: Sequence[View],
    changes: Changes,
    writers: Writers | None = None,
) -> None:
    """Insert the rows of episodes that have none yet; `changes` gathers what they count for."""
    for writer, deltas in zip(writers or live(), changes, strict=True):
        writer.add(conn, views, deltas)


def ask(conn: Session, key: int) -> Asked:
    """Ask for the live rows of an episode."""
    return live().asking.ask(conn, key)


def replace(conn: Session, view: View, changes: Changes, writers: Writers) -> None:
    """Make the rows of an episode be those of `view`; `changes` gathers what that changes."""
    held = writers.asking.held(writers.asking.ask(conn, view.key))
    _replace(conn, view, changes, writers, held)


def _replace(conn: Session, view: View, changes: Changes, writers: Writers, held: Held) -> None:
    for writer, rows, deltas in zip(writers, held.rows, changes, strict=True):
        writer.replace(conn, view, rows, deltas)


def settle(conn: Session, changes: Changes, writers: Writers | None = None) -> None:
    """Bring all counts up to date."""
    for writer, deltas in zip(writers or live(), changes, strict=True):
        writer.settle(conn, deltas)


def repair(conn: Session, view: View, changes: Changes, asked: Asked | None = None) -> None:
    """Bring the rows of an episode up to date and take its mark off, if it was parked.

    `asked`: what `ask` returned, where all was asked for before anything is written.
    """
    held = live().asking.held(asked or ask(conn, view.key))
    _replace(conn, view, changes, live(), held)
    if held.parked:
        parking.release(conn, view.key)


def advance(conn: Session, reached: int, head: int) -> None:
    """Note that the rows have reached `head`; rows that lag behind `reached` still do."""
    _advance(conn, reached, head)


def advance_by(conn: Session, count: int) -> None:
    """Note that the rows have reached the end of the log, if they had before the last `count`."""
    (_advance_on_server if conn.dialect.name == "postgresql" else _advance_by)(conn, count)


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
