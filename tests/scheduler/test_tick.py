"""The tick: what is owed goes out once when it opens and once when it becomes overdue."""

import json

import pytest

from tests.scheduler.conftest import Tracker
from tracker.cli import main
from tracker.cli.session import clock as system_clock
from tracker.events import EVENT_TYPES
from tracker.pathway import builtin_protocol
from tracker.reminders.message import COMMANDS
from tracker.reminders.tick import tick
from tracker.service import Service


def issued(tracker: Tracker, time: str, *options: str) -> list[tuple[str, str]]:
    """Return kind and phase of what a tick issues at a time."""
    tracker.clock.move_to(time)
    return [(i["kind"], i["phase"]) for i in tracker.json("scheduler", "tick", *options)["issued"]]


def test_before_the_window_nothing_is_issued(patched: Tracker) -> None:
    """A scheduled reminder is quiet until it opens."""
    assert issued(patched, "2026-03-03T10:59:59Z") == []


def test_at_the_opening_it_is_issued_once(patched: Tracker) -> None:
    """The second tick finds nothing owed."""
    assert issued(patched, "2026-03-03T11:00:00Z") == [("observation-end", "open")]
    assert issued(patched, "2026-03-03T11:00:01Z") == []


def test_when_overdue_it_is_issued_once_more(patched: Tracker) -> None:
    """One for the opening, one for the due time that passed."""
    assert ("early-review", "open") in issued(patched, "2026-03-04T09:00:00Z")
    assert ("early-review", "overdue") not in issued(patched, "2026-03-05T09:00:00Z")
    assert ("early-review", "overdue") in issued(patched, "2026-03-05T09:00:01Z")
    assert issued(patched, "2026-03-05T09:00:02Z") == []


def test_when_both_are_owed_only_the_latter_is_issued(patched: Tracker) -> None:
    """After an outage nobody is told twice about one review."""
    told = issued(patched, "2026-03-06T09:00:00Z")
    assert [phase for kind, phase in told if kind == "early-review"] == ["overdue"]
    assert issued(patched, "2026-03-06T09:00:01Z") == []


def test_what_was_settled_is_not_issued(patched: Tracker) -> None:
    """The episode is evaluated anew before anything goes out."""
    patched.clock.move_to("2026-03-04T10:00:00Z")
    patched.ok("record", "review-completed", "Ms-Miller", "--review", "early")
    assert "early-review" not in dict(issued(patched, "2026-03-06T09:00:00Z"))


def test_what_was_voided_is_not_issued(patched: Tracker) -> None:
    """Without the patch nothing of it is owed."""
    patched.ok("void", "Ms-Miller", "patch", "--reason", "other patient")
    assert issued(patched, "2026-03-06T09:00:00Z") == []


def test_a_window_that_moved_after_it_was_issued_is_issued_at_the_new_opening(
    patched: Tracker,
) -> None:
    """What was said of the old opening does not count for the new one."""
    issued(patched, "2026-03-04T09:00:00Z")
    patched.clock.move_to("2026-03-04T12:00:00Z")
    patched.ok("correct", "Ms-Miller", "patch", "--set", "occurred_at=2026-03-03T18:00Z",
               "--reason", "typo")  # fmt: skip
    assert "early-review" not in dict(issued(patched, "2026-03-04T17:59:59Z"))
    assert ("early-review", "open") in issued(patched, "2026-03-04T18:00:00Z")


def test_a_dry_run_changes_nothing(patched: Tracker) -> None:
    """It tells what would be issued; the log, the file and the heartbeat stay."""
    before = patched.ok("export", "--all")
    assert ("early-review", "open") in issued(patched, "2026-03-04T09:00:00Z", "--dry-run")
    assert patched.ok("export", "--all") == before
    assert not (patched.home / "reminders.jsonl").exists()
    assert patched.json("scheduler", "status")["last_tick"] is None
    assert ("early-review", "open") in issued(patched, "2026-03-04T09:00:00Z")


def test_the_event_says_phase_and_window(patched: Tracker) -> None:
    """What was issued, for which window, is on record, by the scheduler."""
    issued(patched, "2026-03-03T11:00:00Z")
    event = json.loads(patched.ok("export", "Ms-Miller").splitlines()[-1])
    assert (event["event"], event["source"]) == ("reminder-issued", "scheduler")
    assert event["data"]["phase"] == "open"
    assert event["data"]["window"] == "2026-03-03T11:00:00Z/2026-03-04T09:00:00Z"


