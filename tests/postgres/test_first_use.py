"""The first commands on a server."""

import pytest

from tests.cli.conftest import Tracker, clock, tracker
from tests.conftest import Places
from tests.postgres.server import Databases

__all__ = ["clock", "tracker"]
pytestmark = pytest.mark.backends("postgresql")


def test_init_makes_the_tables_and_says_so(blanks: Places, clock: object) -> None:
    """Again it changes nothing; the directory for this machine's own settings is there."""
    with blanks() as place:
        tracker = Tracker(place, clock)  # type: ignore[arg-type]
        first = tracker.run("init")
        assert (first.exit_code, first.stdout) == (0, f"{place.name}\n")
        assert "Created the tables in" in first.stderr
        assert "Nothing to do" in tracker.run("init").stderr
        assert place.home.stat().st_mode & 0o777 == 0o700


def test_the_first_episode_makes_the_tables_too(blanks: Places, clock: object) -> None:
    """As in a directory."""
    with blanks() as place:
        tracker = Tracker(place, clock)  # type: ignore[arg-type]
        tracker.ok("open", "--patient", "MRN1", "--reference", "case-1", "--time-zone", "UTC")
        assert tracker.json("show", "case-1")["patient"] == "MRN1"


def test_a_login_that_may_make_no_tables_is_told_so(
    server: Databases, blanks: Places, clock: object
) -> None:
    """It is no matter of roles: there are none yet."""
    server.make_login("guest")
    with blanks() as place:
        name = str(place.database_url).partition("?")[0].rpartition("/")[2]
        server.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC", name)
        tracker = Tracker(place, clock)  # type: ignore[arg-type]
        tracker.log_in("guest")
        code, told = tracker.refused("init")
        assert (code, "guest may not make tables" in told, "not in the schema public" in told) == (
            4, True, True,
        ), told  # fmt: skip
        assert "createdb --owner guest" in told
        assert "role" not in told
        server.execute("GRANT CREATE ON SCHEMA public TO guest", name)
        tracker.ok("init")
        server.execute("DROP OWNED BY guest CASCADE", name)


def test_a_setting_is_this_machines_own(tracker: Tracker) -> None:
    """Defaults are written into the data directory beside the URL."""
    tracker.ok("config", "--set", "site=north")
    assert 'site = "north"' in (tracker.home / "config.toml").read_text()
    assert tracker.json("config")["site"] == "north"


def test_reminders_go_into_the_data_directory(tracker: Tracker) -> None:
    """It is made when the first of them comes, if nobody made it before."""
    tracker.ok("open", "--patient", "MRN1", "--reference", "case-1", "--time-zone", "UTC")
    tracker.ok("record", "headache-assessed", "case-1", "--posture", "orthostatic")
    tracker.home.rmdir()
    tracker.ok("scheduler", "tick")
    assert (tracker.home / "reminders.jsonl").exists()
