"""Any number of schedulers, killed wherever it hurts: nobody is missed and nobody told twice."""

import pytest

from tests.faults import settings
from tests.faults.apart import apart
from tests.faults.heedless import NAMES, TWINS
from tests.faults.reminding import Deaths, remind_by_many
from tracker.config import Location
from tracker.reminders import points


def test_each_reminder_is_issued_and_delivered_once(location: Location) -> None:
    """Killed at every named point: each key once, each message sent, and again only with cause.

    The cause is a scheduler that died between sending and recording; what is repeated then has
    the id that it had.
    """
    toll = apart(remind_by_many, location, settings.OWED, Deaths(settings.DEATHS))
    assert toll.problems == []
    assert toll.kills.total() == settings.DEATHS
    assert set(toll.kills) == set(points.POINTS)
    assert toll.repeats == toll.kills[points.SENT] > 0


BUNDLED = 3
"""More than so many go out as one."""


def test_what_piles_up_is_delivered_once_under_one_id(location: Location) -> None:
    """Killed with bundles in hand: each reminder is in one message, whoever sends it again."""
    deaths = Deaths(settings.DEATHS, passes=1)
    toll = apart(remind_by_many, location, settings.OWED // 5, deaths, None, BUNDLED)
    assert toll.problems == []
    assert toll.kills.total() == settings.DEATHS
    assert toll.repeats == toll.kills[points.SENT] > 0
    assert toll.bundles > 0


def test_twin_that_bundles_what_was_tried_is_caught(location: Location) -> None:
    """Whoever died may have sent it: a bundle then tells of it again under another id.

    Each dies when it has sent its first and not recorded it, and more is owed than they issue:
    whoever comes after them finds other company for what they had in hand.
    """
    deaths = Deaths(8, where=[points.SENT], passes=1)
    toll = apart(remind_by_many, location, 200, deaths, NAMES, BUNDLED)
    assert any(problem.startswith("under ") for problem in toll.problems)


@pytest.mark.parametrize(("twin", "finding"), TWINS.items())
def test_twin_that_takes_no_heed_is_caught(twin: str, finding: str, location: Location) -> None:
    """Without the guard, without the lease, or sending first: reminders come twice for nothing."""
    toll = apart(remind_by_many, location, 60, Deaths(0), twin)
    assert any(problem.startswith(finding) for problem in toll.problems)
