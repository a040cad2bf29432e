"""A snooze is shown while it lasts, and never for what it cannot keep quiet."""

import pytest

from tests.cli.conftest import Tracker

LOOKS = [("next", "case-1"), ("show", "case-1"), ("worklist",), ("scheduler", "status")]
QUIET = "2026-03-05 11:00"


@pytest.fixture
def snoozed(episode: Tracker) -> Tracker:
    """A reminder is overdue and snoozed from 9 to 10 o'clock UTC, which is 11 in Berlin."""
    episode.ok("snooze", "case-1", "conservative-start", "--until", "2026-03-05T10:00Z")
    return episode


@pytest.mark.parametrize("look", LOOKS, ids=" ".join)
def test_it_is_shown_while_it_lasts(snoozed: Tracker, look) -> None:
    """In whatever zone the page is."""
    told = snoozed.ok(*look)
    assert QUIET in told or "2026-03-05 10:00 +00:00" in told


@pytest.mark.parametrize("look", LOOKS, ids=" ".join)
def test_it_is_shown_no_longer(snoozed: Tracker, look) -> None:
    """When it is over it is as loud as any; a list that was written before knows it."""
    snoozed.clock.move_to("2026-03-05T10:00:00Z")
    told = snoozed.ok(*look)
    assert "onservative" in told
    assert "snoozed until" not in told
    assert "quiet until" not in told


def test_what_is_done_is_not_quiet(snoozed: Tracker) -> None:
    """It ended."""
    snoozed.ok("record", "conservative-management-started", "case-1")
    assert "quiet until" not in snoozed.ok("show", "case-1")


def test_what_is_urgent_is_never_called_quiet(episode: Tracker) -> None:
    """The answer says that it stays loud, and no page says otherwise."""
    episode.ok("record", "symptoms-recorded", "case-1", "--present", "seizure")
    answer = episode.run("snooze", "case-1", "complication-review", "--until", "+24h")
    assert "NOT quiet: no snooze hides what is urgent" in answer.output
    assert "quiet until" not in answer.output
    for look in LOOKS:
        assert "snoozed until" not in episode.ok(*look)
        assert "quiet until" not in episode.ok(*look)
