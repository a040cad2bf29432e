"""How SQLite was told to make those tables, what refuses changes, and what their indexes say."""

import re
from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import ClauseElement

from tracker.access.tables import accesses
from tracker.store import scan
from tracker.store.statements import Session, Statement
from tracker.store.tables import episodes, events, protocols

TABLES = (episodes, events, accesses, protocols)
Objects = dict[tuple[str, str], str]
"""How each was made, by its kind and name."""

_NAMES = tuple(table.name for table in TABLES)
_UNIQUE = ("episodes", "events", "protocols")
"""Those for whose constraints SQLite makes an index of its own."""
_SAME = {
    "episodes": ("key = NEW.key", "uuid = NEW.uuid"),
    "events": (
        "position = NEW.position",
        "episode_key = NEW.episode_key AND version = NEW.version",
    ),
    "accesses": ("position = NEW.position",),
    "protocols": ("name = NEW.name",),
}
"""What of a new row another one may have already."""
_found = Statement(text("SELECT type, name, tbl_name, sql FROM sqlite_master"))


def expected(_there: Objects) -> Objects:
    """Return what must be there."""
    made: Objects = {("index", f"sqlite_autoindex_{name}_1"): "" for name in _UNIQUE}
    for table in TABLES:
        made["table", table.name] = _sql(CreateTable(table))
        for index in table.indexes:
            made["index", str(index.name)] = _sql(CreateIndex(index))
        for name, statement in _guards(table.name):
            made["trigger", name] = normal(statement)
    return made


def found(conn: Session) -> Objects:
    """Return what is there of those tables; and every trigger and view, whatever it is about."""
    return {
        (kind, name): normal(sql)
        for row in scan.rows(_found, conn)
        for kind, name, table, sql in [map(_read, row)]
        if kind in ("trigger", "view") or {name.lower(), table.lower()} & set(_NAMES)
    }


def _read(value: str | bytes | None) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value or ""


def normal(sql: str) -> str:
    """Return SQL without what makes no difference."""
    return re.sub(r"\s*([(),])\s*", r"\1", " ".join(sql.replace('"', "").split()))


def misled(conn: Session) -> Iterator[str]:
    """Yield the tables whose indexes do not say what they do, or that are damaged."""
    for name in _NAMES:
        rows = Statement(text(f"PRAGMA integrity_check({name})")).rows(conn)
        if rows != [("ok",)]:
            yield name


def _sql(element: ClauseElement) -> str:
    return normal(str(element.compile(dialect=sqlite.dialect())))


def _guards(table: str) -> Iterator[tuple[str, str]]:
    """Yield name and statement of the triggers that keep a table as it is."""
    looks = table == accesses.name
    log, of = ("the access log", "") if looks else ("the log", f" on {table}")
    for act in ("UPDATE", "DELETE"):
        name = f"{table}_refuse_{act.lower()}"
        told = f"{log} is append-only: {act}{of} refused"
        yield name, f"CREATE TRIGGER {name} BEFORE {act} ON {table} {_abort(told)}"
    there = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 (is compared, and not run)
        for same in _SAME[table]
    )
    row = "that row is there already" if looks else f"{table} has that row already"
    name = f"{table}_refuse_replace"
    when = f"BEFORE INSERT ON {table} WHEN {there}"
    yield name, f"CREATE TRIGGER {name} {when} {_abort(f'{log} is append-only: {row}')}"


def _abort(told: str) -> str:
    return f"BEGIN SELECT RAISE(ABORT, '{told}'); END"
