"""What commands around reminders answer is so: who was told, what is skipped, what fails."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.channels.servers import web_server
from tests.scheduler.conftest import Tracker
from tracker.channels.base import DeliveryError
from tracker.channels.webhook import WebhookChannel

pytestmark = pytest.mark.backends("sqlite")
HOOK = """
[channels.hook]
kind = "webhook"
url = "http://127.0.0.1:9/x"
secret_env = "HOOK_SECRET"
[[recipients]]
channel = "hook"
[scheduler]
fallback = "file"
"""
MAIL = """
[channels.mail]
kind = "smtp"
host = "127.0.0.1"
security = "none"
sender = "tracker@example.org"
[[recipients]]
channel = "mail"
to = "anna@example.org"
[[recipients]]
channel = "mail"
to = "ben@example.org"
"""
CAUDA = ("symptoms-recorded", "Ms-Miller", "--present", "seizure")


def configure(tracker: Tracker, text: str) -> None:
    """Write the site's configuration."""
    tracker.environ["HOOK_SECRET"] = "0123456789abcdef"
    (tracker.home / "config.toml").write_text(text)


def refuse(*_: object) -> None:
    """Refuse a message for good."""
    raise DeliveryError("no such hook", temporary=False)


@pytest.fixture
def refused(patched: Tracker, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a record says when its own channel gives the message up and the fallback takes it."""
    monkeypatch.setattr(WebhookChannel, "send", refuse)
    configure(patched, HOOK)
    return patched.run("record", *CAUDA).stderr


def test_who_got_it_is_named(patched: Tracker, refused: str) -> None:
    """Nobody is told that nobody was told where the fallback was."""
    assert "Not told by hook; told by file." in refused
    assert "NOBODY" not in refused


def test_a_message_that_was_given_up_names_the_other_way(patched: Tracker, refused: str) -> None:
    """Whoever looks at it sees that the fallback has it."""
    (row,) = patched.json("outbox", "list", "--state", "dead")
    assert "Also by:" in patched.ok("outbox", "show", row["id"])
    (way,) = patched.json("outbox", "show", row["id"])["other_ways"]
    assert (way["channel"], way["standing"]) == ("file", "delivered")


def test_a_test_names_those_whom_it_did_not_try(patched: Tracker) -> None:
    """And how to."""
    configure(patched, MAIL)
    said = patched.run("channels", "test", "mail").stderr
    assert "Not tried: ben@example.org" in said
    assert "--to ADDRESS" in said


def test_what_was_dropped_for_a_later_one_is_counted(patched: Tracker) -> None:
    """Of two notices of one reminder one goes, and the tick says so of the other."""
    configure(patched, "[quiet_hours]\ndefault = '09:00-23:00'\n")
    for time in ("2026-03-03T11:00:00Z", "2026-03-04T09:00:01Z", "2026-03-05T00:00:00Z"):
        patched.clock.move_to(time)
        done = patched.run("scheduler", "tick", "--format", "json")
    dropped = patched.json("outbox", "list", "--state", "dropped")
    assert dropped
    assert json.loads(done.stdout)["dropped"] == len(dropped)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('ping_url_env = "NO_SUCH_VARIABLE"', "the environment has no NO_SUCH_VARIABLE"),
        ('ping_url = "http://127.0.0.1:9/x"', "did not answer"),
    ],
)
def test_a_ping_address_that_cannot_be_asked_is_said(patched: Tracker, text: str, said: str):
    """By the tick, and doctor looks whether anybody is there."""
    configure(patched, f"[scheduler]\n{text}\n")
    assert said in patched.run("scheduler", "tick").stderr
    found = {row["check"]: row for row in json.loads(
        patched.run("doctor", "--format", "json").stdout)}  # fmt: skip
    assert found["ping"]["state"] == "warning"


def test_doctor_asks_a_ping_address_for_nothing(patched: Tracker) -> None:
    """To ask would tell it of a good turn."""
    with web_server((200, {})) as web:
        configure(patched, f'[scheduler]\nping_url = "{web.url}"\n')
        rows = json.loads(patched.run("doctor", "--format", "json").stdout)
        asked = list(web.asked)
    assert {row["state"] for row in rows if row["check"] == "ping"} == {"ok"}
    assert asked == []


def imported(tracker: Tracker, tmp_path: Path, *options: str) -> tuple[str, dict[str, Any]]:
    """Import two old dangers, one before the other; return what is answered, and as data."""
    lines = [
        {"episode": name, "id": "x1", "event": "symptoms-recorded",
         "occurred_at": f"{day}T09:00:00Z", "data": {"present": ["seizure"]}}
        for name, day in (("early", "2026-01-01"), ("late", "2026-02-20"))
    ]  # fmt: skip
    file = tmp_path / "lines.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    data = tracker.json("import", "--dry-run", *options, str(file))
    return tracker.ok("import", *options, str(file)), data


def test_an_import_names_what_is_urgent_and_not_told(patched: Tracker, tmp_path: Path) -> None:
    """What nobody acknowledged and nobody is told of is no mere count."""
    answer, data = imported(patched, tmp_path)
    assert "URGENT among those" in answer
    assert data["silent_urgent"] == ["early", "late"]


def test_an_import_says_since_when_it_reminds(patched: Tracker, tmp_path: Path) -> None:
    """It does not advise an option that was given, and counts what it issues."""
    answer, data = imported(patched, tmp_path, "--remind-since", "2026-02-01T00:00Z")
    assert "overdue already before 2026-02-01T00:00Z" in answer
    assert "given with the import" not in answer
    assert f"{data['due_reminders']} reminders will be issued" in answer
    assert data["silent_urgent"] == ["early"]


def test_an_unknown_name_has_an_empty_calendar_and_is_told_so(patched: Tracker) -> None:
    """A slip of the finger is no day off."""
    patched.ok("assign", "Ms-Miller", "annabel")
    done = patched.run("calendar", "--coordinator", "annabell")
    assert done.exit_code == 0
    assert "did you mean annabel?" in done.stderr
    assert patched.run("calendar", "--coordinator", "annabel").stderr == ""
