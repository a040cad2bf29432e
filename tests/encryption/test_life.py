"""An encrypted tracker as people use it: sealed, erased, its keys lost and brought back."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import MetaData, select, text

from tests.cli.conftest import Tracker
from tracker.store import sequence
from tracker.store.chain import Broken, first_broken
from tracker.store.database import open_database

PATIENT, OTHER = "MRN-4711", "MRN-8802"
NOTE = "fell in the shower"


ON_FILES = pytest.mark.backends("sqlite")
"""Of a tracker whose keys are in a file of their own."""


@pytest.fixture
def ward(tracker: Tracker, tmp_path: Path) -> Tracker:
    """An encrypted tracker with two patients, and time standing still."""
    tracker.environ["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    tracker.ok("init", "--encrypt", "--master-key", f"file:{tmp_path / 'master.key'}")
    for patient in (PATIENT, OTHER):
        tracker.ok("open", "--patient", patient, "--coordinator", "ann")
        name = name_of(tracker, patient)
        tracker.ok("record", "surgery-performed", name, "--at", "3d ago")
        tracker.ok("record", "symptoms-recorded", name, "--note", NOTE)
    return tracker


def name_of(tracker: Tracker, patient: str) -> str:
    """Return the short id of a patient's episode."""
    return str(tracker.json("find", patient)[0]["episode"])


def first_broken_of(tracker: Tracker) -> Broken | None:
    """Return where the chain of a tracker is broken, without any key."""
    with open_database(tracker.location) as database, database.reading() as conn:
        return first_broken(sequence.links(conn))


def held(tracker: Tracker, *texts: str) -> set[str]:
    """Return which texts are in any file of a tracker, or in any row of its server."""
    kept = [path.read_bytes() for path in tracker.home.rglob("*") if path.is_file()]
    if tracker.location.database_url is not None:
        kept += rows_of(tracker)
    return {text for text in texts if any(text.encode() in content for content in kept)}


def rows_of(tracker: Tracker) -> list[bytes]:
    """Return everything that is in the tables of a tracker, each value as its bytes."""
    there = MetaData()
    with open_database(tracker.location) as database, database.reading() as conn:
        there.reflect(conn)
        rows = [row for table in there.sorted_tables for row in conn.execute(select(table))]
    values = [value for row in rows for value in row]
    return [bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in values]


def test_no_file_tells_who(ward: Tracker) -> None:
    """Neither names nor notes are in any file or table, and people see them as ever."""
    assert held(ward, PATIENT, OTHER, NOTE) == set()
    assert PATIENT in ward.ok("worklist")
    assert NOTE in ward.ok("timeline", name_of(ward, PATIENT))


def test_a_plain_tracker_does(tracker: Tracker) -> None:
    """The search finds what an ordinary tracker keeps: it could have found it."""
    tracker.ok("open", "--patient", PATIENT)
    assert held(tracker, PATIENT) == {PATIENT}


def test_found_whole(ward: Tracker) -> None:
    """A patient is found by the whole number and not by a part of it, which is said."""
    assert PATIENT in ward.ok("find", PATIENT)
    result = ward.run("find", PATIENT[:6])
    assert "whole" in result.stderr


def test_one_open_episode_of_a_patient(ward: Tracker) -> None:
    """A second episode of a patient asks for a reason, as in any tracker."""
    assert ward.run("open", "--patient", PATIENT).exit_code == 4


def test_rebuilt_alike(ward: Tracker) -> None:
    """Rebuilt rows equal the live ones, sealed names included."""
    assert ward.run("projections", "rebuild", "--verify").exit_code == 0


def test_erased(ward: Tracker) -> None:
    """Of an erased patient the shape is left; the other patient is as before."""
    name = name_of(ward, PATIENT)
    ward.ok("erase", PATIENT, "--reason", "asked for", "--second-person", "bob", "--yes")
    shown = json.loads(ward.ok("show", name, "--format", "json"))
    assert (shown["stage"], shown["patient"], shown["reminders"]) == ("closed", None, [])
    assert [event["event"] for event in shown["events"]] == ["episode-erased"]
    assert "surgery-performed" in ward.run("timeline", name).stderr
    assert NOTE in ward.ok("timeline", name_of(ward, OTHER))


