"""Attacks on how the tables are made: indexes, triggers, views and columns."""

import random
import sqlite3

from tests.audit.attacks.owner import somewhere, unguarded

_UNIQUE = "CONSTRAINT uq_events_episode_key_version UNIQUE (episode_key, version), "


def _made(db: sqlite3.Connection, name: str) -> str:
    (sql,) = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    return str(sql)


def _say(db: sqlite3.Connection, statement: str, *values: object) -> None:
    """Change what SQLite remembers to have been told."""
    db.execute("PRAGMA writable_schema = ON")
    db.execute(statement, values)
    (version,) = db.execute("PRAGMA schema_version").fetchone()
    db.execute(f"PRAGMA schema_version = {version + 1}")
    db.execute("PRAGMA writable_schema = RESET")


def hide_by_index(db: sqlite3.Connection, rng: random.Random) -> None:
    """Put an index that lacks an event in the place of SQLite's own."""
    sql, at = _made(db, "events"), somewhere(db, rng)
    plain = "".join(line.strip() + " " for line in sql.splitlines()).replace(_UNIQUE, "")
    _say(db, "UPDATE sqlite_master SET sql = ? WHERE name = 'events'", plain)
    _say(db, "DELETE FROM sqlite_master WHERE name = 'sqlite_autoindex_events_1'")
    db.execute(f"CREATE UNIQUE INDEX x ON events (episode_key, version) WHERE position <> {at}")
    name = "name = 'sqlite_autoindex_events_1', sql = NULL"
    db.execute("PRAGMA writable_schema = ON")
    db.execute(f"UPDATE sqlite_master SET {name} WHERE name = 'x'")
    _say(db, "UPDATE sqlite_master SET sql = ? WHERE name = 'events'", sql)


def hide_a_look_by_index(db: sqlite3.Connection, rng: random.Random) -> None:
    """Make an index of the access log anew, without a look."""
    name = rng.choice(["ix_accesses_episode_key", "ix_accesses_actor", "ix_accesses_at"])
    sql = _made(db, name)
    db.execute(f"DROP INDEX {name}")
    (at,) = rng.choice(db.execute("SELECT position FROM accesses").fetchall())
    db.execute(f"{sql} WHERE position <> {at}")
    _say(db, "UPDATE sqlite_master SET sql = ? WHERE name = ?", sql, name)


def swallow(db: sqlite3.Connection, rng: random.Random) -> None:
    """Let a trigger pass over what is recorded from now on."""
    table = rng.choice(["events", "accesses", "episodes", "protocols"])
    db.execute(f"CREATE TRIGGER x BEFORE INSERT ON {table} BEGIN SELECT RAISE(IGNORE); END")


def drop_a_guard(db: sqlite3.Connection, rng: random.Random) -> None:
    """Take away a trigger that refuses changes."""
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    (name,) = rng.choice(db.execute(query).fetchall())
    db.execute(f"DROP TRIGGER {name}")


def tame_a_guard(db: sqlite3.Connection, rng: random.Random) -> None:
    """Put a trigger that does nothing in the place of one that refuses changes."""
    table = rng.choice(["events", "accesses", "episodes", "protocols"])
    name = f"{table}_refuse_update"
    db.execute(f"DROP TRIGGER {name}")
    db.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} BEGIN SELECT 1; END")


def another_type(db: sqlite3.Connection, rng: random.Random) -> None:
    """Store a version as a fraction, which is as much as the number, in a column of numbers."""
    sql, at = _made(db, "events"), somewhere(db, rng)
    _say(db, "UPDATE sqlite_master SET sql = ? WHERE name = 'events'",
         sql.replace("version INTEGER", "version BLOB"))  # fmt: skip
    with unguarded(db):
        db.execute(f"UPDATE events SET version = version + 0.0 WHERE position = {at}")
    _say(db, "UPDATE sqlite_master SET sql = ? WHERE name = 'events'", sql)


def view_for_table(db: sqlite3.Connection, rng: random.Random) -> None:
    """Put a view that leaves out a row in the place of a table."""
    table = rng.choice(["events", "accesses"])
    db.execute(f"ALTER TABLE {table} RENAME TO kept")
    (at,) = rng.choice(db.execute("SELECT position FROM kept").fetchall())
    db.execute(f"CREATE VIEW {table} AS SELECT * FROM kept WHERE position <> {at}")


def drop_the_looks(db: sqlite3.Connection, _: random.Random) -> None:
    """Let there be no access log."""
    db.execute("DROP TABLE accesses")


def loosen_a_column(db: sqlite3.Connection, rng: random.Random) -> None:
    """Let a column take anything."""
    table = rng.choice(["events", "accesses", "protocols"])
    sql = _made(db, table).replace(" TEXT NOT NULL", "", 1)
    _say(db, "UPDATE sqlite_master SET sql = ? WHERE name = ?", sql, table)


def add_an_index(db: sqlite3.Connection, _: random.Random) -> None:
    """Make an index that nobody asked for."""
    db.execute("CREATE INDEX x ON events (topic)")
