"""A tracker in a directory of its own, run in-process under a clock that stands still."""

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from click.testing import CliRunner, Result
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from tracker.cli import main

NOW = datetime.datetime(2026, 3, 5, 9, 0, tzinfo=datetime.UTC)


class Tracker:
    """Runs command lines in one data directory."""

    def __init__(self, home: Path, clock: FrozenDateTimeFactory) -> None:
        self.home = home
        self.clock = clock
        self.user = "anna"
        self.environ: dict[str, str | None] = {
            "TRACKER_HOME": str(home),
            "TRACKER_DATABASE_URL": None,
        }

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
def tracker(tmp_path: Path, clock: FrozenDateTimeFactory) -> Tracker:
    """An empty data directory that does not exist yet."""
    return Tracker(tmp_path / "home", clock)


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
