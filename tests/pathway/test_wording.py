"""Durations and instants in words."""

import datetime

import pytest

from tests.pathway.histories import when
from tracker.pathway.wording import elapsed, moment


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0, "0 h"),
        (30, "30 h"),
        (47 + 59 / 60, "47 h 59 min"),
        (47 + 59 / 60 + 59 / 3600, "47 h 59 min 59 s"),
        (0.5, "30 min"),
        (-1.5, "-1 h 30 min"),
        (167, "167 h"),
        (168, "7 d"),
        (292, "12 d 4 h"),
    ],
)
def test_elapsed(hours, words):
    """Hours to the second within a week, then days and hours."""
    assert elapsed(datetime.timedelta(hours=hours)) == words


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ("2026-02-02 08:00", "2026-02-02 08:00Z"),
        ("2026-02-02 08:00:01", "2026-02-02 08:00:01Z"),
        ("2026-02-02 08:00:00+02:00", "2026-02-02 06:00Z"),
    ],
)
def test_moment(time, words):
    """An instant to the minute, to the second where it has seconds, in UTC."""
    assert moment(when(time)) == words
