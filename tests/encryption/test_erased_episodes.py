"""What is said of an episode that was erased: never that it stands well, nor that it never was."""

import datetime
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Tracker

ERASED, LIVING = "theirs", "others"


@pytest.fixture
def erased(tracker: Tracker, tmp_path: Path) -> Tracker:
    """An encrypted tracker with two episodes that nobody was reminded of, and one of them erased.

    What was known of it before was recorded a day before the erasure.
    """
    tracker.environ["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    tracker.ok("init", "--encrypt", "--master-key", f"file:{tmp_path / 'master.key'}")
    for name in (ERASED, LIVING):
        tracker.ok("open", "--patient", f"MRN-{name}", "--reference", name, "--time-zone", "UTC")
        tracker.ok("record", "surgery-performed", name, "--at", "9d ago")
        tracker.ok("record", "blood-patch-performed", name, "--at", "5d ago")
    tracker.clock.tick(datetime.timedelta(days=2))
    return tracker


def erase(tracker: Tracker) -> str:
    """Erase the one patient; return what the episode is called from then on."""
    name = str(tracker.json("show", ERASED)["episode"])
    who = ("--reason", "asked for", "--second-person", "bob", "--yes")
    tracker.ok("erase", f"MRN-{ERASED}", *who)
    return name


def test_reconciled(erased: Tracker) -> None:
    """An erased episode is named, and is not among those that were judged."""
    assert erased.json("audit", "reconcile", ERASED)["findings"]
    name = erase(erased)
    told = erased.run("audit", "reconcile", "--all", "--format", "json")
    document = json.loads(told.stdout)
    assert (document["episodes"], document["concerned"], document["erased"]) == (1, 1, [name])
    assert told.exit_code == 0
    for fmt in ("table", "json", "ndjson", "csv"):
        told = erased.run("audit", "reconcile", "--all", "--format", fmt)
        assert f"1 episode was erased and cannot be judged any more: {name}." in told.stderr
        assert "in 1 of 1 episode," in told.stderr


def test_reconciled_alone(erased: Tracker) -> None:
    """Asked of an erased episode alone there is no answer, and that is an error."""
    name = erase(erased)
    for options in ((), ("--as-known",), ("--format", "csv")):
        told = erased.run("audit", "reconcile", name, *options)
        assert told.exit_code == 1
        assert f"{name} was erased" in told.stderr
        assert "findings" not in told.stderr
