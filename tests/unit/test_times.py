"""Times as people write them."""

import datetime

import pytest

from tracker import times
from tracker.errors import UsageError

ZONE = "Europe/Berlin"
NOW = datetime.datetime(2026, 11, 25, 16, 40, tzinfo=datetime.UTC)
"""A Wednesday, 17:40 in Berlin."""


def resolved(text: str, direction: times.Direction = "past", now: datetime.datetime = NOW) -> str:
    """Return what a text means at NOW, in Berlin."""
    return times.iso(times.resolve(text, ZONE, now, direction))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2026-11-25T16:40:00Z"),
        ("NOW", "2026-11-25T16:40:00Z"),
        ("today 14:00", "2026-11-25T13:00:00Z"),
        ("yesterday 14:00", "2026-11-24T13:00:00Z"),
        ("tomorrow 08:30", "2026-11-26T07:30:00Z"),
        ("monday 09:00", "2026-11-23T08:00:00Z"),
        ("Mon 9:00", "2026-11-23T08:00:00Z"),
        ("wednesday 09:00", "2026-11-25T08:00:00Z"),
        ("wednesday 23:00", "2026-11-18T22:00:00Z"),
        ("+48h", "2026-11-27T16:40:00Z"),
        ("+1d12h", "2026-11-27T04:40:00Z"),
        ("3d ago", "2026-11-22T16:40:00Z"),
        ("2 hours ago", "2026-11-25T14:40:00Z"),
        ("90min ago", "2026-11-25T15:10:00Z"),
        ("1mo ago", "2026-10-25T16:40:00Z"),
        ("2026-03-01 14:00", "2026-03-01T13:00:00Z"),
        ("2026-03-01T14:00", "2026-03-01T13:00:00Z"),
        ("2026-03-01T14:00:30Z", "2026-03-01T14:00:30Z"),
        ("2026-03-01T14:00-05:00", "2026-03-01T19:00:00Z"),
        ("20260301T1400Z", "2026-03-01T14:00:00Z"),
    ],
)
def test_understood(text: str, expected: str) -> None:
    """Every form of the grammar names one instant."""
    assert resolved(text) == expected


def test_weekday_ahead() -> None:
    """For what is planned a weekday is the next one, today's only if it is still to come."""
    assert resolved("wednesday 09:00", "future") == "2026-12-02T08:00:00Z"
    assert resolved("wednesday 23:00", "future") == "2026-11-25T22:00:00Z"


@pytest.mark.parametrize(
    ("text", "wrong", "hint"),
    [
        ("3/4/2026 10:00", "slashes", "2026-03-01"),
        ("5m ago", "minutes or months", "5min or 5mo"),
        ("+5m", "minutes or months", "5min or 5mo"),
        ("2m", "minutes or months", "2min or 2mo"),
        ("Mar 4 10:00", "no year", "2026-03-01"),
        ("4 march", "no year", "2026-03-01"),
        ("03-04 10:00", "no year", "2026-03-01"),
        ("4.3.2026", "no year in the form", "2026-03-01"),
        ("2026-03-01", "time of day", "2026-03-01 14:00"),
        ("monday", "time of day", "monday 14:00"),
        ("today 25:00", "00:00 to 23:59", ""),
        ("14:00", "no day", "today 14:00"),
        ("3d", "ahead or past", "+3d or 3d ago"),
        ("2026-02-30 10:00", "not a time", "2026-03-01"),
        ("1899-01-01T00:00Z", "outside the years", "2026-03-01"),
        ("0001-01-01T00:00+14:00", "outside the years", "2026-03-01"),
        ("+999999w", "outside the years", "2026-03-01"),
        ("soon", "not a time", "2026-03-01"),
        ("", "not a time", "2026-03-01"),
        ("+3parsecs", "not a unit", "min"),
    ],
)
def test_refused(text: str, wrong: str, hint: str) -> None:
    """What has two readings or none is refused, saying why and what to write."""
    with pytest.raises(UsageError) as caught:
        resolved(text)
    assert wrong in caught.value.message
    assert hint in (caught.value.hint or "")


def test_gap_names_both_readings() -> None:
    """A local time that the clocks jump over is refused with what it could mean."""
    with pytest.raises(UsageError, match="does not exist in Europe/Berlin") as caught:
        resolved("2026-03-29 02:30")
    assert "2026-03-29T01:30:00+01:00 or 2026-03-29T03:30:00+02:00" in str(caught.value.hint)


def test_overlap_names_both_readings() -> None:
    """A local time that comes twice is refused with both, and either is then understood."""
    with pytest.raises(UsageError, match="exists twice in Europe/Berlin") as caught:
        resolved("2026-10-25 02:30")
    assert "2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00" in str(caught.value.hint)
    assert resolved("2026-10-25T02:30:00+02:00") == "2026-10-25T00:30:00Z"


def test_hours_are_elapsed_and_days_are_calendar() -> None:
    """Over a change of the clocks 24 h and a day differ by an hour."""
    after = datetime.datetime(2026, 3, 29, 10, 0, tzinfo=datetime.UTC)
    assert resolved("24h ago", now=after) == "2026-03-28T10:00:00Z"
    assert resolved("1d ago", now=after) == "2026-03-28T11:00:00Z"


def test_month_end_clamps() -> None:
    """A month after 31 January is the last day of February."""
    january = datetime.datetime(2028, 1, 31, 12, 0, tzinfo=datetime.UTC)
    assert resolved("+1mo", now=january) == "2028-02-29T12:00:00Z"


def test_duration() -> None:
    """A length of time is elapsed, with a day of 24 h."""
    assert times.duration("48h") == datetime.timedelta(hours=48)
    assert times.duration("3d") == datetime.timedelta(days=3)


@pytest.mark.parametrize("text", ["", "48", "5m", "1mo", "-3h", "h"])
def test_duration_refused(text: str) -> None:
    """A length of time without a fixed length, or without a unit, is refused."""
    with pytest.raises(UsageError):
        times.duration(text)


def test_zone_did_you_mean() -> None:
    """A zone that is misspelt is refused with the name that was meant."""
    with pytest.raises(UsageError) as caught:
        times.zone("Europe/Berln")
    assert "Europe/Berlin" in str(caught.value.hint)


def test_local_shows_the_offset() -> None:
    """An instant is shown as the clock on the wall of that zone, with its offset."""
    assert times.local(NOW, ZONE) == "2026-11-25 17:40 +01:00"
