"""Clocks that jump, and clocks that are put forward and back by law: each reminder comes once."""

import datetime
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from tests.faults import ticking, ward
from tracker import episode
from tracker.config import Location
from tracker.events import data_from
from tracker.events.lifecycle import EpisodeOpened
from tracker.history import timeline
from tracker.pathway import builtin_protocol, evaluate
from tracker.pathway.reminders import reviews
from tracker.reminders.clocks import ClockError
from tracker.reminders.tick import tick
from tracker.service import Service

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
YEAR = datetime.timedelta(days=365)
MICROSECOND = datetime.timedelta(microseconds=1)


def ticked(home: Path, now: datetime.datetime, *, trust: bool = False) -> int:
    """Tick at an instant; return how many reminders were issued."""
    with Service.open(Location(home, None), lambda: now) as service:
        done = tick(service, now, trust_clock=trust)
        assert done.failed == []
        return len(done.issued)


def recorded(home: Path) -> Counter[ticking.Issue]:
    """Return what is on record, and how often."""
    with ward.opened(home) as service:
        return Counter(ticking.issued(service))


@pytest.mark.parametrize("jump", [HOUR, DAY, YEAR])
def test_a_clock_that_runs_ahead_and_is_set_right_repeats_nothing(home: Path, jump) -> None:
    """It refuses while it is behind what it said itself; trusted, it has nothing to say again."""
    assert ticked(home, ward.NOW) > 0
    ahead = ticked(home, ward.NOW + jump)
    if ahead:
        with pytest.raises(ClockError):
            ticked(home, ward.NOW + HOUR / 2)
    assert ticked(home, ward.NOW + HOUR / 2, trust=True) == 0
    assert max(recorded(home).values()) == 1


@pytest.mark.parametrize("jump", [HOUR, DAY, YEAR])
def test_a_clock_that_fell_behind_and_is_set_right_misses_nothing(home: Path, jump) -> None:
    """While it is behind nothing is issued; then everything that is owed, as if nothing was."""
    with pytest.raises(ClockError):
        ticked(home, ward.NOW - jump)
    assert not recorded(home)
    with ward.opened(home) as service:
        expected = Counter(ticking.owed_by(service))
    ticked(home, ward.NOW)
    assert recorded(home) == expected


EDGES = [
    ("Europe/London", "2026-03-29"),
    ("Europe/London", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Australia/Lord_Howe", "2026-04-05"),
]


def patched(home: Path, zone: str, at: datetime.datetime) -> None:
    """Make a database with one patient of that zone who had a patch."""
    with Service.open(Location(home, None), lambda: at, create=True) as service:
        meta = episode.Meta(now=at, actor="ward", id="opened")
        short_id = episode.new_short_id(service.short_id_taken)

        def opening(history):
            return episode.open_episode(
                history, EpisodeOpened(patient="P"), meta, short_id=short_id,
                protocol=ward.PROTOCOL, time_zone=zone,
            )  # fmt: skip

        def patch(history):
            data = data_from("blood-patch-performed", {})
            said = episode.Meta(now=at, actor="ward", id="patch")
            return episode.record(history, data, said, judge=lambda h: judged(h, at))

        uuid = service.append(None, opening).episode.uuid
        service.append(uuid, patch)


def judged(history, now):
    """Evaluate a history."""
    return evaluate(timeline(history), builtin_protocol(), now)


def said(
    home: Path, ticks: Iterable[datetime.datetime]
) -> dict[tuple[str, str], datetime.datetime]:
    """Tick at these instants; return when each phase of each kind was said."""
    times = {}
    with Service.open(Location(home, None), lambda: now) as service:
        for now in ticks:
            times |= {(told.kind, told.phase): now for told in tick(service, now).issued}
    return times


def hours_hold(home: Path, zone: str, day: str) -> None:
    """Fail unless a day after a patch is 24 hours after it, across a change of the clocks."""
    noon = datetime.datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo(zone)) - DAY
    at = noon.astimezone(datetime.UTC)
    patched(home, zone, at)
    times = said(home, [at + HOUR / 2 * n for n in range(120)])
    assert times["observation-end", "open"] == at + 2 * HOUR
    assert times["early-review", "open"] == at + DAY
    assert times["early-review", "overdue"] == at + 2 * DAY + HOUR / 2


@pytest.mark.parametrize(("zone", "day"), EDGES)
def test_hours_are_hours_when_the_clocks_change(zone: str, day: str, tmp_path: Path) -> None:
    """Whatever clocks on the wall say."""
    hours_hold(tmp_path / "home", zone, day)


class OnTheWall(NamedTuple):
    """Hours as clocks on the wall count them."""

    zone: str
    span: datetime.timedelta

    def __radd__(self, start: datetime.datetime) -> datetime.datetime:
        """Return what such a clock shows so much later."""
        local = ZoneInfo(self.zone)
        shown = start.astimezone(local).replace(tzinfo=None) + self.span
        return shown.replace(tzinfo=local).astimezone(datetime.UTC)


@pytest.mark.parametrize(("zone", "day"), EDGES[:2])
def test_twin_hours_of_clocks_on_the_wall_are_caught(
    zone: str, day: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A review would open an hour early or late."""
    monkeypatch.setattr(reviews, "hours", lambda number: OnTheWall(zone, HOUR * number))
    with pytest.raises(AssertionError):
        hours_hold(tmp_path / "home", zone, day)


def days_hold(home: Path, zone: str, day: str) -> None:
    """Fail unless an intermediate review is due until the end of the 14th local day."""
    local = ZoneInfo(zone)
    end = datetime.datetime.fromisoformat(f"{day}T00:00") + DAY
    at = (end - 15 * DAY + 12 * HOUR).replace(tzinfo=local).astimezone(datetime.UTC)
    patched(home, zone, at)
    midnight = end.replace(tzinfo=local).astimezone(datetime.UTC)
    times = said(home, [midnight - HOUR, midnight - MICROSECOND, midnight, midnight + HOUR])
    assert times.get(("intermediate-review", "open")) == midnight - HOUR
    assert times.get(("intermediate-review", "overdue")) == midnight


@pytest.mark.parametrize(("zone", "day"), EDGES)
def test_days_are_days_of_the_calendar_when_the_clocks_change(
    zone: str, day: str, tmp_path: Path
) -> None:
    """However many hours they have."""
    days_hold(tmp_path / "home", zone, day)


def in_hours(start: datetime.datetime, days: int, zone: str) -> datetime.datetime:
    """Return the end of a day as if every day had 24 hours."""
    began = start.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0)
    return began.astimezone(datetime.UTC) + (days + 1) * DAY - MICROSECOND


@pytest.mark.parametrize(("zone", "day"), EDGES[:2])
def test_twin_days_of_24_hours_are_caught(
    zone: str, day: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A review would be overdue before its day ends, or after."""
    monkeypatch.setattr(reviews, "end_of_day", in_hours)
    with pytest.raises(AssertionError):
        days_hold(tmp_path / "home", zone, day)
