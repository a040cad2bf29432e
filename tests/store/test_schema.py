"""Migrations: what they make is what the program declares, and versions are compared."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from projections.tables import VERSION
from projections.writer import state
from tests.store.catalogue import objects
from tracker.config import Location
from tracker.errors import StoreError
from tracker.moving.contents import APPEND_ONLY, EVERYTHING
from tracker.store import schema
from tracker.store.database import Database, open_database


def declared(database: Database) -> list[object]:
    """Return what would have to be migrated to have the declared tables."""
    with database.reading() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        return list(compare_metadata(context, list(EVERYTHING)))


def test_the_migrated_tables_are_the_declared_ones(database: Database) -> None:
    """Declarations and migrations cannot drift apart."""
    assert declared(database) == []


def test_a_missing_index_would_be_noticed(database: Database) -> None:
    """The comparison can fail."""
    with database.writing() as conn:
        conn.execute(text("DROP INDEX ix_worklist_order"))
    assert declared(database) != []


GUARDS = {"sqlite": ("update", "delete", "replace"), "postgresql": ("change",)}


def test_triggers_guard_every_table_of_the_log(database: Database, backend: str) -> None:
    """A migration has not dropped them without a word."""
    expected = {f"{t}_refuse_{a}" for t in APPEND_ONLY for a in GUARDS[backend]}
    if backend == "postgresql":
        expected |= {f"{t}_check_appended" for t in ("events", "accesses")}
        expected.add("protocols_check_actor")
    assert set(objects(database, "trigger")) == expected


@pytest.mark.backends("sqlite")
def test_positions_are_never_given_twice_by_sqlite(database: Database) -> None:
    """The log's own tables keep AUTOINCREMENT."""
    tables = objects(database, "table")
    assert "INTEGER PRIMARY KEY AUTOINCREMENT" in tables["episodes"].replace("NOT NULL ", "")
    assert "AUTOINCREMENT" in tables["events"]
    assert "AUTOINCREMENT" in tables["accesses"]


def test_the_version_is_the_newest_migration() -> None:
    """The number compared at every opening is the one migrations lead to."""
    config = Config(Path(__file__).parents[2] / "alembic.ini")
    assert int(ScriptDirectory.from_config(config).get_current_head() or 0) == schema.SCHEMA


def test_the_read_models_begin_at_the_beginning(database: Database) -> None:
    """A new database has rows for everything that is in its log: nothing."""
    with database.reading() as conn:
        assert state(conn) == (VERSION, 0)


def test_upgrading_again_changes_nothing(database: Database) -> None:
    """What is up to date stays as it is."""
    before = objects(database, "table")
    assert not schema.upgrade(database)
    assert objects(database, "table") == before


@pytest.mark.backends("sqlite")
def test_the_first_tables_are_brought_up_to_date(database: Database) -> None:
    """A database of the first version gets what is new, and keeps its triggers."""
    triggers = objects(database, "trigger")
    with database.writing() as conn:
        added = ("outbox", "digests", "accesses", "restores", "silences", "outbox_retries",
                 "encryption", "copies", "trusts")  # fmt: skip
        for name in added:
            conn.execute(text(f"DROP TABLE {name}"))
        heartbeats = ("every_seconds", "ended_at", "still_due",
                      "delivered_at", "sent", "failed")  # fmt: skip
        for name in heartbeats:
            conn.execute(text(f"ALTER TABLE heartbeats DROP COLUMN {name}"))
        conn.execute(text("ALTER TABLE episode_index DROP COLUMN sealed"))
        conn.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert schema.upgrade(database)
    assert declared(database) == []
    assert objects(database, "trigger") == triggers


def test_outages_are_kept_with_the_silences(database: Database) -> None:
    """Those that heartbeats alone told of, too."""
    with database.writing() as conn:
        for name in ("away_from", "away_until"):
            conn.execute(text(f"ALTER TABLE heartbeats ADD COLUMN {name} BIGINT"))
        row = "'ward', 30, 0, 0, 10, 20"
        names = "scheduler, last_tick, issued, skipped, away_from, away_until"
        conn.execute(text(f"INSERT INTO heartbeats ({names}) VALUES ({row})"))
        conn.execute(text("DROP TABLE trusts"))
        conn.execute(text("UPDATE alembic_version SET version_num = '0008'"))
    assert schema.upgrade(database)
    assert declared(database) == []
    with database.reading() as conn:
        assert conn.execute(text("SELECT * FROM silences")).all() == [(20, "ward", 10)]


@pytest.mark.parametrize(("version", "said"), [("9999", "newer"), ("0012", "older")])
def test_another_version_says_what_to_do(database: Database, version: str, said: str) -> None:
    """Neither older nor newer tables are touched by a program that does not know them."""
    with database.writing() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    with pytest.raises(StoreError, match=said) as caught:
        schema.check(database)
    assert caught.value.hint


def test_a_newer_version_is_not_upgraded(database: Database) -> None:
    """An old program does not work on what a newer one made."""
    with database.writing() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer"):
        schema.upgrade(database)


@pytest.mark.parametrize("version", ["0000", "12", "0x0d", "deadbeef"])
def test_a_version_that_never_was_is_named(database: Database, version: str) -> None:
    """It is the database that is wrong, and not the program."""
    with database.writing() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    for what in (schema.check, schema.upgrade):
        with pytest.raises(StoreError, match="unknown to this program"):
            what(database)


def test_a_file_without_tables_names_the_command(tmp_path: Path) -> None:
    """An init that was interrupted is completed by another one."""
    with (
        open_database(Location(tmp_path, None), create=True) as empty,
        pytest.raises(StoreError, match="no tables") as caught,
    ):
        schema.check(empty)
    assert "init" in str(caught.value.hint)
