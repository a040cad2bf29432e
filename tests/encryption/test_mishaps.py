"""What goes wrong with keys and erasures is refused or said, and can be made good."""

import base64
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Tracker
from tests.encryption.test_life import ON_FILES, PATIENT, held, name_of, ward
from tracker.config import Location

__all__ = ["ward"]

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def copy(ward: Tracker, tmp_path: Path) -> Path:
    """A copy of the keys of a tracker that has lost them."""
    file = tmp_path / "copy.json"
    ward.ok("keys", "backup", str(file))
    for path in ward.home.glob("keys.sqlite*"):
        path.unlink()
    return file


def flipped(rows: Rows) -> None:
    """Change a bit of a wrapped key."""
    row = rows["patient_keys"][0]
    raw = bytearray(base64.b64decode(row["wrapped"]))
    raw[-1] ^= 1
    row["wrapped"] = base64.b64encode(raw).decode()


def torn(rows: Rows) -> None:
    """Lose a key that others are wrapped by."""
    del rows["patient_keys"][0]


def garbled(rows: Rows) -> None:
    """Write what is no base64."""
    rows["episode_keys"][0]["wrapped"] = "!!!!"


def misnamed(rows: Rows) -> None:
    """Name a column that there is not."""
    rows["patient_keys"][0]["colour"] = "red"


def foreign(rows: Rows) -> None:
    """Say that another master key wraps them."""
    rows["key_store"][0]["master"] = "0" * 32


@ON_FILES
@pytest.mark.parametrize("damage", [flipped, torn, garbled, misnamed, foreign])
def test_a_damaged_copy_takes_nobodys_place(
    damage: Callable[[Rows], None], ward: Tracker, copy: Path, tmp_path: Path
) -> None:
    """It is refused whole, and a good one can be brought back after it."""
    document = json.loads(copy.read_text())
    damage(document["rows"])
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(document))
    code, said = ward.refused("keys", "restore", str(bad))
    assert (code, "bad.json" in said) == (2, True), said
    ward.ok("keys", "restore", str(copy))
    assert PATIENT in ward.ok("worklist")


@pytest.mark.parametrize("second", ["Dr. Bell", "dr.  bell", " DR. BELL "])
def test_the_one_acted_for_is_no_second_person(second: str, ward: Tracker) -> None:
    """However the name is written."""
    erasure = ("erase", PATIENT, "--reason", "r", "--second-person", second, "--yes")
    assert ward.refused("--on-behalf-of", "Dr. Bell", *erasure)[0] == 4
    assert PATIENT in ward.ok("worklist")


@ON_FILES
def test_traces_that_a_reader_keeps_are_said_and_can_be_removed(ward: Tracker) -> None:
    """The keys are destroyed at once; the same again, when nobody reads, writes the files anew."""
    erasure = ("erase", PATIENT, "--reason", "r", "--second-person", "bob", "--yes")
    reader = sqlite3.connect(ward.home / "keys.sqlite", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM patient_keys").fetchall()
    result = ward.run(*erasure)
    reader.close()
    assert (result.exit_code, "traces are left" in result.stderr) == (1, True), result.output
    code, said = ward.refused(*erasure)
    assert (code, "were written anew" in said) == (3, True), said


def test_no_look_tells_who_was_erased(ward: Tracker) -> None:
    """A search that found an episode keeps nothing that a guessed name could be compared with."""
    name = name_of(ward, PATIENT)
    ward.ok("find", PATIENT)
    ward.ok("find", "MRN-NOBODY")
    looks = ward.json("audit", "access")
    found = [look["query"] for look in looks if look["episode"] is not None]
    assert found
    assert not any(found)
    assert any("sealed:" in str(look["query"]) for look in looks if look["episode"] is None)
    assert held(ward, PATIENT, name + PATIENT) == set()


@pytest.mark.parametrize(
    "said",
    [("--reason", "", "--second-person", "bob"), ("--reason", "  ", "--second-person", "bob"),
     ("--reason", "r", "--second-person", ""), ("--reason", "r", "--second-person", "   "),
     ("--reason", "r", "--second-person", "b" * 201)],
)  # fmt: skip
def test_an_erasure_that_says_nothing_destroys_nothing(
    said: tuple[str, ...], ward: Tracker
) -> None:
    """Why, and who else, are asked for before any key is touched."""
    assert ward.refused("erase", PATIENT, *said, "--yes")[0] == 2
    assert PATIENT in ward.ok("show", name_of(ward, PATIENT))


@ON_FILES
@pytest.mark.parametrize("source", ["env:NOPE", "file:{home}/master.key", "nothing:x"])
def test_a_tracker_that_cannot_be_encrypted_is_not_made(source: str, ward: Tracker) -> None:
    """Or what is recorded next would be in the clear."""
    other = Tracker(Location(ward.home.parent / "other"), ward.clock)
    code, said = other.refused("init", "--encrypt", "--master-key", source.format(home=other.home))
    assert code in (2, 4), said
    assert not other.home.exists()


def test_a_rotation_makes_the_copies_worthless(ward: Tracker, tmp_path: Path) -> None:
    """They are wrapped by the old master key, so doctor asks for another one."""
    ward.ok("keys", "backup", str(tmp_path / "copy.json"))
    ward.ok("keys", "rotate", "--to", f"file:{tmp_path / 'new.key'}")
    assert "keys backup" in ward.run("doctor").stdout
    assert ward.json("keys", "status")["backed_up_at"] is None


@ON_FILES
def test_an_old_copy_says_what_it_lacks(ward: Tracker, tmp_path: Path) -> None:
    """Episodes that were opened after it was made cannot be read; doctor goes on saying so."""
    file = tmp_path / "copy.json"
    ward.ok("keys", "backup", str(file))
    ward.ok("open", "--patient", "MRN-5")
    for path in ward.home.glob("keys.sqlite*"):
        path.unlink()
    assert (
        "That copy has no key of 1 episode opened after it was made."
        in ward.run("keys", "restore", str(file)).stderr
    )
    doctor = ward.run("doctor")
    assert (doctor.exit_code, "1 episode without a key, so not to be read" in doctor.stdout) == (
        1,
        True,
    )


def test_a_key_that_is_missing_is_no_change_of_the_record(ward: Tracker, tmp_path: Path) -> None:
    """Whoever verifies without keys is told that they are missing, not that somebody changed it."""
    (tmp_path / "master.key").rename(tmp_path / "elsewhere")
    assert ward.run("audit", "verify").exit_code == 0
    result = ward.run("audit", "verify", "--deep")
    assert (result.exit_code, "master key" in result.stderr) == (1, True), result.output


def test_a_sealed_export_needs_no_key(ward: Tracker, tmp_path: Path) -> None:
    """Nothing has to be opened for it."""
    (tmp_path / "master.key").rename(tmp_path / "elsewhere")
    ward.ok("audit", "export", "--all", "--sealed", "--unsigned", "--out", str(tmp_path / "bundle"))


def test_a_replay_says_what_was_erased(ward: Tracker) -> None:
    """As every other view of the episode does."""
    name = name_of(ward, PATIENT)
    ward.ok("erase", PATIENT, "--reason", "r", "--second-person", "bob", "--yes")
    told = ward.run("audit", "replay", name).stderr
    assert ": the 3 events before it can no longer be read" in told


@ON_FILES
def test_keys_are_not_put_aside_into_the_data_directory(ward: Tracker) -> None:
    """They would be lost with it, and copied with it."""
    file = ward.home / "copy.json"
    code, said = ward.refused("keys", "backup", str(file))
    assert (code, "is in the data directory" in said, file.exists()) == (4, True, False)
