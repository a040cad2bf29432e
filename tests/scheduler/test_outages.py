"""Outages of ten minutes, ten days and ten months: nothing is lost, and nobody is flooded."""

import datetime
import json
from collections import Counter
from typing import Any

import pytest

from tests.scheduler.conftest import ONE_LOG, Tracker
from tracker.cli.session import clock
from tracker.pathway import issuing
from tracker.pathway.issuing import owed
from tracker.service import Service

DAY = datetime.timedelta(days=1)
MINUTES, DAYS, MONTHS = datetime.timedelta(minutes=10), 10 * DAY, 300 * DAY
DOWN = datetime.datetime(2026, 3, 3, 10, 55, tzinfo=datetime.UTC)
"""Five minutes before what is to be observed for two hours opens."""
CONFIG = f"""time_zone = "UTC"{ONE_LOG}levels = [0, 1, 2]
"""
WARD = 8
CAUDA = ("symptoms-recorded", "e3", "--present", "neurological-deficit")


def away(tracker: Tracker, span: datetime.timedelta, config: str = "") -> Any:
    """Let many patients be in care and nobody tick for a span; return what the next tick did."""
    tracker.ok("init")
    (tracker.home / "config.toml").write_text(CONFIG + config)
    tracker.clock.move_to("2026-03-03T09:00:00Z")
    for number in range(WARD):
        name = f"e{number}"
        tracker.ok("open", "--patient", name, "--reference", name, "--time-zone", "UTC")
        tracker.ok("record", "blood-patch-performed", name)
    for time in (DOWN - MINUTES, DOWN):
        tracker.clock.move_to(time)
        tracker.ok("scheduler", "tick")
    tracker.clock.move_to(DOWN + span)
    return tracker.json("scheduler", "tick")


def messages(tracker: Tracker) -> list[dict[str, Any]]:
    """Return what was sent."""
    file = tracker.home / "log.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def ledger(tracker: Tracker) -> list[dict[str, Any]]:
    """Return every event of the scheduler."""
    lines = map(json.loads, tracker.ok("export", "--all").splitlines())
    return [line for line in lines if line["event"].startswith("reminder-")]


def still_owed(tracker: Tracker) -> int:
    """Return how many phases are owed by the histories and not on record."""
    with Service.open(tracker.location, clock) as service:
        histories = [service.history(ref.uuid) for ref in service.all_episodes()]
        now = service.now()
        return sum(len(owed(service.judge.status(h, now), now, h)) for h in histories)


@pytest.mark.parametrize("span", [MINUTES, DAYS, MONTHS])
def test_all_that_fell_due_is_on_record_once(tracker: Tracker, span: datetime.timedelta) -> None:
    """Sent late, standing for what was not said, or skipped with its reason; nothing is left."""
    away(tracker, span)
    assert still_owed(tracker) == 0
    told = Counter((e["episode"], e["data"]["reminder"], e["data"]["phase"])
                   for e in ledger(tracker))  # fmt: skip
    assert set(told.values()) == {1}
    assert all(e["data"]["reason"] for e in ledger(tracker) if e["event"] == "reminder-skipped")


@pytest.mark.parametrize(
    ("span", "kinds"),
    [
        (MINUTES, {"observation-end": ("reminder-issued", None)}),
        (
            DAYS,
            {
                "observation-end": ("reminder-skipped", "more than 24 h after it was due"),
                "early-review": ("reminder-issued", "stands for open too"),
            },
        ),
        (
            MONTHS,
            {
                "observation-end": ("reminder-skipped", "more than 24 h after it was due"),
                "late-review": ("reminder-issued", "stands for open too"),
            },
        ),
    ],
)
def test_each_kind_has_its_own_policy(tracker: Tracker, span: datetime.timedelta, kinds) -> None:
    """What is of no use any more is skipped; the rest is told late, in its last phase."""
    away(tracker, span)
    found = {e["data"]["kind"]: (e["event"], e["data"].get("reason")) for e in ledger(tracker)}
    for kind, (event, reason) in kinds.items():
        assert found[kind][0] == event, (kind, found)
        assert (reason or "") in (found[kind][1] or "")


def test_twin_without_a_policy_what_is_useless_is_sent(tracker: Tracker, monkeypatch) -> None:
    """Somebody would be asked to let a patient up who went home ten months ago."""
    monkeypatch.setattr(issuing, "_too_old", lambda *_: None)
    away(tracker, MONTHS)
    assert "observation-end" in {e["data"]["kind"] for e in ledger(tracker)
                                 if e["event"] == "reminder-issued"}  # fmt: skip


@pytest.mark.parametrize("span", [MINUTES, DAYS, MONTHS])
def test_nobody_is_flooded(tracker: Tracker, span: datetime.timedelta) -> None:
    """One message with all of it, and one digest however many days there were."""
    done = away(tracker, span)
    bundles = [m for m in messages(tracker) if m["kind"] in ("outage-digest", "bundle")]
    assert len(bundles) == 1
    assert len(bundles[0]["reminders"]) == len(done["issued"]) >= WARD
    assert len(messages(tracker)) <= 2
    assert tracker.json("outbox", "list") == []


def test_twin_one_by_one_it_is_a_flood(tracker: Tracker) -> None:
    """Were neither outages nor piles bundled, each would come alone."""
    away(tracker, DAYS, "[scheduler]\noutage_hours = 8760\nbundle_above = 1000000\n")
    assert len(messages(tracker)) > WARD


@pytest.mark.parametrize(
    ("span", "said"),
    [(MINUTES, "10 min"), (DAYS, "10 d"), (MONTHS, "300 d")],
)
def test_the_status_says_how_long(tracker: Tracker, span: datetime.timedelta, said) -> None:
    """From when until when; ten minutes need no digest, and are told of all the same."""
    done = away(tracker, span)
    assert done["away_seconds"] == (None if span == MINUTES else span.total_seconds())
    assert f"Was down:  {said}, from 2026-03-03 10:55" in tracker.ok("scheduler", "status")
    silence = tracker.json("scheduler", "status")["last_silence"]
    assert silence["seconds"] == span.total_seconds()


def test_digests_go_on_the_next_day(tracker: Tracker) -> None:
    """After ten months the days between are not made up for."""
    away(tracker, MONTHS)
    for days in (1, 2):
        tracker.clock.move_to(DOWN + MONTHS + days * DAY)
        tracker.ok("scheduler", "tick")
    made = [m["made_for"] for m in messages(tracker) if m["kind"] == "daily-digest"]
    assert len(made) == len(set(made))
    assert made[-2:] == ["2026-12-29T07:00:00Z", "2026-12-30T07:00:00Z"]


def test_what_is_urgent_is_not_in_the_bundle(tracker: Tracker, monkeypatch) -> None:
    """Recorded while nobody ticked and told by nobody, it comes first and alone."""
    away(tracker, MINUTES)
    with monkeypatch.context() as silent:
        silent.setattr("tracker.reminders.urgent.issue", lambda *_: [])
        tracker.ok("record", *CAUDA)
    tracker.clock.move_to(DOWN + DAYS)
    tracker.ok("scheduler", "tick")
    later = messages(tracker)[1:]
    assert [m["kind"] for m in later][:2] == ["complication-review", "outage-digest"]
    assert "complication-review" not in {r["kind"] for r in later[1]["reminders"]}
