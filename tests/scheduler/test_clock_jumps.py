"""Clocks that jump while messages wait and digests are made: each comes once, none is stuck."""

import datetime
import json
from collections import Counter
from typing import Any

import pytest

from tests.scheduler.conftest import ONE_LOG, Tracker
from tracker.channels.base import DeliveryError
from tracker.channels.file import FileChannel
from tracker.outbox import entries, queue
from tracker.outbox.tables import outbox
from tracker.reminders import daily
from tracker.reminders.issuer import Issuer

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
YEAR = 365 * DAY
JUMPS = [HOUR, DAY, YEAR]
PATCH = datetime.datetime(2026, 3, 3, 9, 0, tzinfo=datetime.UTC)
DUE = PATCH + 3 * HOUR
CONFIG = f"""time_zone = "UTC"{ONE_LOG}levels = [0, 1, 2]
[digest]
hour = 7
"""
CAUDA = ("symptoms-recorded", "case-1", "--present", "neurological-deficit")


@pytest.fixture
def ward(tracker: Tracker) -> Tracker:
    """A patient who had a patch."""
    tracker.ok("init")
    (tracker.home / "config.toml").write_text(CONFIG)
    tracker.clock.move_to(PATCH)
    tracker.ok("open", "--patient", "P", "--reference", "case-1", "--time-zone", "UTC")
    tracker.ok("record", "blood-patch-performed", "case-1")
    tracker.ok("scheduler", "tick")
    return tracker


def tick(tracker: Tracker, time: datetime.datetime) -> None:
    """Tick at a time by a clock that is trusted; only that a message still fails may be told."""
    tracker.clock.move_to(time)
    done = json.loads(tracker.run("scheduler", "tick", "--trust-clock", "--format", "json").stdout)
    assert done["failed"] == []


def failing(tracker: Tracker, time: datetime.datetime, *record: str) -> None:
    """Issue at a time what the channel does not take, as what was recorded before."""
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(FileChannel, "send", no_route)
        tracker.clock.move_to(time)
        if record:
            tracker.run("record", *record)
        tracker.run("scheduler", "tick", "--trust-clock")


def no_route(*_: object) -> None:
    """Fail to send."""
    raise DeliveryError("no route")


def told(tracker: Tracker) -> list[dict[str, Any]]:
    """Return what was sent."""
    file = tracker.home / "log.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def repeated(tracker: Tracker) -> list[str]:
    """Return ids that were sent more than once, of messages and of what is in them."""
    ids = [r.get("event", r.get("id")) for m in told(tracker) for r in m.get("reminders", [m])]
    return [id_ for id_, times in Counter(ids).items() if times > 1]


def kinds(tracker: Tracker) -> set[str]:
    """Return the kinds of reminders that were told."""
    return {r["kind"] for m in told(tracker) for r in m.get("reminders", [m])}


@pytest.mark.parametrize("jump", JUMPS)
def test_what_failed_while_the_clock_was_ahead_goes_out(ward: Tracker, jump) -> None:
    """The next try that was noted then is not waited for."""
    failing(ward, DUE)
    failing(ward, DUE + jump)
    for time in (DUE + HOUR / 2, DUE + 2 * HOUR, DUE + DAY + 2 * HOUR):
        tick(ward, time)
    assert "observation-end" in kinds(ward)
    assert repeated(ward) == []


def urgent_after(tracker: Tracker, jump: datetime.timedelta) -> bool:
    """Let something urgent fail by a clock that is ahead; return whether it got out soon after."""
    failing(tracker, DUE, *CAUDA)
    (waiting,) = [row["id"] for row in tracker.json("outbox", "list") if row["urgent"]]
    with pytest.MonkeyPatch.context() as nothing:
        nothing.setattr(Issuer, "decide", lambda *_: [])  # it is tried again, and nothing else
        failing(tracker, DUE + jump)
        tick(tracker, DUE + HOUR / 2)
        tick(tracker, DUE + 2 * HOUR)
    return waiting in {message["id"] for message in told(tracker)}


@pytest.mark.parametrize("jump", JUMPS)
def test_what_is_urgent_is_not_put_off_by_a_clock_that_was_ahead(ward: Tracker, jump) -> None:
    """Two hours after it is set right it is out at the latest."""
    assert urgent_after(ward, jump)


