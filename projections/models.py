"""How rows get into a read model: compared with what is there, written where they differ."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    MetaData,
    Table,
    and_,
    bindparam,
    delete,
    insert,
    update,
)

from projections.counts import Counts, Deltas, Row
from projections.views import View
from tracker.store.statements import Session, Statement

BESIDE = "_beside"
"""Ending of the name of a table that is being built to take the place of a live one."""


class ReadModel(NamedTuple):
    """A table with rows per episode, and what of them is counted."""

    table: Table
    """Its first column is the episode's key."""
    rows: Callable[[View], list[Row]]
    """The rows of one episode, in the order of the columns."""
    counted: Callable[[Row], Iterable[Row]] | None = None
    """What a row counts for, as keys of `counts`; no two rows of an episode count for the same."""
    counts: Table | None = None
    """How often each is counted; its last column is the number, the others are its key."""

    @property
    def tables(self) -> list[Table]:
        """Every table of this read model."""
        return [self.table] if self.counts is None else [self.table, self.counts]


def count(model: ReadModel, rows: Iterable[Row], deltas: Deltas) -> None:
    """Add what new rows count for to `deltas`."""
    if model.counted is not None:
        for row in rows:
            for name in model.counted(row):
                deltas[name] = deltas.get(name, 0) + 1


def beside(table: Table) -> Table:
    """Return a table of the same columns, without indexes, to build a new version in."""
    columns: list[Column[Any]] = [
        Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable, autoincrement=False)
        for c in table.columns
    ]
    return Table(
        table.name + BESIDE,
        MetaData(),
        *columns,
        sqlite_with_rowid=table.dialect_options["sqlite"]["with_rowid"],
    )


def _counts(model: ReadModel, *, live: bool) -> Counts | None:
    if model.counts is None:
        return None
    return Counts(model.counts if live else beside(model.counts))


class Writer:
    """Writes the rows of one read model, live or beside."""

    def __init__(self, model: ReadModel, *, live: bool = True) -> None:
        self.model = model
        self.table = model.table if live else beside(model.table)
        self._keys = [i for i, c in enumerate(self.table.columns) if c.primary_key]
        self._names = [c.name for c in self.table.columns]
        self._insert = Statement(insert(self.table), *self._names)
        self._delete = Statement(delete(self.table).where(self._this_row()), *self._key_names())
        self._counts = _counts(model, live=live)
        self._update = lru_cache(maxsize=256)(self._compile_update)

    def _key_names(self) -> list[str]:
        return [f"key_{i}" for i in self._keys]

    def _this_row(self) -> Any:
        columns = list(self.table.columns)
        return and_(*(columns[i] == bindparam(f"key_{i}") for i in self._keys))

    def _compile_update(self, changed: tuple[int, ...]) -> Statement:
        # Only changed columns are set: every other one would rewrite the indexes it is in.
        columns = list(self.table.columns)
        values: dict[Any, Any] = {columns[i]: bindparam(f"new_{i}") for i in changed}
        statement = update(self.table).where(self._this_row()).values(values)
        return Statement(statement, *(f"new_{i}" for i in changed), *self._key_names())

    def insert(self, conn: Session, rows: Sequence[Row]) -> None:
        """Insert rows that are not there yet."""
        self._insert.many(conn, rows)

    def add(self, conn: Session, views: Sequence[View], deltas: Deltas) -> None:
        """Insert the rows of episodes that have none yet; `deltas` gathers what they count for."""
        rows = [row for view in views for row in self.model.rows(view)]
        self.insert(conn, rows)
        count(self.model, rows, deltas)

    def replace(self, conn: Session, view: View, old: Sequence[Row], deltas: Deltas) -> None:
        """Make the rows of an episode be those of `view`; `deltas` gathers what that changes.

        `old` are the rows that are there.
        """
        new = self.model.rows(view)
        if old == new:
            return
        there = {self._key(row): row for row in old}
        for row in new:
            before = there.pop(self._key(row), None)
            if before is None:
                self._insert(conn, *row)
            elif before != row:
                self._change(conn, before, row)
        for key in there:
            self._delete(conn, *key)
        if self.model.counted is not None:
            self._recount(self.model.counted, old, new, deltas)

    def _recount(
        self,
        counted: Callable[[Row], Iterable[Row]],
        old: Iterable[Row],
        new: Iterable[Row],
        deltas: Deltas,
    ) -> None:
        """Add to `deltas` what an episode counts for now, and no longer does."""
        before = {name for row in old for name in counted(row)}
        after = {name for row in new for name in counted(row)}
        for name in before - after:
            deltas[name] = deltas.get(name, 0) - 1
        for name in after - before:
            deltas[name] = deltas.get(name, 0) + 1

    def _change(self, conn: Session, old: Row, new: Row) -> None:
        changed = tuple(i for i, value in enumerate(new) if value != old[i])
        self._update(changed)(conn, *(new[i] for i in changed), *self._key(new))

    def _key(self, row: Row) -> Row:
        return tuple(row[i] for i in self._keys)

    def settle(self, conn: Session, deltas: Deltas) -> None:
        """Bring the counts up to date."""
        if self._counts is not None:
            self._counts.apply(conn, deltas)
