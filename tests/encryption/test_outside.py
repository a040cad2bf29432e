"""What an erasure cannot reach: it names what is on record of it."""

from pathlib import Path

from tests.cli.conftest import Tracker
from tests.encryption.test_life import OTHER, PATIENT, name_of, ward

__all__ = ["ward"]

ERASE = ("erase", PATIENT, "--reason", "asked for", "--second-person", "bob", "--yes")


def said(ward: Tracker) -> str:
    """Erase the patient; return what is said beside the answer."""
    done = ward.run(*ERASE)
    assert done.exit_code == 0, done.output
    return done.stderr


def export(ward: Tracker, folder: Path, *words: str) -> None:
    """Make a bundle."""
    ward.ok("audit", "export", *words, "--unsigned", "--out", str(folder))


def test_a_bundle_that_holds_the_patient_is_named(ward: Tracker, tmp_path: Path) -> None:
    """When, by whom, of what, and that the keys are in it."""
    export(ward, tmp_path / "all", "--all")
    export(ward, tmp_path / "one", name_of(ward, PATIENT))
    assert PATIENT in (tmp_path / "all" / "events.jsonl").read_text()
    assert (tmp_path / "all" / "keys.jsonl").exists()
    told = said(ward)
    assert "2026-03-05 09:00 +00:00  tracker audit export of every episode by anna, with" in told
    assert "tracker audit export of this patient by anna, with the keys" in told


def test_a_plain_export_is_named(ward: Tracker) -> None:
    """It holds no keys, and the history as it was."""
    ward.ok("export", "--all")
    ward.ok("export", name_of(ward, PATIENT))
    told = said(ward)
    assert "tracker export of every episode by anna\n" in told
    assert "tracker export of this patient by anna\n" in told


def test_what_does_not_hold_the_patient_is_not_named(ward: Tracker, tmp_path: Path) -> None:
    """Another patient's, one that was left sealed, and looks that write no file."""
    ward.ok("export", name_of(ward, OTHER))
    export(ward, tmp_path / "sealed", "--all", "--sealed")
    ward.ok("worklist")
    assert "Exported before" not in said(ward)


def test_an_export_before_the_patient_came_is_not_named(ward: Tracker) -> None:
    """It cannot hold who was not there."""
    ward.ok("export", "--all")
    ward.clock.tick(3600)
    ward.ok("open", "--patient", "MRN-LATER")
    erase = ("erase", "MRN-LATER", *ERASE[2:])
    assert "Exported before" not in ward.run(*erase).stderr


def test_many_exports_are_counted(ward: Tracker) -> None:
    """The latest are named, and how to find the others."""
    for _ in range(12):
        ward.ok("export", "--all")
    told = said(ward)
    assert (told.count("of every episode"), "and 2 before those" in told) == (10, True)


def test_messages_that_were_sent_are_counted(ward: Tracker, tmp_path: Path) -> None:
    """By channel; those that were not sent yet are dropped, and not counted."""
    file, config = tmp_path / "out.jsonl", ward.home / "config.toml"
    notes = f'[channels.notes]\nkind = "file"\npath = "{file}"\n'
    config.write_text(f'{config.read_text()}\n{notes}[[recipients]]\nchannel = "notes"\n')
    ward.ok("record", "blood-patch-performed", name_of(ward, PATIENT))
    ward.clock.tick(3600 * 73)
    ward.ok("scheduler", "tick", "--trust-clock")
    sent = len(file.read_text().splitlines())
    assert sent > 0
    assert f"Messages that were sent stay where they went: {sent} by notes." in said(ward)
