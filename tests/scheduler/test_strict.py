"""A configuration that is wrong: who sends refuses it, and what is recorded is recorded."""

import pytest

from tests.scheduler.conftest import Tracker

WRONG = {
    "recipient": "[[recipient]]\nchannel = 'file'\n",
    "quiet-hours": "[quiet-hours]\ndefault = '22:00-07:00'\n",
}
COMMANDS = [
    ("scheduler", "tick"),
    ("scheduler", "tick", "--dry-run"),
    ("scheduler", "run"),
    ("scheduler", "status"),
    ("channels", "list"),
    ("channels", "test", "file"),
    ("outbox", "list"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("key", WRONG)
def test_a_key_that_is_unknown_is_refused(patched: Tracker, key: str, command) -> None:
    """By everything that sends or looks at what is sent; it names the key and what was meant."""
    (patched.home / "config.toml").write_text(WRONG[key])
    code, told = patched.refused(*command)
    assert (code, f"unknown key '{key}'" in told, "did you mean" in told) == (2, True, True)


def test_doctor_names_the_key(patched: Tracker) -> None:
    """It looks at everything else, too."""
    (patched.home / "config.toml").write_text(WRONG["recipient"])
    done = patched.run("doctor")
    assert done.exit_code == 1
    assert "unknown key 'recipient'" in done.output


def test_what_is_urgent_is_recorded_and_says_that_nobody_was_told(patched: Tracker) -> None:
    """The fact is safe and answered; who records it hears that no scheduler tells anybody."""
    (patched.home / "config.toml").write_text(WRONG["recipient"])
    done = patched.run("record", "symptoms-recorded", "Ms-Miller", "--present", "seizure")
    assert done.exit_code == 0
    assert "symptoms-recorded" in done.stdout
    assert "NOBODY WAS TOLD, and no scheduler tells anybody" in done.stderr
    assert "unknown key 'recipient'" in done.stderr


def test_an_episode_is_opened_whatever_the_channels_are(patched: Tracker) -> None:
    """Nobody is turned away for a key of something else; it warns, and takes the defaults."""
    (patched.home / "config.toml").write_text("coordinator = 'anna'\n" + WRONG["recipient"])
    done = patched.run("open", "--patient", "MRN-2", "--time-zone", "UTC")
    assert done.exit_code == 0
    assert "Nobody can be told" in done.stderr
    assert "unknown key 'recipient'" in done.stderr
    rows = patched.json("find", "MRN-2")
    assert len(rows) == 1
