"""Every case through the command line, as a user would: import, show, tick, replay, export."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cases.comparison import differences
from tests.cases.histories import cases
from tests.cli.conftest import Tracker

CASES = [pytest.param(case, id=case["id"]) for case in cases()]
LATER = "2027-01-01T00:00:00Z"


def line(case: dict[str, Any], event: dict[str, Any]) -> str:
    """Return an event of a case as a line that an import takes."""
    told = {key: event[key] for key in ("id", "event", "occurred_at", "data")}
    return json.dumps({"episode": case["id"], "actor": "case", **told})


def opening(case: dict[str, Any]) -> str:
    """Return the line that opens the episode of a case in its zone."""
    data = {"time_zone": case["time_zone"], "patient": f"patient of {case['id']}"}
    return line(case, {"id": "opened", "event": "episode-opened", "data": data,
                       "occurred_at": case["starts_at"]})  # fmt: skip


def whole(case: dict[str, Any], path: Path) -> str:
    """Write all lines of a case to a file and name it."""
    path.write_text("\n".join([opening(case), *(line(case, e) for e in case["events"])]))
    return str(path)


def imported(tracker: Tracker, case: dict[str, Any], path: Path) -> None:
    """Import each event of a case by itself, when it was recorded."""
    tracker.clock.move_to(case["starts_at"])
    for number, event in enumerate([None, *case["events"]]):
        if event is not None:
            tracker.clock.move_to(event.get("recorded_at", event["occurred_at"]))
        path.write_text(opening(case) if event is None else line(case, event))
        assert tracker.json("import", str(path))["imported"] == 1, number


@pytest.mark.parametrize("case", CASES)
def test_every_checkpoint_holds(tracker: Tracker, tmp_path: Path, case: dict[str, Any]) -> None:
    """What `show` says of each instant, by what was known then, is what the case says."""
    imported(tracker, case, tmp_path / "lines.jsonl")
    tracker.clock.move_to(LATER)
    for expected in case["expected"]:
        known = ("--known-at", expected["known_at"]) if "known_at" in expected else ()
        told = tracker.json("show", case["id"], "--at", expected["at"], *known)
        assert differences(expected, told, case["time_zone"]) == []


@pytest.mark.parametrize("case", CASES)
def test_a_whole_case_is_ticked_replayed_exported_and_taken_back(
    tracker: Tracker, other: Tracker, tmp_path: Path, case: dict[str, Any]
) -> None:
    """One file goes in, twice adds nothing, and what comes out is taken back elsewhere."""
    tracker.clock.move_to(LATER)
    name = whole(case, tmp_path / "lines.jsonl")
    count = len(case["events"]) + 1
    assert tracker.json("import", name)["imported"] == count
    assert tracker.json("import", name)["already"] == count
    assert tracker.json("scheduler", "tick")["failed"] == []
    steps = tracker.json("audit", "replay", case["id"])["steps"]
    assert sum(step["event"] is not None for step in steps) >= count
    export = tmp_path / "export.jsonl"
    export.write_text(tracker.ok("export", "--all"))
    assert other.json("import", str(export))["imported"] == count
