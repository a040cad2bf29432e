"""What a database holds besides rows: tables, indexes, triggers, as its own catalogue has them."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from tracker.access import tables as access
from tracker.store.database import Database
from tracker.store.tables import APPEND_ONLY

_FILE = """
SELECT type, name, replace(sql, '"', '') FROM sqlite_master WHERE sql IS NOT NULL
"""
_SERVER = """
SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()
UNION ALL
SELECT 'trigger', tgname, pg_get_triggerdef(oid) || ' ' || tgenabled::text FROM pg_trigger
 WHERE NOT tgisinternal
UNION ALL
SELECT 'function', oid::regprocedure::text, prosrc FROM pg_proc
 WHERE pronamespace = current_schema()::regnamespace
UNION ALL
SELECT 'table', table_name, string_agg(
    concat_ws(' ', column_name, data_type, collation_name, is_nullable, column_default), ', '
    ORDER BY column_name)
  FROM information_schema.columns WHERE table_schema = current_schema() GROUP BY table_name
UNION ALL
SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE conrelid <> 0 AND contype <> 'n' AND connamespace = current_schema()::regnamespace
"""


def unguard(conn: Connection) -> None:
    """Take away what refuses to change the log, as somebody does who owns the database."""
    if conn.dialect.name == "postgresql":
        for table in (*APPEND_ONLY, *access.APPEND_ONLY):
            conn.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        return
    query = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    for name in conn.execute(query).scalars().all():
        conn.execute(text(f'DROP TRIGGER "{name}"'))


@contextmanager
def unguarded(conn: Connection) -> Iterator[None]:
    """Take that away, and put it back."""
    query = text("SELECT sql FROM sqlite_master WHERE type = 'trigger'")
    server = conn.dialect.name == "postgresql"
    made = [] if server else conn.execute(query).scalars().all()
    unguard(conn)
    yield
    for statement in made:
        conn.exec_driver_sql(statement)
    for table in (*APPEND_ONLY, *access.APPEND_ONLY) if server else ():
        conn.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


def objects(database: Database, *kinds: str) -> dict[str, str]:
    """Return how each object of some kinds was made, by its name; without a kind, of all."""
    with database.reading() as conn:
        query = text(_SERVER if conn.dialect.name == "postgresql" else _FILE)
        return {
            name: " ".join(made.split())
            for kind, name, made in conn.execute(query)
            if not kinds or kind in kinds
        }
