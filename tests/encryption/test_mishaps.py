"""What goes wrong with keys and erasures is refused or said, and can be made good."""

import base64
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Tracker
from tests.encryption.test_life import PATIENT, held, name_of, ward

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
    assert held(ward.home, PATIENT, name + PATIENT) == set()
