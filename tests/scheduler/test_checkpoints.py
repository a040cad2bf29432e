"""The scheduler signs how far the log goes, every so often, and sends it away."""

import email
import email.policy
import json
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from unittest import mock

import pytest

from scripts import verify_audit as independent
from tests.channels.conftest import direct
from tests.channels.servers import mail_server, web_server
from tests.channels.test_webhook import SECRET, genuine
from tests.scheduler.conftest import Tracker
from tracker.moving.checking import Lists

__all__ = ["direct"]

Receive = Callable[[Tracker, Path], tuple[str, str]]
TABLE = """
[checkpoint]
every_minutes = 60
key_file = "{key}"
directory = "{outside}"
channel = "auditor"
"""
CONFIG = (
    TABLE
    + """
[channels.auditor]
kind = "file"
path = "{sent}"
"""
)
MAIL = (
    TABLE
    + """to = "audit@hospital.example"

[channels.auditor]
kind = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
sender = "tracker@hospital.example"
"""
)
HOOK = (
    TABLE
    + """
[channels.auditor]
kind = "webhook"
url = "{url}"
secret_file = "hook.secret"
"""
)


def configured(patched: Tracker, tmp_path: Path, config: str, **told: object) -> Tracker:
    """Return a tracker with a key and a configuration."""
    places = {"key": tmp_path / "key", "outside": tmp_path / "outside", "sent": tmp_path / "sent"}
    places["outside"].mkdir()
    patched.ok("audit", "keygen", "--name", "hospital.example/ward", "--out", str(places["key"]))
    (patched.home / "config.toml").write_text(config.format(**places, **told))
    return patched


@pytest.fixture
def signing(patched: Tracker, tmp_path: Path) -> Tracker:
    """A tracker that is to sign every hour, into a directory and a file channel."""
    return configured(patched, tmp_path, CONFIG)


def kept(tmp_path: Path) -> list[str]:
    """Return the names of the checkpoints that are kept."""
    return sorted(file.name for file in (tmp_path / "outside").glob("*.checkpoint"))


def test_a_turn_signs_when_it_is_time(signing: Tracker, tmp_path: Path) -> None:
    """At once, and again after an hour; in between it does not."""
    signing.ok("scheduler", "tick")
    signing.clock.move_to("2026-03-03T09:30:00Z")
    signing.ok("scheduler", "tick")
    assert len(kept(tmp_path)) == 1
    signing.clock.move_to("2026-03-03T10:00:00Z")
    signing.ok("scheduler", "tick")
    assert len(kept(tmp_path)) == 2


def test_it_is_sent_as_it_is_kept(signing: Tracker, tmp_path: Path) -> None:
    """The whole note, in a message that names nobody."""
    signing.ok("scheduler", "tick")
    (line,) = (tmp_path / "sent").read_text().splitlines()
    sent, (name,) = json.loads(line), kept(tmp_path)
    assert (sent["kind"], sent["file"]) == ("checkpoint", name)
    assert sent["note"] == (tmp_path / "outside" / name).read_text()
    assert "MRN-4711" not in line


def by_mail(patched: Tracker, tmp_path: Path) -> tuple[str, str]:
    """Let a mail server take a checkpoint; return its name and what is kept of the mail."""
    with mail_server() as box:
        configured(patched, tmp_path, MAIL, port=box.port).ok("scheduler", "tick")
    (envelope,) = box.taken
    assert envelope.rcpt_tos == ["audit@hospital.example"]
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    name = str(mail["Subject"]).rpartition(", to be kept as ")[2]
    return name, mail.get_content()


def by_webhook(patched: Tracker, tmp_path: Path) -> tuple[str, str]:
    """Let a web server take a checkpoint; return its name and what the auditor keeps of it."""
    with web_server() as web:
        tracker = configured(patched, tmp_path, HOOK, url=web.url)
        (tracker.home / "hook.secret").write_text(SECRET)
        (tracker.home / "hook.secret").chmod(0o600)
        tracker.ok("scheduler", "tick")
    [(_, headers, body)] = web.asked
    assert genuine(headers, body)
    told = json.loads(body)["data"]
    return told["file"], told["note"]


@pytest.mark.parametrize("by", [by_mail, by_webhook])
def test_what_an_auditor_receives_verifies(patched: Tracker, tmp_path: Path, by: Receive) -> None:
    """The text of the mail, or what was posted, is saved as it is: both verifiers find a change."""
    name, note = by(patched, tmp_path)
    assert [name] == kept(tmp_path)
    received = tmp_path / "received.checkpoint"
    received.write_bytes(note.encode())
    assert note.splitlines() == (tmp_path / "outside" / name).read_text().splitlines()
    words = ("audit", "verify", "--checkpoint", str(received), "--public-key")
    key = str(tmp_path / "key.pub")
    (covered,) = patched.json(*words, key)["checkpoints"]
    assert covered["name"] == received.name
    patched.execute(f"DELETE FROM events WHERE position >= {covered['size']}", unguarded=True)
    result = patched.run(*words, key, "--format", "json")
    told = [fault["text"] for fault in json.loads(result.stdout)["faults"]]
    assert (result.exit_code, any(received.name in text for text in told)) == (6, True)
    key_of = independent.load_key(key)
    (theirs,), unsigned = independent.load_checkpoints([str(received)], [key_of])
    assert (theirs.events.size, unsigned) == (covered["size"], [])