@pytest.mark.parametrize("jump", [DAY, YEAR])
def test_twin_with_every_time_believed_it_is_stuck(ward: Tracker, jump, monkeypatch) -> None:
    """Were a try that was noted for then waited for, nobody would be told until then."""
    monkeypatch.setattr(queue, "ripe", lambda now: outbox.c.next_attempt_at <= now)
    assert not urgent_after(ward, jump)


@pytest.mark.parametrize("jump", JUMPS)
def test_what_waits_when_the_clock_falls_back_goes_out_once(ward: Tracker, jump) -> None:
    """While it is behind nothing is issued; then everything goes out, under the id it had."""
    failing(ward, DUE)
    ward.clock.move_to(DUE - jump)
    assert ward.run("scheduler", "tick").exit_code == 1
    for time in (DUE + HOUR / 2, DUE + HOUR, DUE + 2 * HOUR):
        tick(ward, time)
    assert "observation-end" in kinds(ward)
    assert repeated(ward) == []
    assert ward.json("outbox", "list") == []


@pytest.mark.parametrize("jump", JUMPS)
def test_a_jump_ahead_is_an_outage(ward: Tracker, jump) -> None:
    """What is owed by the new clock comes in one message, and set right it is not said again."""
    tick(ward, DUE)
    before = len(told(ward))
    tick(ward, DUE + jump)
    new = [m for m in told(ward)[before:] if m["kind"] != "daily-digest"]
    assert len(new) <= 1
    tick(ward, DUE + HOUR / 2)
    assert repeated(ward) == []


def digests(tracker: Tracker, jump: datetime.timedelta) -> list[str]:
    """Let the clock be ahead for one tick, then tick each day; return for when digests were."""
    tick(tracker, DUE)
    tick(tracker, DUE + jump)
    for day in range(1, 5):
        for hour in (5, 6, 7):  # after 7 o'clock on the days after
            tick(tracker, DUE - 5 * HOUR + day * DAY + (hour - 6) * HOUR)
    return [m["made_for"][:10] for m in told(tracker) if m["kind"] == "daily-digest"]


@pytest.mark.parametrize("jump", JUMPS)
def test_digests_go_on_when_the_clock_is_set_right(ward: Tracker, jump) -> None:
    """Each day has one at most, and within two days they come again."""
    found = digests(ward, jump)
    days = [f"2026-03-0{day}" for day in (4, 5, 6, 7)]
    assert len(found) == len(set(found))
    assert found[-2:] == days[-2:]


def test_twin_the_latest_hour_believed_there_is_none_for_a_year(ward: Tracker, monkeypatch):
    """Were the hour that a clock ahead has noted taken for true, digests would stop."""
    monkeypatch.setattr(daily, "_A_DAY", 2 * YEAR)
    assert [day for day in digests(ward, YEAR) if day.startswith("2026-03")] == []


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_falls_back_makes_no_digest_twice(ward: Tracker, jump) -> None:
    """The hour it comes to again has had its digest."""
    tick(ward, PATCH + DAY)
    made = [m["made_for"] for m in told(ward) if m["kind"] == "daily-digest"]
    tick(ward, PATCH + DAY - jump)
    tick(ward, PATCH + DAY + HOUR)
    assert [m["made_for"] for m in told(ward) if m["kind"] == "daily-digest"] == made
    assert len(made) == 1


def stood_in_for(tracker: Tracker) -> str:
    """Let a message be dropped for one that is issued too early; return its state in the end."""
    failing(tracker, DUE)
    failing(tracker, DUE + DAY)
    rows = tracker.json("outbox", "list", "--state", "dropped")
    (dropped,) = [row["id"] for row in rows if row["kind"] == "observation-end"]
    tick(tracker, DUE + HOUR / 2)
    return str(tracker.json("outbox", "show", dropped)["state"])


def test_what_a_clock_ahead_stood_in_for_goes_out(ward: Tracker) -> None:
    """When what was issued too early is taken back, what was dropped for it is sent."""
    assert stood_in_for(ward) == "delivered"


def test_twin_dropped_for_what_counts_for_nothing_it_is_lost(ward: Tracker, monkeypatch) -> None:
    """Were the early one only withdrawn, nobody would be told at all."""
    monkeypatch.setattr(entries, "take_back", entries.withdraw)
    assert stood_in_for(ward) == "dropped"
