"""Asking for the rows that an episode has in every read model, by few statements.

Read models with one row for each episode are asked together, and with them whether it is parked.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, FromClause, Table, bindparam, select

from projections.counts import Row
from projections.tables import parked
from tracker.store.statements import Answer, Session, Statement


class Asked(NamedTuple):
    """Answers that are there, or are to come."""

    together: Answer
    each: Sequence[Answer]


class Held(NamedTuple):
    """The rows of an episode, and whether they are marked as lagging."""

    rows: list[list[Row]]
    """For each table, in the order in which they were given."""
    parked: bool


class Asking:
    """Asks for the rows of episodes in some tables, whose first column is the episode's key."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self._single = [len(table.primary_key) == 1 for table in tables]
        self._tables = tables
        self._together = _joined([t for t, one in zip(tables, self._single, strict=True) if one])
        self._each = [
            Statement(select(t).where(t.columns[0] == bindparam("key")), "key")
            for t, one in zip(tables, self._single, strict=True)
            if not one
        ]

    def ask(self, conn: Session, key: int) -> Asked:
        """Ask for the rows of an episode; nothing is waited for if the database is a server."""
        return Asked(self._together(conn, key), [statement(conn, key) for statement in self._each])

    def held(self, asked: Asked) -> Held:
        """Return what was asked for."""
        (row,) = asked.together.fetchall()
        each = iter(asked.each)
        found, start = [], 1
        for table, one in zip(self._tables, self._single, strict=True):
            if one:
                end = start + len(table.columns)
                found.append([row[start:end]] if row[start] is not None else [])
                start = end
            else:
                found.append(list(next(each).fetchall()))
        return Held(found, row[start] is not None)


def _joined(tables: Sequence[Table]) -> Statement:
    given = select(bindparam("key", type_=BigInteger).label("key")).subquery()
    source: FromClause = given
    for table in (*tables, parked):
        source = source.outerjoin(table, table.columns[0] == given.c.key)
    columns = [column for table in tables for column in table.columns]
    return Statement(select(given.c.key, *columns, parked.columns[0]).select_from(source), "key")
