"""The histories beside this file: what happened, and what must hold at which instant."""

import json
import pathlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from tests.cases.comparison import instant
from tracker.events import Recorded, data_from
from tracker.history import timeline
from tracker.pathway import builtin_protocol, evaluate

EPISODE = UUID("00000000-0000-4000-8000-00000000000c")


def cases() -> list[dict[str, Any]]:
    """Return every case, in order of its number."""
    folder = pathlib.Path(__file__).parent
    return [json.loads(f.read_text(encoding="utf-8")) for f in sorted(folder.glob("*.json"))]


def recorded(case: Mapping[str, Any]) -> list[Recorded]:
    """Return the events of a case in recorded order, after an opening in its time zone."""
    opening = {
        "id": "opened",
        "event": "episode-opened",
        "occurred_at": case["starts_at"],
        "data": {"time_zone": case["time_zone"], "reference": case["id"]},
    }
    return [_event(line, place) for place, line in enumerate([opening, *case["events"]], start=1)]


def _event(line: Mapping[str, Any], place: int) -> Recorded:
    return Recorded(
        id=line["id"],
        occurred_at=instant(line["occurred_at"]),
        recorded_at=instant(line.get("recorded_at", line["occurred_at"])),
        actor="case",
        source="import",
        data=data_from(line["event"], line["data"]),
        episode=EPISODE,
        version=place,
    )


def answer(case: Mapping[str, Any], expected: Mapping[str, Any]) -> Any:
    """Return what the pathway says of a case at the instant of an expectation."""
    now = instant(expected["at"])
    known_at = instant(expected["known_at"]) if "known_at" in expected else None
    line = timeline(recorded(case), at=now, known_at=known_at)
    return msgspec.to_builtins(evaluate(line, builtin_protocol(), now))
