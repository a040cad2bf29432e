"""What is urgent is told at once, by the command or the import that records it."""

import datetime
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.channels.servers import web_server
from tests.scheduler.conftest import Tracker
from tests.scheduler.test_run import COMMAND
from tracker.cli.session import clock
from tracker.outbox.attempt import Attempt
from tracker.outbox.deliver import Pace
from tracker.reminders import urgent
from tracker.service import Service

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
        broken.setattr(urgent, "issue", lambda *_: 1 / 0)
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


def hooked(patched: Tracker, url: str, more: str = "") -> None:
    """Let everybody be told by a webhook."""
    (patched.home / "config.toml").write_text(
        f'time_zone = "UTC"\n[channels.hook]\nkind = "webhook"\nurl = "{url}"\n'
        f'secret_env = "HOOK_SECRET"\n[[recipients]]\nchannel = "hook"\n{more}'
    )
    patched.environ["HOOK_SECRET"] = "s" * 40


def test_a_message_that_is_given_up_is_not_promised_again(patched: Tracker) -> None:
    """Whoever recorded what is urgent learns that nobody was told."""
    with web_server((422, {})) as web:
        hooked(patched, web.url)
        result = patched.run("record", *CAUDA)
    assert result.exit_code == 0
    assert "NOBODY WAS TOLD by hook" in result.stderr
    assert "left to the scheduler" not in result.stderr


def test_what_nobody_gets_goes_to_the_fallback(patched: Tracker) -> None:
    """At once when it is refused for good, so that it is somewhere."""
    with web_server((422, {})) as web:
        hooked(patched, web.url, '[scheduler]\nfallback = "file"\n')
        patched.ok("record", *CAUDA)
    assert told(patched.home) == ["complication-review"]


def test_a_receiver_that_hangs_does_not_hold_up_the_person(
    patched: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message is left to the scheduler, free at once, and the person is told."""
    monkeypatch.setattr(urgent, "COMMAND", replace(urgent.COMMAND, one_send=0.2))
    with web_server("hang") as web:
        hooked(patched, web.url)
        result = patched.run("record", *CAUDA)
        assert "left to the scheduler: not done within 0.2 s" in result.stderr
        assert "NO SCHEDULER IS AT WORK" in result.stderr
        patched.clock.tick(2)
        patched.ok("scheduler", "tick")
    assert "complication-review" in str(web.asked[1])


def test_twin_at_a_schedulers_pace_it_waits(
    patched: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the short bound the command hangs with its receiver."""
    monkeypatch.setattr(urgent, "COMMAND", Pace())
    with web_server("hang") as web:
        hooked(patched, web.url)
        recording = Attempt(lambda: patched.run("record", *CAUDA))
        assert not recording.wait(1, lambda: False, 0)
        web.over.set()
        assert recording.wait(20, lambda: False, 0)


def test_who_lacks_a_secret_is_told_so(patched: Tracker) -> None:
    """In one line, which says what is missing and who sends it."""
    hooked(patched, "http://127.0.0.1:9/")
    patched.environ["HOOK_SECRET"] = None
    patched.clock.tick(1)
    patched.run("scheduler", "tick")
    said = patched.run("record", *CAUDA).stderr.splitlines()
    (line,) = (text for text in said if "hook" in text)
    assert "left to the scheduler" in line
    assert "the environment has no HOOK_SECRET" in line


def test_the_answer_comes_before_anything_is_sent(patched: Tracker) -> None:
    """Killed while it sends, a command has said what it recorded, and the scheduler tells."""
    with web_server("hang", "hang") as web:
        hooked(patched, web.url)
        running = patched.started(*COMMAND, "record", *CAUDA)
        assert running.stdout is not None
        first = running.stdout.readline()
        while not web.asked:
            assert running.poll() is None
        running.kill()
        running.communicate()
    assert "Recorded symptoms-recorded" in first
    with Service.open(patched.location, clock) as service:
        newest = service.history(service.resolve("Ms-Miller").uuid)[-1].recorded_at
    with web_server() as web:
        hooked(patched, web.url)
        patched.clock.move_to(newest + datetime.timedelta(minutes=1, seconds=1))
        patched.ok("scheduler", "tick")
        assert "complication-review" in str([body for _, _, body in web.asked])
