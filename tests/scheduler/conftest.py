"""A tracker with a patient who had a patch: reviews, restrictions and an observation are owed."""

import pytest

from tests.cli.conftest import Tracker, clock, tracker

__all__ = ["Tracker", "clock", "tracker"]

ONE_LOG = """
[channels.log]
kind = "file"
path = "log.jsonl"
[[recipients]]
channel = "log"
"""
"""A configuration in which everybody is told by one file; more of its recipient can follow."""


@pytest.fixture
def patched(tracker: Tracker) -> Tracker:
    """The episode `case-1`: surgery on 1 March, a blood patch on 3 March 2026, 09:00 UTC."""
    tracker.clock.move_to("2026-03-01T09:00:00Z")
    tracker.ok("open", "--patient", "MRN-4711", "--reference", "Ms-Miller", "--time-zone", "UTC")
    tracker.ok("record", "surgery-performed", "Ms-Miller", "--id", "op")
    tracker.clock.move_to("2026-03-03T09:00:00Z")
    tracker.ok("record", "blood-patch-performed", "Ms-Miller", "--id", "patch")
    return tracker
