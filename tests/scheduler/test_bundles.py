"""What piles up reaches nobody as a flood: after an import, quiet hours, and a channel's outage."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scheduler.conftest import ONE_LOG, Tracker
from tracker.channels.base import DeliveryError
from tracker.channels.file import FileChannel
from tracker.outbox import bundling, lane, queue

MANY = 7
QUIET = '[quiet_hours]\ndefault = "08:00-12:00"\n'
LINES = [
    {"episode": f"p{n}", "id": f"{what}{n}", "event": what, "occurred_at": at, "data": data}
    for n in range(MANY)
    for what, at, data in (
        ("episode-opened", "2026-03-01T09:00:00Z", {"patient": f"P{n}", "time_zone": "UTC"}),
        ("blood-patch-performed", "2026-03-03T09:00:00Z", {}),
    )
]


def told(tracker: Tracker, name: str = "reminders") -> list[dict[str, Any]]:
    """Return what a file channel was given."""
    file = tracker.home / f"{name}.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def configured(tracker: Tracker, text: str) -> None:
    """Write the site's configuration."""
    tracker.ok("init")
    (tracker.home / "config.toml").write_text(f'time_zone = "UTC"\n{text}')


def imported(tracker: Tracker, folder: Path, *options: str) -> None:
    """Import many patients who had a patch on 3 March, 09:00."""
    file = folder / "lines.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    tracker.ok("import", str(file), *options)


def tick(tracker: Tracker, time: str) -> Any:
    """Tick at a time."""
    tracker.clock.move_to(time)
    return tracker.json("scheduler", "tick")


def test_the_first_tick_after_an_import_tells_in_one_message(tracker: Tracker, tmp_path) -> None:
    """Each reminder is issued on record, and each recipient gets one message."""
    tracker.clock.move_to("2026-03-03T11:00:00Z")
    imported(tracker, tmp_path)
    done = tick(tracker, "2026-03-03T11:30:00Z")
    (bundle,) = told(tracker)
    assert bundle["kind"] == "bundle"
    assert len(bundle["reminders"]) == len(done["issued"]) == MANY
    assert bundle["subject"] == "7 reminders at once"


def test_what_an_import_is_to_remind_of_comes_in_one_message(tracker: Tracker, tmp_path) -> None:
    """With --remind-since what was overdue is told too."""
    tracker.clock.move_to("2026-03-06T09:00:00Z")
    imported(tracker, tmp_path, "--remind-since", "2026-03-01T00:00:00Z")
    assert len(tick(tracker, "2026-03-06T09:30:00Z")["issued"]) == MANY
    (bundle,) = told(tracker)
    assert "was due 2026-03-05 09:00" in bundle["body"]
    assert bundle["subject"] == "7 reminders at once, 7 of them overdue"


def test_a_tick_is_told_as_a_whole(tracker: Tracker, tmp_path, monkeypatch) -> None:
    """What delivers meanwhile does not send its beginning one by one."""
    tracker.clock.move_to("2026-03-03T11:00:00Z")
    imported(tracker, tmp_path)
    seen = waiting_inside_a_tick(tracker, monkeypatch)
    assert seen == [False]


def test_twin_without_the_hold_its_beginning_goes_out(tracker: Tracker, tmp_path, monkeypatch):
    """Were rows free at once, a scheduler that delivers would find some of them."""
    tracker.clock.move_to("2026-03-03T11:00:00Z")
    imported(tracker, tmp_path)
    monkeypatch.setattr("tracker.reminders.recipients.HOLD", 0 * queue.HOLD)
    assert waiting_inside_a_tick(tracker, monkeypatch) == [True]


