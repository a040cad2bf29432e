"""Any number of schedulers, killed wherever it hurts: nobody is missed and nobody told twice."""

from pathlib import Path

import pytest

from tests.faults import settings
from tests.faults.apart import apart
from tests.faults.heedless import TWINS
from tests.faults.reminding import remind_by_many
from tracker.reminders import points


def test_each_reminder_is_issued_and_delivered_once(tmp_path: Path) -> None:
    """Killed at every named point: each key once, each message sent, and again only with cause.

    The cause is a scheduler that died between sending and recording; what is repeated then has
    the id that it had.
    """
    toll = apart(remind_by_many, tmp_path, settings.OWED, settings.DEATHS, settings.SEED)
    assert toll.problems == []
    assert toll.kills.total() == settings.DEATHS
    assert set(toll.kills) == set(points.POINTS)
    assert toll.repeats == toll.kills[points.SENT] > 0


@pytest.mark.parametrize(("twin", "finding"), TWINS.items())
def test_twin_that_takes_no_heed_is_caught(twin: str, finding: str, tmp_path: Path) -> None:
    """Without the guard, without the lease, or sending first: reminders come twice for nothing."""
    toll = apart(remind_by_many, tmp_path, 200, 0, settings.SEED, twin)
    assert any(problem.startswith(finding) for problem in toll.problems)
