"""Whether a name of a new episode is that of another one, also of one that who asks may not see."""

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import bindparam, column, func, select

from projections import index
from tracker.store.statements import Session, Statement

_TAKEN = Statement(
    select(column("reference"), column("short_id")).select_from(
        func.names_taken(bindparam("reference"), bindparam("short_id"))
    ),
    "reference",
    "short_id",
)
"""On a server: also by an episode that who asks may not see."""


def hidden(reference: str) -> str:
    """Return in words that a name is taken, and that who asks is told no more."""
    return f"the reference {reference!r} is that of an episode you may not see"


class Taken(NamedTuple):
    """Which names another episode has."""

    reference: bool
    short_id: bool


Asked = Callable[[], Taken]
"""Tells what was asked for."""


def ask(conn: Session, reference: str | None, short_id: str | None) -> Asked:
    """Ask whether any episode has this reference, and whether any has this short id."""
    if conn.dialect.name != "postgresql":
        there = Taken(
            reference is not None and index.by_reference(conn, reference) is not None,
            short_id is not None and index.by_short_id(conn, short_id) is not None,
        )
        return lambda: there
    wanted = None if reference is None else index.sought(conn, reference)
    answer = _TAKEN(conn, wanted, short_id)
    return lambda: Taken(*answer.fetchall()[0])
