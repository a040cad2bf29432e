"""A tracker copied to another place: from a directory to a server, back, or to another directory.

All that lasts is copied row for row, so that bytes and hashes stay what they are. What is there
already is compared and left: a copy that was interrupted goes on where it was.
"""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, Table, func, select

from tracker.errors import AuditError, RefusedError, StoreError, TrackerError
from tracker.moving import rows
from tracker.moving.checking import Head, Progress, check_log, check_tables
from tracker.moving.contents import lasting
from tracker.moving.rows import Moved, Mover
from tracker.service import Service
from tracker.store import copies, schema, sequence
from tracker.store.database import Database
from tracker.store.tables import events

PASSES = 20
"""So often what was recorded meanwhile is fetched; then somebody is recording all the time."""


class Copied(NamedTuple):
    """What a copy did."""

    head: Head
    tables: Mapping[str, Moved]
    """By table: how many rows there are, and how many of them were written."""
    finished: bool
    """Whether the copy may be used; else another run is to finish it."""


class Copier:
    """Copies one tracker into another database."""

    def __init__(self, source: Service, target: Database, progress: Progress) -> None:
        """Take the tracker to copy, and the database to fill."""
        self._source = source
        self._target = target
        self._progress = progress
        self._tables: dict[str, Moved] = {}
        self._position = 0
        self._begun_from: str | None = None
        """What the copy that is gone on with was begun from; None: it was begun just now."""

    def copy(self, *, finish: bool = True) -> Copied:
        """Copy all there is, and what is recorded meanwhile; `finish`: the copy may then be used.

        Raises RefusedError for a place that holds a tracker of its own or the beginning of a copy
        of another one, AuditError when source or
        copy do not stand up, StoreError when the source is recorded into all the time.
        """
        head = check_log(self._source.database, self._source.database.name, self._progress)
        self._begin()
        if not finish:
            return Copied(self._pass(), self._tables, False)
        head = self._follow()
        self._rebuild()
        head = self._follow()
        self._check(head)
        with self._target.writing() as conn:
            copies.finish(conn, self._source.now())
        return Copied(head, self._tables, True)

    def _begin(self) -> None:
        """Take the target for this copy, or go on with one that was begun."""
        schema.upgrade(self._target)
        with self._target.writing() as conn:
            self._begun_from = copies.unfinished(conn)
            if self._begun_from is not None:
                return
            taken = next((t.name for t in lasting() if rows.count(conn, t)), None)
            if taken is not None:
                raise self._taken(copies.finished(conn), taken)
            copies.begin(conn, self._source.database.name, self._source.now())

    def _taken(self, copied_from: str | None, taken: str) -> RefusedError:
        target, source = self._target.name, self._source.database.name
        if copied_from == source:
            return RefusedError(
                f"{target} is a copy of {source} that was finished already",
                "use it; what was recorded in the other since is not in it: copy that into an empty"
                " place",
            )
        empty = "; dropdb and createdb make this one empty, if nobody needs what is in it"
        return RefusedError(
            f"{target} holds a tracker already: there are {taken} in it",
            f"copy into an empty place{empty if self._target.on_server else ''}",
        )

    def _follow(self) -> Head:
        """Copy until the source has nothing more; return where it ends."""
        for _ in range(PASSES):
            head = self._pass()
            with self._source.database.reading() as conn:
                if sequence.head(conn) == head:
                    return head
        raise StoreError(
            f"{self._source.database.name} is being recorded into all the time",
            "stop its schedulers and its users, then run this again: it goes on where it was",
        )

    def _pass(self) -> Head:
        """Copy the source as it is at one moment."""
        with self._source.database.reading() as conn:
            head = Head(*sequence.head(conn))
            total = sum(rows.count(conn, table) for table in lasting())
            with self._progress(total - self._position, "rows copied") as step:
                mover = Mover(self._target, self._target.name, step)
                try:
                    for table in lasting():
                        self._move(mover, conn, table)
                except AuditError as error:
                    raise self._differing(error) from error
        self._position = head.position
        return head

    def _differing(self, error: AuditError) -> TrackerError:
        """Say what it means that the copy holds something else: it is one of another tracker.

        Unless it was begun from this one. A tracker that is only called otherwise now agrees.
        """
        begun, source = self._begun_from, self._source.database.name
        if begun is None or begun == source:
            return error
        return RefusedError(
            f"{self._target.name} was begun as a copy of {begun}, and is none of {source}:"
            f" {error.message}",
            "copy into an empty place, or finish that copy:"
            f" tracker db copy {begun} {self._target.name}",
        )

    def _move(self, mover: Mover, source: Connection, table: Table) -> None:
        # Positions are in the order of commit: before one that was copied nothing appears. Other
        # tables are compared from the beginning each time.
        after = (self._position,) if table is events else None
        moved = mover.move(source, table, after)
        known = self._tables.get(table.name, Moved())
        compared = known.rows if table is events else 0
        self._tables[table.name] = Moved(compared + moved.rows, known.written + moved.written)
        _renumber(self._target, table)

    def _rebuild(self) -> None:
        """Make the read models of the copy, by the keys of the source if it is encrypted."""
        if self._source.database.seals is not None:
            self._target.seal_by(self._source.database.seals)
        service = Service(self._target, self._source.now)
        with self._progress(service.projections().episodes, "episodes rebuilt") as step:
            service.rebuild(step)

    def _check(self, head: Head) -> None:
        """Check that the copy stands up by itself, and ends where the source does."""
        service = Service(self._target, self._source.now)
        service.catch_up()
        check_tables(self._target, self._target.name)
        if check_log(self._target, self._target.name, self._progress) != head:
            raise AuditError(
                f"{self._target.name} does not end as {self._source.database.name} does",
                "copy into an empty place, and find out what changed this one",
            )


def _renumber(target: Database, table: Table) -> None:
    """Let a server go on numbering where the copied rows end."""
    column = table.autoincrement_column
    if column is None or not target.on_server:
        return
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    with target.writing() as conn:
        last = conn.execute(select(func.max(column))).scalar()
        if last is not None:
            conn.execute(select(func.setval(sequence, last)))
