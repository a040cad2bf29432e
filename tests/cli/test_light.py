"""What is heavy is not imported where it is not needed."""

import os
import subprocess
import sys

import pytest

from tests.cli.conftest import Tracker

HEAVY = (
    "alembic", "apprise", "apscheduler", "eventsourcing", "icalendar", "platformdirs", "rich",
    "smtplib", "stamina", "structlog", "tomlkit",
)  # fmt: skip

LIST_IMPORTS = """
import sys
from tracker.cli import main
try:
    main()
except SystemExit as end:
    assert end.code == 0, end.code
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def imported(tracker: Tracker, *words: str) -> set[str]:
    """Return the top-level packages that a command line imports in a process of its own."""
    environ = os.environ | {name: value for name, value in tracker.environ.items() if value}
    command = [sys.executable, "-c", LIST_IMPORTS, *words]
    done = subprocess.run(
        command, env=environ, capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "words",
    [("worklist", "--format", "json"), ("show", "case-1", "--format", "json"), ("--help",)],
)
def test_json_reads_are_light(episode: Tracker, words: tuple[str, ...]) -> None:
    """Reading JSON imports no migration, scheduler, event store or drawing library."""
    assert imported(episode, *words) & set(HEAVY) == set()


def test_table_draws_with_rich_alone(episode: Tracker) -> None:
    """A table imports the drawing library and nothing else that is heavy."""
    assert imported(episode, "worklist") & set(HEAVY) == {"rich"}


def test_help_of_the_root_opens_no_database(episode: Tracker) -> None:
    """The list of commands is shown without loading any of them."""
    assert "sqlalchemy" not in imported(episode, "--help")