def wrapped_keys(tracker: Tracker) -> list[bytes]:
    """Return the keys of patients as they are kept."""
    place = tracker.location
    if place.database_url is None:
        with closing(sqlite3.connect(place.home / "keys.sqlite")) as keys:
            return [row[0] for row in keys.execute("SELECT wrapped FROM patient_keys")]
    with open_database(place) as database, database.reading() as conn:
        return [bytes(row[0]) for row in conn.execute(text("SELECT wrapped FROM patient_keys"))]


def test_erased_for_good(ward: Tracker) -> None:
    """No file or table holds the keys of an erased patient, wrapped or not."""
    wrapped = wrapped_keys(ward)
    assert len(wrapped) == 2
    ward.ok("erase", PATIENT, "--reason", "asked for", "--second-person", "bob", "--yes")
    kept = [path.read_bytes() for path in ward.home.rglob("*") if path.is_file()]
    kept += rows_of(ward)
    left = [key for key in wrapped if any(key in content for content in kept)]
    assert len(left) == 1  # the other patient's


def test_erased_leaves_the_chain_whole(ward: Tracker) -> None:
    """The log of a tracker with an erased patient still verifies, and its rows are rebuilt."""
    ward.ok("erase", PATIENT, "--reason", "asked for", "--second-person", "bob", "--yes")
    assert first_broken_of(ward) is None
    assert ward.run("projections", "rebuild", "--verify").exit_code == 0


def test_nothing_follows_an_erasure(ward: Tracker) -> None:
    """In an erased episode nothing can be recorded."""
    name = name_of(ward, PATIENT)
    ward.ok("erase", PATIENT, "--reason", "asked for", "--second-person", "bob", "--yes")
    result = ward.run("record", "headache-assessed", name)
    assert result.exit_code == 4
    assert "erased" in result.stderr


def test_two_people_erase(ward: Tracker) -> None:
    """Nobody erases alone."""
    result = ward.run("erase", PATIENT, "--reason", "r", "--second-person", "anna", "--yes")
    assert result.exit_code == 4
    assert PATIENT in ward.ok("worklist")


def test_an_episode_of_another_patient_is_kept(ward: Tracker) -> None:
    """An episode that was opened under the erased number by mistake stays readable."""
    ward.ok(
        "open",
        "--patient",
        PATIENT,
        "--another",
        "by mistake",
        "--reference",
        "mistaken",
        "--id",
        "opening",
    )
    ward.ok("correct", "mistaken", "opening", "--set", "patient=MRN-3", "--reason", "wrong number")
    ward.ok("erase", PATIENT, "--reason", "asked for", "--second-person", "bob", "--yes")
    assert "MRN-3" in ward.ok("show", "mistaken")


