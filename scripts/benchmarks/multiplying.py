"""Read models of very many episodes: those of some, and copies of their rows under other keys.

A page of the worklist and a tick find what they look for in these rows, and read from the log only
the episodes that they then show or remind of, which are no copies.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, Table, Text, cast, func, insert, literal, select, update

from projections.tables import counters, worklist_counts
from projections.writer import MODELS
from tracker.service import Service
from tracker.store.tables import episodes

_DIGITS = 10**9
_ROWS: Sequence[Table] = (episodes, *(model.table for model in MODELS))
"""Their first column is the episode's key."""


def multiply(service: Service, there: int, wanted: int) -> None:
    """Make `there` episodes, with the keys from one on, into `wanted`, a multiple of it."""
    with service.database.writing() as conn:
        for first in range(there, wanted, there):
            for table in _ROWS:
                _copy(conn, table, there, first)
        if conn.dialect.name == "postgresql":
            conn.execute(select(func.setval("episodes_key_seq", wanted)))
        for counts in (worklist_counts, counters):
            *_, number = counts.columns
            conn.execute(update(counts).values({number: number * (wanted // there)}))


def _copy(conn: Connection, table: Table, there: int, by: int) -> None:
    key, *rest = table.columns
    copied = select(key + by, *(_copied(column, by) for column in rest)).where(key <= there)
    conn.execute(insert(table).from_select([c.name for c in table.columns], copied))


def _copied(column: Column[Any], by: int) -> Any:
    if column.name != "uuid":
        return column
    key = column.table.columns[0]
    return func.substr(column, 1, 32 - 10) + cast(literal(_DIGITS) + key + by, Text)
