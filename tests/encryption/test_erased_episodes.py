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


LOOKS_BACK = (
    ("show", "--known-at"),
    ("show", "--at"),
    ("next", "--at"),
    ("timeline", "--known-at"),
    ("explain", "--known-at"),
    ("explain", "stage", "--at"),
    ("audit", "diff", "--from"),
    ("audit", "diff", "--by", "occurred", "--from"),
)
"""How it is asked what an episode was at a time."""


@pytest.mark.parametrize("words", LOOKS_BACK, ids=" ".join)
def test_looked_back_at(erased: Tracker, words: tuple[str, ...]) -> None:
    """Of a time before the erasure it is said that it is gone, never that nothing was known."""
    name = erase(erased)
    *command, option = words
    asked = [*command[:2], name, *command[2:]] if command[0] == "audit" else [command[0], name]
    asked += command[1:] if command[0] == "explain" else []
    code, told = erased.refused(*asked, option, "1d ago")
    assert code == 3
    assert "at 2026-03-06 09:00 +00:00 can no longer be read" in told
    assert "it was erased at 2026-03-07 09:00 +00:00" in told
    assert "first recorded" not in told


def test_replayed_up_to_a_time_before(erased: Tracker) -> None:
    """That no step is shown is for the erasure, not for there having been none."""
    told = erased.run("audit", "replay", erase(erased), "--to", "1d ago")
    assert told.exit_code == 0
    assert "Erased at 2026-03-07 09:00 +00:00: the 3 events before it" in told.stderr
    assert "There is no step in that time any more that could be read." in told.stderr


def test_as_it_is_now(erased: Tracker) -> None:
    """No rule of the guideline and nothing clinical is stated; the stage stays that of a list."""
    name = erase(erased)
    for command in ("show", "next", "explain"):
        told = erased.ok(command, name)
        assert "erased" in told
        assert "[2]" not in told
        assert "unknown" not in told
    for topic in ("stage", "closed", "at-risk"):
        (explained,) = erased.json("explain", name, topic)
        assert (explained["title"], explained["sources"]) == ("stage closed", [])
    assert erased.json("show", name)["stage"] == "closed"
    told = erased.ok("audit", "replay", name)
    assert "erased: nothing else of it can be known" in told
    assert "L119" not in told
    erased.clock.tick(datetime.timedelta(days=1))
    told = erased.ok("audit", "diff", name, "--from", "1h ago")
    assert "closed, erased" in told
    assert "leak" not in told