def doctor(signing: Tracker) -> list[str]:
    """Return what the doctor says of checkpoints."""
    rows = json.loads(signing.run("doctor", "--format", "json").stdout)
    return [f"{row['state']}: {row['text']}" for row in rows if row["check"] == "checkpoints"]


def test_what_could_not_be_sent_is_sent_later(signing: Tracker, tmp_path: Path) -> None:
    """With the next turn, once, whether or not it is time for another; until then it is told."""
    (tmp_path / "sent").mkdir()  # no file can be written there
    assert signing.run("scheduler", "tick").exit_code == 1
    assert doctor(signing) == [
        "warning: the newest, of 2026-03-03 09:00Z, has not been sent by auditor"
    ]
    (tmp_path / "sent").rmdir()
    for _ in range(2):
        signing.ok("scheduler", "tick")
    (line,) = (tmp_path / "sent").read_text().splitlines()
    assert [json.loads(line)["file"]] == kept(tmp_path)
    assert doctor(signing) == ["ok: the newest, of 2026-03-03 09:00Z, is in its place"]


def test_the_doctor_tells_of_one_that_is_late(signing: Tracker) -> None:
    """None at all, or none for two turns."""
    assert doctor(signing) == ["warning: none is signed yet"]
    signing.ok("scheduler", "tick")
    signing.clock.move_to("2026-03-03T11:30:00Z")
    (told,) = doctor(signing)
    assert told.endswith("is older than two of its turns")


def cut_off(signing: Tracker) -> Tracker:
    """Take a tracker back to before its newest checkpoint, as a recovery does."""
    signing.ok("scheduler", "tick")
    signing.execute("DELETE FROM events WHERE position >= 2", unguarded=True)
    if signing.location.database_url is None:
        signing.execute("UPDATE sqlite_sequence SET seq = 1 WHERE name = 'events'")
    return signing


def test_the_doctor_says_that_none_can_be_signed_after_a_restore(signing: Tracker) -> None:
    """The newest knows what is lost: a new directory has to be begun."""
    cut_off(signing)
    signing.clock.move_to("2026-03-03T09:10:00Z")
    with mock.patch("tracker.moving.restored.mend_lists", return_value=Lists("same", 0)):
        signing.ok("db", "restored")
    rows = json.loads(signing.run("doctor", "--format", "json").stdout)
    (row,) = [row for row in rows if row["check"] == "checkpoints"]
    assert (row["state"], "knows what the restore lost" in row["text"]) == ("warning", True)
    assert "a new directory" in row["try"]


def test_the_doctor_fails_where_what_was_signed_is_gone_without_a_restore(
    signing: Tracker,
) -> None:
    """Then somebody has cut it off."""
    (told,) = doctor(cut_off(signing))
    assert told.startswith("failed: the newest, of 2026-03-03 09:00Z, knows another record")


def test_what_does_not_stand_up_is_not_signed(signing: Tracker, tmp_path: Path) -> None:
    """The turn fails and says so, and reminders go out all the same."""
    signing.ok("scheduler", "tick")
    change = "UPDATE events SET topic = 'patient-died' WHERE position = 2"
    signing.execute(change, unguarded=True)
    signing.clock.move_to("2026-03-03T11:00:00Z")
    result = signing.run("scheduler", "tick")
    assert result.exit_code == 1
    assert "No checkpoint was signed: nothing is signed, for the record does" in result.stderr
    assert len(kept(tmp_path)) == 1


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("every_minutes = 5", "every_minutes needs a directory"),
        ('key_file = "a"\nkey_env = "B"', "give key_file or key_env, not both"),
        ('channel = "nowhere"', "there is no channel 'nowhere'"),
        ('every_minutes = 5\ndirectory = "/nowhere/at/all"', "is not a directory"),
        ("key = 'PRIVATE+KEY+x'", "unknown field `key`"),
    ],
)
def test_a_configuration_that_cannot_work_is_named(patched: Tracker, table: str, said: str) -> None:
    """The place that is wrong, before any is missed."""
    (patched.home / "config.toml").write_text(f"[checkpoint]\n{table}\n")
    result = patched.run("scheduler", "tick")
    assert result.exit_code != 0
    assert said in result.stderr
