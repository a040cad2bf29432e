"""Quiet hours and the hour of the digest, by the clocks of a zone."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.channels.hours import Hours, latest, quiet_until
from tracker.errors import UsageError

NIGHT = Hours.parse("22:00-07:00")
NOON = Hours.parse("12:00-13:30")


def utc(text: str) -> datetime.datetime:
    """Read an instant in UTC."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-05 20:59:59", None),
        ("2026-03-05 21:00", "2026-03-06 06:00"),
        ("2026-03-06 05:59:59", "2026-03-06 06:00"),
        ("2026-03-06 06:00", None),
    ],
)
def test_a_night_in_berlin(now: str, until: str | None) -> None:
    """It is quiet from the start of the hours on, and no longer at their end."""
    assert quiet_until(NIGHT, "Europe/Berlin", utc(now)) == (until and utc(until))


def test_hours_within_a_day() -> None:
    """Hours need not cross midnight."""
    assert quiet_until(NOON, "UTC", utc("2026-03-05 12:15")) == utc("2026-03-05 13:30")
    assert quiet_until(NOON, "UTC", utc("2026-03-05 22:15")) is None


@pytest.mark.parametrize(
    ("zone", "now", "until"),
    [
        ("Europe/Berlin", "2026-03-28 23:00", "2026-03-29 05:00"),  # an hour shorter
        ("Europe/Berlin", "2026-10-24 23:00", "2026-10-25 06:00"),  # an hour longer
        ("Australia/Lord_Howe", "2026-04-04 14:00", "2026-04-04 20:30"),
    ],
)
def test_the_night_in_which_clocks_change(zone: str, now: str, until: str) -> None:
    """The end is when clocks on the wall show it, whatever happened to them in the night."""
    assert quiet_until(NIGHT, zone, utc(now)) == utc(until)


def test_an_end_that_clocks_skip() -> None:
    """Hours that end at a time that is skipped end as much later."""
    hours = Hours.parse("22:00-02:30")
    assert quiet_until(hours, "Europe/Berlin", utc("2026-03-29 00:30")) == utc("2026-03-29 01:30")


@given(
    st.integers(0, 730 * 86_400),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    st.sampled_from([NIGHT, NOON, Hours.parse("01:30-03:15")]),
)
def test_quiet_ends(second: int, zone: str, hours: Hours) -> None:
    """Whenever it is quiet it ends later, within a day, and is not quiet then."""
    now = utc("2025-01-01") + datetime.timedelta(seconds=second)
    end = quiet_until(hours, zone, now)
    if end is not None:
        assert now < end <= now + datetime.timedelta(hours=11)
        assert quiet_until(hours, zone, end) is None


@pytest.mark.parametrize("text", ["22-07", "24:00-07:00", "7:00-8:00", "07:00-07:00", "", "22:00"])
def test_what_are_no_hours(text: str) -> None:
    """Anything else is refused."""
    with pytest.raises(UsageError):
        Hours.parse(text)


@pytest.mark.parametrize(
    ("now", "at"),
    [
        ("2026-03-05 05:59", "2026-03-04 06:00"),
        ("2026-03-05 06:00", "2026-03-05 06:00"),
        ("2026-03-29 06:00", "2026-03-29 05:00"),
    ],
)
def test_the_latest_digest(now: str, at: str) -> None:
    """The digest of 7 o'clock in Berlin is the last one that clocks there have come to show."""
    assert latest(7, "Europe/Berlin", utc(now)) == utc(at)
