"""An erasure where nothing is encrypted: written past the program, it would hide an episode."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import verify_audit
from tests.audit.attacks import head, owned, rechain
from tests.audit.both import agreed, agreed_on_bundle
from tests.audit.conftest import Tracker
from tests.audit.test_sealed import sealed
from tracker.audit import exporting, stretches
from tracker.audit.walk import Walk
from tracker.store.sealing import ERASED

__all__ = ["sealed"]

pytestmark = pytest.mark.backends("sqlite")
STATE = (
    b'{"id":"%s","occurred_at":"2026-03-06T09:00:00Z","recorded_at":"2026-03-06T09:00:00Z",'
    b'"actor":"eve","source":"cli","schema":1,"data":{"reason":"r","second_person":"s"}}'
)


def erase_falsely(tracker: Tracker, id_: bytes = b"gone") -> int:
    """Append that the first episode was erased, in a chain that stands; return the position."""
    with owned(tracker.home / "tracker.sqlite") as db:
        position = head(db) + 1
        query = "SELECT max(version) + 1 FROM events WHERE episode_key = 1"
        (version,) = db.execute(query).fetchone()
        db.execute(
            "INSERT INTO events (position, episode_key, version, topic, state, hash)"
            " VALUES (?, 1, ?, ?, ?, ?)",
            (position, version, ERASED, STATE % id_, bytes(32)),
        )
        rechain(db)
    return position


@pytest.mark.parametrize("length", [1, 2, 100])
def test_a_false_erasure_is_found(
    patched: Tracker, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """Also where a stretch begins with it, or a part of the log; nothing less finds it."""
    monkeypatch.setattr(stretches, "LENGTH", length)
    position = erase_falsely(patched)
    patched.ok("open", "--patient", "MRN-9", "--reference", "other", "--time-zone", "UTC")
    for first in (None, 2, position):
        assert agreed(patched.home, (), first, None).faults == [("events", position, "erased")]
    monkeypatch.setattr(Walk, "_keep_sealed", lambda *_: True)
    assert patched.run("audit", "verify").exit_code == 0


def test_both_programs_end_with_the_code_of_an_audit_that_failed(patched: Tracker) -> None:
    """And name the position."""
    position = erase_falsely(patched)
    command = [sys.executable, verify_audit.__file__, str(patched.home), "--json"]
    theirs = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = patched.run("audit", "verify", "--format", "json")
    assert (theirs.returncode, ours.exit_code) == (6, 6)
    for told in (theirs.stdout, ours.stdout):
        (fault,) = json.loads(told)["faults"]
        assert (fault["part"], fault["position"], fault["code"]) == ("events", position, "erased")


@pytest.mark.parametrize("what", ["--all", "episode"])
def test_a_bundle_of_a_false_erasure_is_found(
    patched: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Of everything and of the one episode."""
    name = what if what == "--all" else str(patched.json("show", "Ms-Miller")["uuid"])
    position = erase_falsely(patched)
    monkeypatch.setattr(exporting, "ensure", lambda *_: None)
    out = tmp_path / "bundle"
    patched.ok("audit", "export", name, "--unsigned", "--out", str(out))
    assert agreed_on_bundle(out).faults == [("events", position, "erased")]


@pytest.mark.parametrize("length", [1, 2, 100])
def test_a_true_erasure_stands(
    sealed: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """Of a patient with two episodes, wherever a stretch or a part of the log begins."""
    monkeypatch.setattr(stretches, "LENGTH", length)
    sealed.ok("open", "--patient", "MRN-1", "--another", "again", "--time-zone", "UTC")
    sealed.ok("erase", "MRN-1", "--reason", "r", "--second-person", "Dr. Bell", "--yes")
    sealed.ok("record", "patient-mobilized", "MRN-2")
    for first in range(1, 9):
        assert agreed(sealed.home, (), first, None).stands
    for what in ("--all", str(sealed.json("audit", "reconcile", "--all")["erased"][0])):
        out = tmp_path / what.strip("-")
        sealed.ok("audit", "export", what, "--unsigned", "--out", str(out))
        assert agreed_on_bundle(out).stands


def test_a_plain_event_after_an_erasure_is_found(sealed: Tracker) -> None:
    """Also by who begins right behind the erasure: what was erased had been encrypted."""
    sealed.ok("erase", "MRN-1", "--reason", "r", "--second-person", "Dr. Bell", "--yes")
    with owned(sealed.home / "tracker.sqlite") as db:
        position = head(db) + 1
        state = STATE % b"plain"
        values = (position, "patient-mobilized", state, bytes(32))
        db.execute(
            "INSERT INTO events (position, episode_key, version, topic, state, hash)"
            " VALUES (?, 2, 3, ?, ?, ?)",
            values,
        )
        rechain(db)
    for first in (None, position - 1, position):
        assert agreed(sealed.home, (), first, None).faults == [("events", position, "plain")]
