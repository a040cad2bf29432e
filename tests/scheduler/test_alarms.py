"""What needs somebody now: who does not tick, what stays due, what does not get out."""

import datetime

import pytest

from tracker.outbox.standing import UNDELIVERED, Overview
from tracker.reminders.alarms import URGENT_WITHIN, of_messages, of_schedulers
from tracker.store.heartbeats import Heartbeat

NOW = datetime.datetime(2026, 3, 5, 9, 0, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)
HOUR = datetime.timedelta(hours=1)
QUIET = Overview(dict.fromkeys(UNDELIVERED, 0), None, None, None, 0, ())


def raised(seen: Overview = QUIET, *beats: Heartbeat) -> list[str]:
    """Return the alarms that are raised now."""
    found = [*of_schedulers(beats, NOW, HOUR, "UTC"), *of_messages(seen, NOW, HOUR, "UTC")]
    assert all(alarm.text and alarm.hint for alarm in found)
    return [alarm.alarm for alarm in found]


def beat(ago: datetime.timedelta, **fields: int) -> Heartbeat:
    """Return a tick that was so long ago."""
    return Heartbeat(NOW - ago, "ward", 0, 0, 60)._replace(**fields)


def test_when_all_is_well_nothing_is_raised() -> None:
    """A tick within the allowed silence, nothing that waits."""
    assert raised(QUIET, beat(HOUR)) == []


@pytest.mark.parametrize(("ago", "alarm"), [(HOUR + SECOND, "no-tick"), (-HOUR, "clock-ahead")])
def test_a_latest_tick_that_is_not_of_now(ago: datetime.timedelta, alarm: str) -> None:
    """Too long ago, or in the future."""
    assert raised(QUIET, beat(ago)) == [alarm]


def test_the_latest_tick_counts() -> None:
    """Others may have been lost long ago."""
    assert raised(QUIET, beat(SECOND), beat(9 * HOUR, still_due=3)) == []


def test_what_was_due_still_after_the_last_tick() -> None:
    """It could not be issued."""
    assert raised(QUIET, beat(SECOND, still_due=2)) == ["still-due"]


@pytest.mark.parametrize(("more", "alarms"), [(0 * SECOND, []), (SECOND, ["urgent-late"])])
def test_what_is_urgent_has_five_minutes(more: datetime.timedelta, alarms: list[str]) -> None:
    """Whether it is due or failing."""
    since = NOW - URGENT_WITHIN - more
    assert datetime.timedelta(minutes=5) == URGENT_WITHIN
    assert raised(QUIET._replace(urgent_since=since, waiting_since=since)) == alarms


@pytest.mark.parametrize(("more", "alarms"), [(0 * SECOND, []), (SECOND, ["waiting-long"])])
def test_anything_has_the_silence_that_is_allowed(
    more: datetime.timedelta, alarms: list[str]
) -> None:
    """From the instant at which it could go out."""
    assert raised(QUIET._replace(waiting_since=NOW - HOUR - more)) == alarms


def test_what_was_given_up_is_told_once() -> None:
    """What is urgent of it by itself."""
    counts = QUIET.counts | {"dead": 2}
    assert raised(QUIET._replace(counts=counts)) == ["given-up"]
    assert raised(QUIET._replace(counts=counts, urgent_dead=1)) == ["urgent-dead", "given-up"]
    assert raised(QUIET._replace(counts=counts, urgent_dead=2)) == ["urgent-dead"]
