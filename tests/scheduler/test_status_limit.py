"""`scheduler status` says when there is more that is late than it shows."""

import pytest

from tests.scheduler.conftest import Tracker


@pytest.fixture
def late(patched: Tracker) -> Tracker:
    """A tracker in which several reminders are late."""
    patched.clock.move_to("2026-03-30T09:00:00Z")
    assert patched.json("scheduler", "status")["late_total"] > 2
    return patched


@pytest.mark.parametrize("fmt", ["table", "json", "csv"])
def test_what_is_cut_off_is_counted(late: Tracker, fmt: str) -> None:
    """In every format, and how to see it."""
    total = late.json("scheduler", "status")["late_total"]
    result = late.run("scheduler", "status", "--limit", "1", "--format", fmt)
    assert f"And {total - 1} more; --limit N shows more." in result.stderr


def test_a_list_that_is_whole_says_nothing(late: Tracker) -> None:
    """Also where it is just as long as the limit."""
    total = late.json("scheduler", "status")["late_total"]
    assert "more" not in late.run("scheduler", "status", "--limit", str(total)).stderr
