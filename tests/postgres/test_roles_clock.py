"""A scheduler may say that the clock is right, and set right what one that was ahead did."""

import datetime
import json

from tests.access.planted import NOW
from tests.postgres.roles import Place

AHEAD = NOW + datetime.timedelta(days=5)
LATER = datetime.timedelta(minutes=1)


def test_a_scheduler_takes_back_what_a_clock_that_was_ahead_issued(place: Place) -> None:
    """It needs no more than to issue, and to keep on record that the clock is right."""
    ahead = place.run("scheduler", "scheduler", "tick", "--format", "json", now=AHEAD)
    assert json.loads(ahead.stdout)["issued"]
    right = ("scheduler", "tick", "--trust-clock", "--format", "json")
    done = json.loads(place.run("scheduler", *right, now=NOW + LATER).stdout)
    assert any("taken back" in skipped["reason"] for skipped in done["skipped"])
    assert done["failed"] == []
    next_one = place.run("scheduler", "scheduler", "tick", now=NOW + 2 * LATER)
    assert "nothing is issued" not in next_one.output
