"""What a checkpoint knows of a log and its restored backup lacks is named."""

from pathlib import Path
from typing import Any

import pytest

from tests.moving.conftest import Tracker, backup, beside, restored

pytestmark = pytest.mark.backends("sqlite")


@pytest.fixture
def key(patched: Tracker, tmp_path: Path) -> Path:
    """Return the key that signs the checkpoints of a tracker."""
    file = tmp_path / "signing.key"
    patched.ok("audit", "keygen", "--name", "hospital.example/ward", "--out", str(file))
    return file


def checkpoint(tracker: Tracker, key: Path, name: str) -> Path:
    """Sign how far a log goes."""
    file = key.with_name(name)
    tracker.ok("audit", "checkpoint", "--key", str(key), "--out", str(file))
    return file


def against(key: Path, *checkpoints: Path) -> list[str]:
    """Return the options of a restore that compares with checkpoints."""
    named = [word for file in checkpoints for word in ("--checkpoint", str(file))]
    return [*named, "--public-key", f"{key}.pub"]


@pytest.fixture
def lost(patched: Tracker, key: Path) -> tuple[Path, Path, Path]:
    """Return a backup of three events, a checkpoint of as many, and one of two events more."""
    taken, before = backup(patched), checkpoint(patched, key, "before.checkpoint")
    patched.ok("record", "patient-mobilized", "Ms-Miller")
    patched.ok("record", "patient-mobilized", "Ms-Miller")
    return taken, before, checkpoint(patched, key, "after.checkpoint")


def test_the_lost_positions_are_named(
    patched: Tracker, lost: tuple[Path, Path, Path], key: Path
) -> None:
    """By the newest checkpoint, whatever their order; and by doctor from then on."""
    taken, before, after = lost
    new = beside(patched, "restored")
    document = new.json("db", "restore", str(taken), *against(key, after, before))
    first = document["position"] + 1
    assert document["missing"] == {"from": first, "to": first + 1}
    assert f"positions {first} to {first + 1} are known to a checkpoint" in new.run("doctor").output


def test_a_checkpoint_that_the_backup_holds_leaves_no_gap(
    patched: Tracker, lost: tuple[Path, Path, Path], key: Path
) -> None:
    """Nothing is known to be missing."""
    taken, before, _ = lost
    new = beside(patched, "restored")
    assert new.json("db", "restore", str(taken), *against(key, before))["missing"] is None


def test_a_backup_of_another_log_is_refused(
    patched: Tracker, lost: tuple[Path, Path, Path], key: Path
) -> None:
    """A position that the checkpoint knows as another event; no tracker appears."""
    taken, _, after = lost
    forked = beside(patched, "forked")
    forked.ok("db", "restore", str(taken))
    for _ in range(2):
        forked.ok("record", "patient-mobilized", "Ms-Miller")
    other = backup(forked, "other.sqlite")
    new = beside(patched, "restored")
    code, said = new.refused("db", "restore", str(other), *against(key, after))
    assert (code, "is another event than after.checkpoint knows" in said) == (6, True), said
    assert not new.home.exists()


def test_a_checkpoint_that_nobody_signed_measures_no_gap(
    patched: Tracker, lost: tuple[Path, Path, Path], key: Path
) -> None:
    """It is refused, and nothing is restored."""
    taken, _, after = lost
    after.write_text(after.read_text().replace("\ntime ", "\ntime  "))
    new = beside(patched, "restored")
    code, said = new.refused("db", "restore", str(taken), *against(key, after))
    assert (code, "after.checkpoint" in said) == (6, True), said
    assert not new.home.exists()


def test_a_tracker_set_back_by_other_means_names_them_too(
    patched: Tracker, lost: tuple[Path, Path, Path], key: Path
) -> None:
    """As when a machine was set back to a snapshot."""
    taken, _, after = lost
    new = beside(patched, "restored")
    new.ok("db", "restore", str(taken))
    document: dict[str, Any] = new.json("db", "restored", *against(key, after))
    first = document["position"] + 1
    assert document["missing"] == {"from": first, "to": first + 1}


def test_again_after_a_tick_the_gap_begins_where_the_first_restore_says(
    patched: Tracker, lost: tuple[Path, Path, Path], key: Path
) -> None:
    """What was recorded after it took numbers of what is lost, and is none of it."""
    taken, _, after = lost
    new = restored(patched, taken, "2026-03-04T12:00:00Z")
    first = new.json("projections", "status")["head"] + 1
    new.clock.move_to("2026-03-04T12:01:00Z")
    new.ok("record", "patient-mobilized", "Ms-Miller")
    for _ in range(2):  # and told again it is the same
        document = new.json("db", "restored", *against(key, after))
        assert document["missing"] == {"from": first, "to": first + 1}
        assert document["taken_at"] == "2026-03-03T09:00:00Z"
    assert f"positions {first} to {first + 1} are known" in new.run("doctor").output


def test_an_earlier_restore_that_the_checkpoint_knows_of_takes_no_part(
    patched: Tracker, lost: tuple[Path, Path, Path], key: Path
) -> None:
    """The checkpoint was signed after it, over what went on from there."""
    new = restored(patched, lost[0], "2026-03-04T12:00:00Z")
    new.clock.move_to("2026-03-04T13:00:00Z")
    new.ok("record", "patient-mobilized", "Ms-Miller")
    second = backup(new, "second.sqlite")
    new.ok("record", "patient-mobilized", "Ms-Miller")
    later = checkpoint(new, key, "later.checkpoint")
    new.clock.move_to("2026-03-04T14:00:00Z")
    newer = beside(patched, "newer")
    document = newer.json("db", "restore", str(second), *against(key, later))
    last = document["position"] + 1
    assert document["missing"] == {"from": last, "to": last}


def test_positions_given_again_are_named_where_the_checkpoint_is_refused(
    patched: Tracker, lost: tuple[Path, Path, Path], key: Path
) -> None:
    """The restore on record explains why another event is there."""
    taken, _, after = lost
    new = restored(patched, taken, "2026-03-04T12:00:00Z")
    first = new.json("projections", "status")["head"] + 1
    for _ in range(2):
        new.ok("record", "patient-mobilized", "Ms-Miller")
    code, said = new.refused("db", "restored", *against(key, after))
    assert (code, f"the restore on record lost positions {first} to {first + 1}" in said) == (
        6,
        True,
    ), said
