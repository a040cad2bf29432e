"""A tracker in a directory of its own, run in-process under a clock that stands still."""

import datetime
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any
from unittest import mock

import pytest
from click.testing import CliRunner, Result
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory
from sqlalchemy import text

from tests.conftest import Places
from tests.postgres.server import PERSON
from tests.store.catalogue import unguarded as without_guards
from tracker.cli import main
from tracker.config import Location
from tracker.store.database import open_database

NOW = datetime.datetime(2026, 3, 5, 9, 0, tzinfo=datetime.UTC)


class Tracker:
    """Runs command lines in one place."""

    def __init__(self, location: Location, clock: FrozenDateTimeFactory) -> None:
        self.location = location
        self.home = location.home
        self.clock = clock
        self.environ: dict[str, str | None] = {"TRACKER_HOME": str(location.home)}
        self.log_in(PERSON)

    def log_in(self, user: str) -> None:
        """Let somebody else type: the user of the machine, the login of a server."""
        self.user, url = user, self.location.database_url
        self.environ["TRACKER_DATABASE_URL"] = url and url.replace(PERSON, user, 1)

    def run(self, *arguments: str) -> Result:
        """Run a command line, whatever comes of it."""
        with mock.patch("tracker.cli.session.login", return_value=self.user):
            result = CliRunner().invoke(main, arguments, env=self.environ)
        assert "Traceback" not in result.output
        assert "the program has a fault" not in result.output, result.output
        return result

    def ok(self, *arguments: str) -> str:
        """Run a command line that must succeed; return its stdout."""
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *arguments: str) -> Any:
        """Run a command line that must succeed; return the JSON it answers."""
        return json.loads(self.ok(*arguments, "--format", "json"))

    def execute(self, *statements: str, unguarded: bool = False) -> None:
        """Run SQL in the database, past everything that the program promises."""
        with (
            open_database(self.location) as database,
            database.writing() as conn,
            without_guards(conn) if unguarded else nullcontext(),
        ):
            for statement in statements:
                conn.execute(text(statement))

    def started(self, *command: str) -> "subprocess.Popen[str]":
        """Start a process that finds the tracker by its environment, in real time."""
        environ = os.environ | {name: value for name, value in self.environ.items() if value}
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=environ, stdout=pipe, stderr=pipe, text=True)

    def refused(self, *arguments: str) -> tuple[int, str]:
        """Run a command line that must fail with nothing on stdout; return code and stderr."""
        result = self.run(*arguments)
        assert result.exit_code != 0, result.output
        assert result.stdout == ""
        return result.exit_code, result.stderr


@pytest.fixture
def clock() -> Iterator[FrozenDateTimeFactory]:
    """A clock that stands at NOW."""
    with freeze_time(NOW) as frozen:
        yield frozen


@pytest.fixture
def tracker(location: Location, clock: FrozenDateTimeFactory) -> Tracker:
    """A tracker with nothing in it; its data directory does not exist yet."""
    return Tracker(location, clock)


@pytest.fixture
def other(places: Places, clock: FrozenDateTimeFactory) -> Iterator[Tracker]:
    """Another tracker with nothing in it."""
    with places() as elsewhere:
        yield Tracker(elsewhere, clock)


@pytest.fixture
def episode(tracker: Tracker) -> Tracker:
    """The episode `case-1`, operated on three days ago, with an orthostatic headache since."""
    tracker.ok(
        "open", "--patient", "MRN1", "--reference", "case-1", "--time-zone", "Europe/Berlin",
        "--coordinator", "anna", "--at", "2026-03-02T08:00Z", "--id", "opened",
    )  # fmt: skip
    tracker.ok(
        "record", "surgery-performed", "case-1", "--id", "op", "--at", "2026-03-02T08:00Z",
        "--level", "L4-L5",
    )  # fmt: skip
    tracker.ok(
        "record", "headache-assessed", "case-1", "--id", "head", "--at", "2026-03-03T08:00Z",
        "--posture", "orthostatic",
    )  # fmt: skip
    return tracker
