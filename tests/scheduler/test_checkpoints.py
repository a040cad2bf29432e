"""The scheduler signs how far the log goes, every so often, and sends it away."""

import json
from pathlib import Path

import pytest

from tests.scheduler.conftest import Tracker

CONFIG = """
[checkpoint]
every_minutes = 60
key_file = "{key}"
directory = "{outside}"
channel = "auditor"

[channels.auditor]
kind = "file"
path = "{sent}"
"""


@pytest.fixture
def signing(patched: Tracker, tmp_path: Path) -> Tracker:
    """A tracker that is to sign every hour, into a directory and a file channel."""
    places = {"key": tmp_path / "key", "outside": tmp_path / "outside", "sent": tmp_path / "sent"}
    places["outside"].mkdir()
    patched.ok("audit", "keygen", "--name", "hospital.example/ward", "--out", str(places["key"]))
    (patched.home / "config.toml").write_text(CONFIG.format(**places))
    return patched


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
