"""Many processes that start at once on a new place take turns."""

import subprocess
import sys

import pytest

from tests.conftest import Places
from tracker.config import Location
from tracker.store import schema
from tracker.store.database import open_database

START = """
import pathlib, sys
from alembic.runtime.migration import MigrationContext
from tracker.config import Location
from tracker.store import locks, schema
from tracker.store.database import open_database

look = MigrationContext.get_current_heads

def held(context):
    found = look(context)
    print("at it", flush=True)
    sys.stdin.read()
    return found

where, way = sys.argv[1:-1], sys.argv[-1]
if way == "at once":
    locks.schema = lambda conn: None
    MigrationContext.get_current_heads = held
with open_database(Location(pathlib.Path(where[0]), *where[1:]), create=True) as database:
    if way == "in turn":
        sys.stdin.read()
    print(schema.upgrade(database))
    schema.check(database)
"""


def start(place: Location, way: str, count: int) -> "list[subprocess.Popen[str]]":
    """Let so many processes begin to upgrade a place."""
    where = [str(place.home), *filter(None, [place.database_url])]
    command, pipe = [sys.executable, "-c", START, *where, way], subprocess.PIPE
    return [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        for _ in range(count)
    ]


def go(processes: "list[subprocess.Popen[str]]") -> tuple[list[str], list[str]]:
    """Let them go on together; return what each said, and what went wrong."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    answers = [process.communicate(timeout=120) for process in processes]
    return sorted(said.strip() for said, _ in answers), [error for _, error in answers if error]


def test_eight_at_once_make_the_tables_once(blanks: Places) -> None:
    """One of them makes them, the others find them."""
    with blanks() as place:
        assert go(start(place, "in turn", 8)) == (["False"] * 7 + ["True"], [])
        with open_database(place) as database:
            assert schema.stored_version(database) == schema.SCHEMA


@pytest.mark.backends("postgresql")
def test_twin_that_does_not_take_turns_fails(blanks: Places) -> None:
    """Two that both see no tables both make them, and one of them cannot."""
    with blanks() as place:
        processes = start(place, "at once", 2)
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "at it\n"
        assert len(go(processes)[1]) == 1
