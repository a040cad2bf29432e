"""Numbers that are kept by key and changed by differences; one without a row is zero."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Table,
    Text,
    bindparam,
    func,
    select,
)

from tracker.store.statements import Session, Statement

Row = tuple[Any, ...]
Deltas = dict[Row, int]
"""What changes in counts, by key."""
_ELEMENTS: dict[type, Any] = {str: Text, bool: Boolean, int: BigInteger}


class Counts:
    """The numbers in one table; its last column is the number, the others are its key."""

    def __init__(self, table: Table) -> None:
        self.table = table
        *_, self._number = table.columns

    def apply(self, conn: Session, deltas: Deltas) -> None:
        """Add the differences; those of one call have one order, whoever makes them."""
        changed = sorted((*key, by) for key, by in deltas.items() if by)
        if not changed:
            return
        if conn.dialect.name == "postgresql":
            # In one statement: all others who append wait meanwhile.
            self._add_all(conn, *map(list, zip(*changed, strict=True)))
        else:
            self._add.many(conn, changed)

    @cached_property
    def _add(self) -> Statement:
        from sqlalchemy.dialects.sqlite import insert

        put = insert(self.table)
        return Statement(self._adding(put), *(c.name for c in self.table.columns))

    @cached_property
    def _add_all(self) -> Statement:
        from sqlalchemy.dialects.postgresql import insert

        columns = list(self.table.columns)
        put = insert(self.table).from_select([c.name for c in columns], _rows(columns))
        return Statement(self._adding(put), *(f"all_{c.name}" for c in columns))

    def _adding(self, put: Any) -> Any:
        added = {self._number.name: self._number + put.excluded[self._number.name]}
        return put.on_conflict_do_update(index_elements=self.table.primary_key, set_=added)


def _rows(columns: Sequence[Column[Any]]) -> Any:
    """Choose the rows that are given as one array for each column."""
    arrays = (
        bindparam(f"all_{c.name}", type_=ARRAY(_ELEMENTS[c.type.python_type])) for c in columns
    )
    given = func.unnest(*arrays).table_valued(*(c.name for c in columns))
    return select(*given.render_derived().columns)