def waiting_inside_a_tick(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return whether anything can be claimed when a tick has issued but not ended."""
    from tracker.cli.session import clock
    from tracker.reminders.tick import tick as issue
    from tracker.service import Service

    seen = []
    with Service.open(tracker.location, clock) as service:

        def at(point: str) -> None:
            if point == "tick:appended":
                with service.database.reading() as conn:
                    seen.append(bool(queue.channels(conn, clock())))

        issue(service, clock(), at=at)
        with service.database.reading() as conn:
            assert queue.channels(conn, clock())
    return seen


def test_the_end_of_quiet_hours_tells_in_one_message(tracker: Tracker, tmp_path) -> None:
    """As it is then: what was due when it was issued may be overdue when it is told."""
    configured(tracker, QUIET)
    tracker.clock.move_to("2026-03-05T08:30:00Z")
    imported(tracker, tmp_path)
    tick(tracker, "2026-03-05T08:45:00Z")
    assert told(tracker) == []
    tick(tracker, "2026-03-05T12:00:00Z")
    (bundle,) = told(tracker)
    early = [line for line in bundle["body"].splitlines() if "early-review" in line]
    assert len(early) == MANY
    assert all("was due 2026-03-05 09:00" in line for line in early)


def test_a_bundle_tells_what_is_owed_when_it_goes(tracker: Tracker, tmp_path) -> None:
    """What was done meanwhile is left out, on record, and the rest goes in the same message."""
    configured(tracker, QUIET)
    tracker.clock.move_to("2026-03-03T10:00:00Z")
    imported(tracker, tmp_path)
    tick(tracker, "2026-03-03T11:30:00Z")
    tracker.ok("record", "patient-mobilized", "p0")
    tick(tracker, "2026-03-03T12:00:00Z")
    (bundle,) = told(tracker)
    assert len(bundle["reminders"]) == MANY - 1
    dropped = tracker.json("outbox", "list", "--state", "dropped")
    assert {row["reason"] for row in dropped} == {"no longer owed when it was to be sent"}


def emptied(tracker: Tracker, folder: Path) -> list[dict[str, Any]]:
    """Let everything in a bundle be done before it goes; return what was told."""
    configured(tracker, QUIET)
    tracker.clock.move_to("2026-03-03T10:00:00Z")
    imported(tracker, folder)
    tick(tracker, "2026-03-03T11:30:00Z")
    for number in range(MANY):
        tracker.ok("record", "patient-mobilized", f"p{number}")
    tick(tracker, "2026-03-03T12:00:00Z")
    return told(tracker)


def test_an_emptied_bundle_is_not_sent(tracker: Tracker, tmp_path) -> None:
    """There is nothing to tell."""
    assert emptied(tracker, tmp_path) == []
    assert tracker.json("outbox", "list") == []
    assert tracker.json("outbox", "list", "--state", "dropped")


def test_twin_a_bundle_that_nobody_looks_at_is_stale(tracker: Tracker, tmp_path, monkeypatch):
    """Without the look it would ask for what was done."""
    monkeypatch.setattr(lane, "overtaken", lambda *_: {})
    assert len(emptied(tracker, tmp_path)) == 1


def outage(tracker: Tracker, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Let a channel fail for hours while reminders come now and then; return what it is given."""
    configured(tracker, ONE_LOG)
    tracker.clock.move_to("2026-03-03T08:00:00Z")
    tracker.ok("scheduler", "tick")
    with monkeypatch.context() as broken:
        broken.setattr(FileChannel, "send", no_route)
        for half in range(2 * 9, 2 * 16):
            tracker.clock.move_to(f"2026-03-03T{half // 2:02}:{half % 2 * 30:02}:00Z")
            tracker.ok("open", "--patient", "P", "--reference", f"p{half}", "--another", "test")
            tracker.ok("record", "blood-patch-performed", f"p{half}")
            tracker.run("scheduler", "tick")
    for time in ("16:00", "16:20", "16:40", "17:00", "17:20", "17:40", "18:00"):
        tracker.clock.move_to(f"2026-03-03T{time}:00Z")
        tracker.run("scheduler", "tick")
    return told(tracker, "log")


def no_route(*_: object) -> None:
    """Fail to send."""
    raise DeliveryError("no route")


def test_what_a_channel_could_not_take_for_hours_comes_in_a_few_messages(
    tracker: Tracker, monkeypatch
) -> None:
    """And all of it comes."""
    found = outage(tracker, monkeypatch)
    reminders = [r["episode"] for m in found for r in m.get("reminders", [m])]
    assert len(reminders) == len(set(reminders)) == 14
    assert len(found) <= 9


def test_twin_without_waiting_each_comes_alone(tracker: Tracker, monkeypatch) -> None:
    """Were each tried as it comes, each would have an id of its own when the channel is back."""
    monkeypatch.setattr(bundling, "failing", lambda *_: {})
    assert len(outage(tracker, monkeypatch)) == 14
