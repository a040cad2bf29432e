"""Whoever goes through all episodes reads sealed ones, also in processes of its own."""

from tests.cli.conftest import Tracker
from tests.encryption.test_life import OTHER, PATIENT, name_of, ward

__all__ = ["ward"]


def test_processes_that_help_to_rebuild_have_the_keys(ward: Tracker) -> None:
    """Nothing is parked."""
    ward.ok("projections", "rebuild", "--processes", "2")
    assert ward.json("projections", "status")["parked"] == []
    assert PATIENT in ward.ok("worklist")


def test_processes_that_help_to_reconcile_have_the_keys(ward: Tracker) -> None:
    """They find what one process finds."""
    alone = ward.json("audit", "reconcile", "--all")
    assert alone["failed"] == []
    assert ward.json("audit", "reconcile", "--all", "--processes", "2") == alone


def test_of_an_erased_patient_nothing_is_found(ward: Tracker) -> None:
    """Nobody can know what was owed; the others are judged as before."""
    ward.clock.move_to("2026-04-05T09:00:00Z")
    ward.ok("record", "blood-patch-performed", name_of(ward, PATIENT), "--at", "2d ago")
    ward.ok("record", "blood-patch-performed", name_of(ward, OTHER), "--at", "2d ago")
    ward.ok("scheduler", "tick", "--format", "json")
    ward.ok("erase", PATIENT, "--reason", "asked for", "--second-person", "ben", "--yes")
    told = ward.json("audit", "reconcile", "--all")
    assert {f["episode"] for f in told["findings"]} == {name_of(ward, OTHER)}
    assert told["failed"] == []
