"""The tables that nothing may change, as they are made and as they are there."""

from collections.abc import Iterator

from tracker.audit.faults import Fault
from tracker.audit.structure import file, server
from tracker.errors import StoreError
from tracker.store.database import Database
from tracker.store.statements import Session

_LONGEST_NAME = 60


def faults(conn: Session) -> list[Fault]:
    """Return what is not as it was made: tables, columns, indexes, triggers, rules.

    A trigger can swallow what is recorded, a view stand in the place of a table.
    """
    where = server if conn.dialect.name == "postgresql" else file
    found = where.found(conn)
    return list(_differences(where.expected(found), found))


def has_tables(found: list[Fault]) -> bool:
    """Whether, by what is wrong, the tables are there at all, so that more can be asked."""
    return not any(fault.code == "table" for fault in found)


def contents(database: Database) -> list[Fault]:
    """Return the tables whose indexes say something else than their rows do.

    A query by such an index leaves rows out. Of a server this is not asked.
    """
    if database.on_server:
        return []
    told = "an index of {} leaves out rows that are there, or the file is damaged"
    try:
        with database.reading() as conn:
            return [Fault("schema", None, "index", told.format(name)) for name in file.misled(conn)]
    except StoreError as error:
        return [Fault("schema", None, "index", f"the indexes cannot be read: {error.message}")]


def _differences(expected: file.Objects, found: file.Objects) -> Iterator[Fault]:
    for kind, name in sorted(expected.keys() | found.keys()):
        made = expected.get((kind, name))
        if made == found.get((kind, name)):
            continue
        if made is None:
            told = "does not belong there"
        else:
            told = "is not as it was made" if (kind, name) in found else "is missing"
        code = "table" if kind == "table" and (kind, name) not in found else "schema"
        yield Fault("schema", None, code, f"the {kind} {name[:_LONGEST_NAME]!a} {told}")