def test_the_file_channel_has_a_line_for_each(patched: Tracker) -> None:
    """A message names its event, what is owed, by when, and what to run."""
    issued(patched, "2026-03-04T09:00:00Z")
    lines = (patched.home / "reminders.jsonl").read_text().splitlines()
    told = next(m for m in map(json.loads, lines) if m["kind"] == "early-review")
    ids = [event["id"] for event in patched.json("timeline", "Ms-Miller")]
    assert told["event"] in ids
    assert told["due_at"] == "2026-03-05T09:00:00Z"
    assert told["command"].startswith(f"tracker record review-completed {told['episode']}")


def test_messages_name_no_patient(patched: Tracker) -> None:
    """Neither the record number nor the client's reference goes out."""
    patched.clock.move_to("2026-03-06T09:00:00Z")
    said = patched.ok("scheduler", "tick") + (patched.home / "reminders.jsonl").read_text()
    assert "early-review" in said
    assert "MRN-4711" not in said
    assert "Miller" not in said


def test_the_file_is_its_owners_alone(patched: Tracker) -> None:
    """Nobody else on the machine reads reminders."""
    issued(patched, "2026-03-04T09:00:00Z")
    assert (patched.home / "reminders.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_channel_that_fails_is_told_and_stops_nobody(patched: Tracker) -> None:
    """The reminders are on record, the console has them, and the exit code tells."""
    (patched.home / "reminders.jsonl").mkdir()
    patched.clock.move_to("2026-03-04T09:00:00Z")
    result = patched.run("scheduler", "tick")
    assert result.exit_code == 1
    assert "early-review open" in result.stdout
    assert "2 sent, 0 dropped, 0 due, 0 held, 2 failing, 0 dead." in result.stderr


def test_one_episode_that_cannot_be_judged_stops_no_other(
    patched: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong with one, the others are served and it is named."""
    patched.ok("open", "--patient", "P2", "--reference", "second")
    patched.ok("record", "blood-patch-performed", "second")
    with Service.open(patched.location, system_clock) as service:
        broken, name = (ref := service.resolve("second")).uuid, ref.short_id
        judged = service.judge.status
        monkeypatch.setattr(service.judge, "status", lambda history, now: (
            1 / 0 if history[0].episode == broken else judged(history, now)
        ))  # fmt: skip
        patched.clock.move_to("2026-03-04T09:00:00Z")
        done = tick(service, system_clock())
    assert "early-review" in {told.kind for told in done.issued}
    assert [where for where, _ in done.failed] == [name]
    assert done.still_due == 1
    assert "1 episode still due" in patched.run("doctor").output


def test_the_status_tells_last_next_and_late(patched: Tracker) -> None:
    """When it ticked, what comes next, and what is late."""
    issued(patched, "2026-03-06T09:00:00Z")
    status = patched.json("scheduler", "status")
    assert status["last_tick"] == "2026-03-06T09:00:00Z"
    assert status["next_due"] == "2026-03-06T17:00:00Z"
    assert {late["kind"] for late in status["late"]} >= {"early-review"}
    beat = status["schedulers"][0]
    assert beat["issued"] + beat["skipped"] == len(status["late"])


def test_the_status_is_told_in_the_zones_people_live_in(patched: Tracker) -> None:
    """The tick in the configured zone, what is late in that of the patient; to the minute."""
    patched.ok("config", "--set", "time_zone=Asia/Tokyo")
    issued(patched, "2026-03-06T09:00:00Z")
    told = patched.ok("scheduler", "status")
    assert "Last tick: 2026-03-06 18:00 +09:00\n" in told
    assert "Next due:  2026-03-07 02:00 +09:00\n" in told
    assert "2026-03-05 09:00 +00:00" in told


def test_what_was_due_before_now_is_due_now(patched: Tracker) -> None:
    """An instant that has passed is not told as what comes next."""
    patched.clock.move_to("2026-03-06T09:00:00Z")
    told = patched.ok("scheduler", "status")
    assert "Next due:  now\n" in told
    assert patched.json("scheduler", "status")["next_due"] < "2026-03-06"


def test_every_kind_names_a_command_that_exists() -> None:
    """What a message tells to run can be run."""
    assert COMMANDS.keys() == builtin_protocol().reminders.keys()
    for command in COMMANDS.values():
        program, verb, *rest = command.split()
        assert (program, verb in main.list_commands(None)) == ("tracker", True)
        assert verb != "record" or rest[0] in EVENT_TYPES
