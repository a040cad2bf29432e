"""The clock: a tick refuses one that is behind, and takes a jump ahead for an outage."""

import pytest

from tests.scheduler.conftest import Tracker
from tracker.reminders import clocks
from tracker.reminders.clocks import Newest
from tracker.service import Service


@pytest.mark.parametrize("back", ["2026-03-03T08:00:00Z", "2026-03-02T09:00:00Z",
                                  "2025-03-03T09:00:00Z"])  # fmt: skip
def test_a_clock_that_went_back_is_refused(patched: Tracker, back: str) -> None:
    """By an hour, a day, a year: nothing is issued, and it says why."""
    patched.clock.move_to(back)
    code, told = patched.refused("scheduler", "tick")
    assert (code, "behind" in told, "2026-03-03 09:00:00Z" in told) == (1, True, True)
    assert patched.json("scheduler", "status")["last_tick"] is None


def test_clocks_that_differ_a_little_are_not(patched: Tracker) -> None:
    """Five minutes unless the site says otherwise."""
    patched.clock.move_to("2026-03-03T08:55:00Z")
    patched.ok("scheduler", "tick")
    patched.clock.move_to("2026-03-03T08:54:59Z")
    assert patched.refused("scheduler", "tick")[0] == 1
    (patched.home / "config.toml").write_text("[scheduler]\nclock_tolerance_minutes = 10\n")
    patched.ok("scheduler", "tick")


def test_who_knows_that_the_clock_is_right_can_say_so(patched: Tracker) -> None:
    """One event from a clock that was ahead must not stop reminders for ever."""
    patched.clock.move_to("2027-03-03T09:00:00Z")
    patched.ok("record", "headache-assessed", "Ms-Miller", "--posture", "none")
    patched.clock.move_to("2026-03-04T09:00:00Z")
    assert patched.refused("scheduler", "tick")[0] == 1
    issued = patched.json("scheduler", "tick", "--trust-clock")["issued"]
    assert "early-review" in {told["kind"] for told in issued}


def test_the_event_that_is_ahead_is_named_wherever_it_shows(patched: Tracker) -> None:
    """Which one, of whom and by whom, at the tick, in the status and by the doctor; on record."""
    patched.clock.move_to("2027-03-03T09:00:00Z")
    recorded = patched.json("record", "headache-assessed", "Ms-Miller", "--posture", "none")
    position = patched.json("projections", "status")["head"]
    patched.clock.move_to("2026-03-04T09:00:00Z")
    who = patched.json("show", "Ms-Miller")["events"][-1]["actor"]
    named = f"(position {position}, {recorded['episode']}, by {who})"
    assert named in patched.refused("scheduler", "tick")[1]
    (alarm,) = [
        a for a in patched.json("scheduler", "status")["alarms"] if a["alarm"] == "event-ahead"
    ]
    assert (named in alarm["text"], "--trust-clock" in alarm["hint"]) == (True, True)
    told = patched.run("doctor").stdout
    assert named in " ".join(told.split())
    looks = patched.json("audit", "access", recorded["episode"])
    commands = {look["command"] for look in looks}
    assert commands >= {"scheduler tick", "scheduler status", "doctor"}


def test_a_clock_that_was_said_to_be_right_raises_no_alarm(patched: Tracker) -> None:
    """Once it was said, the time that is still to come is known to be wrong."""
    patched.clock.move_to("2027-03-03T09:00:00Z")
    patched.ok("record", "headache-assessed", "Ms-Miller", "--posture", "none")
    patched.clock.move_to("2026-03-04T09:00:00Z")
    patched.run("scheduler", "tick", "--trust-clock")
    alarms = patched.json("scheduler", "status")["alarms"]
    assert "event-ahead" not in {alarm["alarm"] for alarm in alarms}


@pytest.mark.parametrize("ahead", ["2026-03-04T10:00:00Z", "2027-03-04T09:00:00Z"])
def test_a_jump_ahead_is_an_outage(patched: Tracker, ahead: str) -> None:
    """By a day, by a year: what fell due goes out late and at once."""
    patched.ok("scheduler", "tick")
    patched.clock.move_to(ahead)
    assert patched.json("scheduler", "tick")["away_seconds"] > 6 * 3600


def test_a_tick_that_was_told_nothing_of_its_clock_never_trusts_it(
    patched: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if another clock, ahead of it, records just when the tick has looked."""
    newest = clocks.newest

    def overtaken(service: Service) -> Newest | None:
        racing.undo()
        found = newest(service)
        patched.clock.move_to("2027-03-03T09:00:00Z")
        patched.ok("record", "headache-assessed", "Ms-Miller", "--posture", "none")
        patched.clock.move_to("2026-03-04T09:00:00Z")
        return found

    patched.clock.move_to("2026-03-04T09:00:00Z")
    with monkeypatch.context() as racing:
        racing.setattr(clocks, "newest", overtaken)
        patched.run("scheduler", "tick")
    code, told = patched.refused("scheduler", "tick")
    assert (code, "behind" in told) == (1, True)
