"""What is urgent is told at once, by the command or the import that records it."""

import json
from pathlib import Path

import pytest

from tests.scheduler.conftest import Tracker
from tracker.reminders import urgent

CAUDA = ("symptoms-recorded", "Ms-Miller", "--present", "neurological-deficit")


def told(home: Path) -> list[str]:
    """Return the kinds in the file of reminders."""
    file = home / "reminders.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [json.loads(line)["kind"] for line in lines]


def test_a_command_tells_at_once(patched: Tracker) -> None:
    """No tick is needed, and the next one says nothing more of it."""
    result = patched.run("record", *CAUDA)
    assert result.exit_code == 0
    assert "complication-review" in result.stderr
    assert told(patched.home) == ["complication-review"]
    patched.ok("scheduler", "tick")
    assert told(patched.home).count("complication-review") == 1


def test_json_stays_one_document(patched: Tracker) -> None:
    """The console channel talks on stderr."""
    assert patched.json("record", *CAUDA)["urgent"]


def test_what_is_not_urgent_waits_for_the_tick(patched: Tracker) -> None:
    """A headache that is no danger sign tells nobody."""
    patched.ok("record", "headache-assessed", "Ms-Miller", "--posture", "orthostatic")
    assert told(patched.home) == []


def test_an_import_tells_at_once(patched: Tracker, tmp_path: Path) -> None:
    """Also what another system delivers."""
    line = {
        "episode": "Ms-Miller", "id": "x1", "event": "symptoms-recorded",
        "occurred_at": "2026-03-03T09:00:00Z", "data": {"present": ["neurological-deficit"]},
    }  # fmt: skip
    file = tmp_path / "lines.jsonl"
    file.write_text(json.dumps(line) + "\n")
    patched.ok("import", str(file))
    assert told(patched.home) == ["complication-review"]


def test_failing_to_tell_never_fails_the_record(
    patched: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fact is recorded, the person hears of it, and the next tick tells."""
    with monkeypatch.context() as broken:
        broken.setattr(urgent, "tell", lambda *_: 1 / 0)
        result = patched.run("record", *CAUDA)
    assert (result.exit_code, "nobody could be told" in result.stderr) == (0, True)
    assert told(patched.home) == []
    patched.ok("scheduler", "tick")
    assert "complication-review" in told(patched.home)


@pytest.mark.parametrize(
    ("text", "said"), [("[channels.x]\nkind = 'pigeon'\n", "kind"), ("[channels\n", "config.toml")]
)
def test_a_broken_configuration_never_fails_the_record(
    patched: Tracker, text: str, said: str
) -> None:
    """It is said what is wrong with it."""
    (patched.home / "config.toml").write_text(text)
    result = patched.run("record", *CAUDA)
    assert (result.exit_code, said in result.stderr) == (0, True)


def test_a_message_that_is_given_up_is_not_promised_again(patched: Tracker) -> None:
    """Whoever recorded what is urgent learns that nobody was told."""
    (patched.home / "config.toml").write_text(
        'time_zone = "UTC"\n[channels.hook]\nkind = "webhook"\nurl = "http://127.0.0.1:9/"\n'
        'secret_env = "HOOK_SECRET"\n[[recipients]]\nchannel = "hook"\n'
        "[scheduler]\nmax_attempts = 1\n"
    )
    patched.environ["HOOK_SECRET"] = "s" * 40
    result = patched.run("record", *CAUDA)
    assert result.exit_code == 0
    assert "NOBODY WAS TOLD by hook" in result.stderr
    assert "will be tried again" not in result.stderr