def test_an_interrupted_erasure_is_completed(
    ward: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An erasure that ended before the keys were destroyed is done by doing it again."""
    from tracker.encryption.store import KeyStore

    arguments = ("erase", PATIENT, "--reason", "r", "--second-person", "bob", "--yes")
    with monkeypatch.context() as patch:
        patch.setattr(KeyStore, "destroy", lambda *_: (_ for _ in ()).throw(OSError("full")))
        assert ward.run(*arguments).exit_code == 1
    ward.ok(*arguments)
    status = json.loads(ward.ok("keys", "status", "--format", "json"))
    assert (status["patients"], status["episodes"]) == (1, 1)


@ON_FILES
def test_a_lost_key_store(ward: Tracker, tmp_path: Path) -> None:
    """Without its keys the tracker says what is missing and records nothing; a copy mends it."""
    ward.ok("keys", "backup", str(tmp_path / "copy.json"))
    for path in ward.home.glob("keys.sqlite*"):
        path.unlink()
    refused = ward.run("open", "--patient", "MRN-5")
    assert refused.exit_code == 1
    assert "keys restore" in refused.stderr
    ward.ok("keys", "restore", str(tmp_path / "copy.json"))
    assert PATIENT in ward.ok("worklist")


@ON_FILES
def test_a_copy_does_not_bring_back_the_erased(ward: Tracker, tmp_path: Path) -> None:
    """Keys that were put aside before an erasure are not taken from there again."""
    ward.ok("keys", "backup", str(tmp_path / "copy.json"))
    ward.ok("erase", PATIENT, "--reason", "r", "--second-person", "bob", "--yes")
    for path in ward.home.glob("keys.sqlite*"):
        path.unlink()
    ward.ok("keys", "restore", str(tmp_path / "copy.json"))
    status = json.loads(ward.ok("keys", "status", "--format", "json"))
    assert (status["patients"], status["episodes"]) == (1, 1)


def test_a_lost_master_key(ward: Tracker, tmp_path: Path) -> None:
    """Without the master key nothing is recorded, and the chain can still be verified."""
    (tmp_path / "master.key").unlink()
    refused = ward.run("open", "--patient", "MRN-5")
    assert refused.exit_code == 1
    assert "master.key" in refused.stderr
    assert first_broken_of(ward) is None


def test_a_turn_without_the_master_key_names_episode_and_key(ward: Tracker, tmp_path: Path) -> None:
    """In words, and not by a line of the program."""
    name = name_of(ward, PATIENT)
    ward.ok("record", "headache-assessed", name, "--posture", "orthostatic")
    (tmp_path / "master.key").unlink()
    ticked = ward.run("scheduler", "tick")
    (line,) = [said for said in ticked.stderr.splitlines() if said.startswith(f"{name}: ")]
    assert "master.key: there is no master key" in line
    assert "put aside" in line
    assert ticked.exit_code == 1


def test_a_worklist_without_the_master_key_says_why_it_has_no_names(
    ward: Tracker, tmp_path: Path
) -> None:
    """Who is owed what is still to be seen."""
    (tmp_path / "master.key").unlink()
    listed = ward.run("worklist")
    assert (listed.exit_code, PATIENT in listed.stdout) == (0, False)
    assert "No references and patients are shown" in listed.stderr
    assert "master.key: there is no master key" in listed.stderr


def test_rotated(ward: Tracker, tmp_path: Path) -> None:
    """After a rotation the old master key is not needed any more."""
    ward.ok("keys", "rotate", "--to", f"file:{tmp_path / 'new.key'}")
    (tmp_path / "master.key").unlink()
    assert PATIENT in ward.ok("worklist")


def test_doctor_asks_for_a_copy_of_the_keys(ward: Tracker, tmp_path: Path) -> None:
    """As long as the newest keys are in no copy, doctor warns."""
    assert "keys backup" in ward.run("doctor").stdout
    ward.ok("keys", "backup", str(tmp_path / "copy.json"))
    assert "keys backup" not in ward.run("doctor").stdout


def test_a_mark_that_was_taken_away(ward: Tracker) -> None:
    """Nothing is written in plain where the configuration asks for encryption."""
    ward.execute("DELETE FROM encryption")
    assert ward.run("open", "--patient", "MRN-5").exit_code == 1
    assert held(ward, "MRN-5") == set()


def test_not_after_the_fact(tracker: Tracker, tmp_path: Path) -> None:
    """A tracker that holds plain events cannot become an encrypted one."""
    tracker.ok("open", "--patient", PATIENT)
    refused = tracker.run("init", "--encrypt", "--master-key", f"file:{tmp_path / 'm.key'}")
    assert refused.exit_code == 4
    assert not (tmp_path / "m.key").exists()


def test_imported(ward: Tracker, tmp_path: Path) -> None:
    """A file of many episodes is sealed as it comes."""
    line = {"event": "episode-opened", "occurred_at": "2026-03-01T08:00:00Z", "actor": "x"}
    lines = [
        line | {"episode": f"case-{n}", "id": "1", "data": {"patient": f"P-{n:04}"}}
        for n in range(700)
    ]
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    ward.ok("import", str(file))
    assert held(ward, "P-0001", "P-0699", "case-77") == set()
    assert "P-0699" in ward.ok("find", "P-0699")
