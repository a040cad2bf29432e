"""`tracker db` on either kind of database: what it does there, and what it leaves to others."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from freezegun.api import FrozenDateTimeFactory
from sqlalchemy import text

from tests.cli.conftest import Tracker, clock, tracker
from tests.moving.conftest import first_release
from tests.postgres.server import Databases
from tracker.config import Location
from tracker.store.database import open_database
from tracker.store.schema import SCHEMA

__all__ = ["clock", "tracker"]


@pytest.fixture
def empty(
    backend: str, tmp_path: Path, clock: FrozenDateTimeFactory, request: pytest.FixtureRequest
) -> Iterator[Tracker]:
    """A place without tables."""
    with ExitStack() as stack:
        url = None
        if backend == "postgresql":
            server: Databases = request.getfixturevalue("server")
            url = server.url(stack.enter_context(server.database()))
        yield Tracker(Location(tmp_path / "empty", url), clock)


def set_version(tracker: Tracker, version: str) -> None:
    """Say that the tables are of another version."""
    with open_database(tracker.location) as database, database.writing() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})


def test_upgrade_of_what_is_up_to_date_changes_nothing(tracker: Tracker) -> None:
    """It says which version the tables have, and that nothing was to be done."""
    tracker.ok("init")
    done = tracker.run("db", "upgrade", "--format", "json")
    told = json.loads(done.stdout)
    assert (told["before"], told["after"], "Nothing to do" in done.stderr) == (SCHEMA, SCHEMA, True)


def test_upgrade_brings_older_tables_up_to_date(empty: Tracker) -> None:
    """As a command that meets them says."""
    first_release(empty.location)
    code, told = empty.refused("worklist")
    assert (code, "tracker db upgrade" in told) == (1, True)
    assert empty.json("db", "upgrade")["after"] == SCHEMA
    empty.ok("worklist")


def test_tables_of_a_newer_program_are_left_alone(tracker: Tracker) -> None:
    """An old program does not know what they mean."""
    tracker.ok("init")
    set_version(tracker, "9999")
    code, told = tracker.refused("db", "upgrade")
    assert (code, "newer version" in told) == (1, True)


@pytest.mark.backends("postgresql")
@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_server_is_backed_up_and_restored_by_its_own_means(
    command: str, tracker: Tracker
) -> None:
    """A file would be one moment of one database; it says where the other way is written."""
    tracker.ok("init")
    file = tracker.home.parent / "backup.sqlite"
    code, told = tracker.refused("db", command, str(file))
    assert (code, "docs/backup.md" in told, file.exists()) == (4, True, False)
