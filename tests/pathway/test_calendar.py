"""Days and months in the episode's own zone, hours as they pass: every odd corner of a calendar."""

import datetime

import pytest

from tests.pathway.histories import at, opened, reminder, status, when
from tracker.pathway.calendar import end_of_day, plus_days, plus_months

LONDON, NEW_YORK, LORD_HOWE = "Europe/London", "America/New_York", "Australia/Lord_Howe"


def window(zone, patch, kind):
    """Return opening and due time of a reminder after a patch, in UTC."""
    history = opened(zone, "2024-01-01 00:00") + at(patch, "blood-patch-performed")
    found = reminder(status(history, when(patch)), kind)
    return tuple(f"{t:%Y-%m-%d %H:%M:%S}" for t in (found.opens_at, found.due_at))


@pytest.mark.parametrize(
    ("zone", "patch"),
    [
        (LONDON, "2026-03-28 12:00+00:00"),
        (LONDON, "2026-10-24 12:00+01:00"),
        (NEW_YORK, "2026-03-07 12:00-05:00"),
        (NEW_YORK, "2026-10-31 12:00-04:00"),
        (LORD_HOWE, "2026-04-04 12:00+11:00"),
        (LORD_HOWE, "2026-10-03 12:00+10:30"),
    ],
)
@pytest.mark.reminder("early-review")
def test_hours_ignore_changes_of_the_clock(zone, patch):
    """The early review opens 24 h of elapsed time after the patch, across every clock change."""
    found = reminder(
        status(opened(zone) + at(patch, "blood-patch-performed"), patch), "early-review"
    )
    assert found.opens_at - when(patch) == datetime.timedelta(hours=24)
    assert found.due_at - when(patch) == datetime.timedelta(hours=48)


@pytest.mark.parametrize(
    ("zone", "patch", "opens", "due"),
    [
        (LONDON, "2026-03-20 12:00+00:00", "2026-03-30 11:00:00", "2026-04-03 22:59:59"),
        (LONDON, "2026-10-16 12:00+01:00", "2026-10-26 12:00:00", "2026-10-30 23:59:59"),
        (LONDON, "2026-03-15 12:00+00:00", "2026-03-25 12:00:00", "2026-03-29 22:59:59"),
        (LONDON, "2026-10-11 12:00+01:00", "2026-10-21 11:00:00", "2026-10-25 23:59:59"),
        (NEW_YORK, "2026-03-01 12:00-05:00", "2026-03-11 16:00:00", "2026-03-16 03:59:59"),
        (NEW_YORK, "2026-10-25 12:00-04:00", "2026-11-04 17:00:00", "2026-11-09 04:59:59"),
        (LORD_HOWE, "2026-03-28 12:00+11:00", "2026-04-07 01:30:00", "2026-04-11 13:29:59"),
        (LORD_HOWE, "2026-09-26 12:00+10:30", "2026-10-06 01:00:00", "2026-10-10 12:59:59"),
    ],
)
@pytest.mark.reminder("intermediate-review")
def test_days_keep_the_local_time_over_changes_of_the_clock(zone, patch, opens, due):
    """Ten days later at the same local time, until the end of the local day at fourteen."""
    assert window(zone, patch, "intermediate-review") == (opens, due)


@pytest.mark.parametrize(
    ("zone", "patch", "due"),
    [
        # The day of the due date has no midnight: it begins at 01:00.
        ("America/Santiago", "2026-08-23 12:00-04:00", "2026-09-07 02:59:59"),
        # The following day has none: the last instant before the gap ends the day.
        ("America/Santiago", "2026-08-22 12:00-04:00", "2026-09-06 03:59:59"),
        # The evening occurs twice: the day ends after the second time.
        ("America/Santiago", "2026-03-21 12:00-03:00", "2026-04-05 03:59:59"),
        ("Asia/Beirut", "2026-03-14 12:00+02:00", "2026-03-28 21:59:59"),
        ("Asia/Beirut", "2026-10-10 12:00+03:00", "2026-10-24 21:59:59"),
        # Midnight itself occurs twice: the day ends before the first.
        ("America/Havana", "2026-10-17 12:00-04:00", "2026-11-01 03:59:59"),
    ],
)
@pytest.mark.reminder("intermediate-review")
def test_a_day_ends_where_midnight_is_missing_or_doubled(zone, patch, due):
    """The intermediate review is due by the last instant of the local day."""
    assert window(zone, patch, "intermediate-review")[1] == due


@pytest.mark.parametrize(
    ("patch", "opens", "due"),
    [
        ("2025-11-30 09:00", "2026-02-28 09:00:00", "2026-05-30 09:00:00"),
        ("2023-11-30 09:00", "2024-02-29 09:00:00", "2024-05-30 09:00:00"),
        ("2025-08-31 09:00", "2025-11-30 09:00:00", "2026-02-28 09:00:00"),
        ("2024-02-29 09:00", "2024-05-29 09:00:00", "2024-08-29 09:00:00"),
        ("2025-12-31 09:00", "2026-03-31 09:00:00", "2026-06-30 09:00:00"),
    ],
)
@pytest.mark.reminder("late-review")
def test_months_clamp_to_the_end_of_a_month(patch, opens, due):
    """30 Nov + 3 months is the last day of February (section 1)."""
    history = opened("UTC", "2023-01-01 00:00") + at(patch, "blood-patch-performed")
    found = reminder(status(history, patch), "late-review")
    assert (f"{found.opens_at:%F %T}", f"{found.due_at:%F %T}") == (opens, due)


@pytest.mark.reminder("late-review")
def test_the_local_date_is_what_months_are_counted_from():
    """Late on 30 November in New York is 1 December in UTC; February clamps all the same."""
    assert window(NEW_YORK, "2025-11-30 22:00-05:00", "late-review")[0] == "2026-03-01 03:00:00"


@pytest.mark.reminder("activity-restrictions")
def test_leap_day_counts_as_a_day():
    """28 days after 10 February are 9 March in a leap year and 10 March in another."""
    assert window("UTC", "2024-02-10 09:00", "activity-restrictions")[0] == "2024-03-09 09:00:00"
    assert window("UTC", "2025-02-10 09:00", "activity-restrictions")[0] == "2025-03-10 09:00:00"


def test_a_local_time_in_the_gap_moves_past_it():
    """02:30 does not exist on the spring day in New York; the window opens at 03:30."""
    there = plus_days(when("2026-02-26 02:30-05:00"), 10, NEW_YORK)
    assert there == when("2026-03-08 03:30-04:00")


def test_of_a_local_time_that_occurs_twice_the_first_is_meant():
    """01:30 occurs twice on the autumn day in New York; the window opens the first time."""
    there = plus_days(when("2026-10-22 01:30-04:00"), 10, NEW_YORK)
    assert there == when("2026-11-01 01:30-04:00")


def test_a_gap_of_half_an_hour_moves_by_half_an_hour():
    """On Lord Howe Island 02:15 is missing in spring and becomes 02:45."""
    there = plus_months(when("2026-07-04 02:15+10:30"), 3, LORD_HOWE)
    assert there == when("2026-10-04 02:45+11:00")


def test_the_end_of_a_day_is_its_last_microsecond():
    """The interval is closed: the next microsecond is another day."""
    end = end_of_day(when("2026-02-02 08:00"), 0, "UTC")
    assert end + datetime.timedelta(microseconds=1) == when("2026-02-03 00:00")
