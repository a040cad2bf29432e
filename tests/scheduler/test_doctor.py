"""`tracker doctor` and `tracker scheduler status` while messages do not get out."""

import json

import pytest

from tests.scheduler.conftest import Tracker
from tracker.cli.session import clock
from tracker.service import Service

CAUDA = ("symptoms-recorded", "Ms-Miller", "--present", "neurological-deficit")
NO_MAIL = """
[channels.mail]
kind = "smtp"
host = "127.0.0.1"
port = 1
security = "none"
sender = "tracker@example.org"
timeout_seconds = 1
[[recipients]]
channel = "mail"
to = "ward@example.org"
"""


@pytest.fixture
def mute(patched: Tracker) -> Tracker:
    """A ward whose only channel is a mail server that is down, and that has an emergency."""
    (patched.home / "config.toml").write_text(NO_MAIL)
    patched.ok("record", *CAUDA)
    patched.run("scheduler", "tick")
    return patched


def test_every_channel_that_cannot_be_used_is_named(patched: Tracker) -> None:
    """Whoever mends one need not ask again to hear of the next."""
    hook = '[channels.{}]\nkind = "webhook"\nurl = "https://a.example/"\nsecret_env = "NONE"\n'
    (patched.home / "config.toml").write_text(hook.format("one") + hook.format("other"))
    texts = [text for state, text in found(patched, "config") if state == "failed"]
    assert ["channels.one" in texts[0], "channels.other" in texts[1]] == [True, True], texts


def found(tracker: Tracker, check: str) -> list[tuple[str, str]]:
    """Return state and words of the rows of one check."""
    rows = json.loads(tracker.run("doctor", "--format", "json").stdout)
    return [(row["state"], row["text"]) for row in rows if row["check"] == check]


def test_a_channel_that_fails_is_a_warning_at_first(mute: Tracker) -> None:
    """It names the channel, since when, and the next try; it exits 0."""
    ((state, text),) = found(mute, "outbox")
    assert (state, text[:34]) == ("warning", "mail: failing since 2026-03-03 09:")
    assert "next try at" in text


def test_an_urgent_message_that_does_not_get_out_is_a_failure(mute: Tracker) -> None:
    """After five minutes; what to do is beside it."""
    mute.clock.move_to("2026-03-03T09:05:01Z")
    assert ("failed", "an urgent message has not got out since 2026-03-03 09:00 +00:00") in found(
        mute, "outbox"
    )
    result = mute.run("doctor")
    assert (result.exit_code, "tell them yourself" in result.stdout) == (1, True)


def test_doctor_quotes_no_receiver(mute: Tracker) -> None:
    """Its words may go to a log; the status, for the person who asks, has the error."""
    assert "refused" not in mute.run("doctor").output
    assert "refused" in mute.ok("scheduler", "status")


def test_the_status_has_the_channel_the_alarm_and_what_to_do(mute: Tracker) -> None:
    """In words, and as data."""
    mute.clock.move_to("2026-03-03T09:06:00Z")
    told = mute.ok("scheduler", "status")
    assert "ALARM:     an urgent message has not got out" in told
    assert "Try: tracker channels test mail" in told
    status = mute.json("scheduler", "status")
    assert [alarm["alarm"] for alarm in status["alarms"]] == ["urgent-late"]
    assert [one["channel"] for one in status["outbox"]["channels"]] == ["mail"]
    assert status["outbox"]["failing"] >= 1


def test_a_file_that_is_no_toml_is_one_failure_among_the_checks(mute: Tracker) -> None:
    """The reason and what to do; everything else is still looked at."""
    (mute.home / "config.toml").write_text("[channels\n")
    mute.clock.move_to("2026-03-03T09:06:00Z")
    result = mute.run("doctor", "--format", "json")
    rows = {row["check"]: row for row in json.loads(result.stdout)}
    assert (result.exit_code, rows["config"]["state"]) == (1, "failed")
    assert "config.toml" in rows["config"]["text"]
    assert "mend" in rows["config"]["try"]
    assert (rows["log"]["state"], rows["outbox"]["state"]) == ("ok", "failed")


def test_a_level_that_nobody_is_named_for_is_a_warning(mute: Tracker) -> None:
    """Beside what is to be written."""
    rows = found(mute, "recipients")
    assert {state for state, _ in rows} == {"warning"}
    assert any("nobody is named for level 1" in text for _, text in rows)


def test_whom_reminders_go_to_without_a_configuration_is_told(patched: Tracker) -> None:
    """Nothing is wrong with that."""
    ((state, text),) = found(patched, "recipients")
    assert (state, "reminders.jsonl" in text) == ("ok", True)


def ticked(tracker: Tracker, name: str, time: str) -> None:
    """Let a scheduler that stays tick at a time."""
    tracker.clock.move_to(time)
    with Service.open(tracker.location, clock) as service:
        service.ticked(clock(), name, {}, every=60)


def test_a_scheduler_that_is_lost_is_a_warning_long_before_the_silence(patched: Tracker) -> None:
    """Unless another one stands in for it."""
    ticked(patched, "one", "2026-03-03T09:00:00Z")
    patched.clock.move_to("2026-03-03T09:04:00Z")
    assert found(patched, "scheduler")[0] == (
        "warning", "one is lost: no tick since 2026-03-03 09:00 +00:00",
    )  # fmt: skip
    ticked(patched, "two", "2026-03-03T09:04:00Z")
    assert [state for state, _ in found(patched, "scheduler")] == ["ok"]
