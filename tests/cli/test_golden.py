"""What a person sees, line by line, held against files that were read and found right."""

import os
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Tracker

GOLDEN = Path(__file__).parent / "golden"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
SHORT = re.compile(r"\bE-[0-9A-Z]{5}\b")

PAGES = {
    "show": ["show", "case-1"],
    "show-csv": ["show", "case-1", "--format", "csv"],
    "next": ["next", "case-1"],
    "timeline": ["timeline", "case-1"],
    "worklist": ["worklist"],
    "explain-rule": ["explain", "case-1", "patch-too-early"],
    "record-help": ["record", "blood-patch-performed", "--help"],
    "record-answer": [
        "record", "blood-patch-performed", "case-1", "--id", "patch", "--volume-ml", "22",
        "--at", "today 09:00",
    ],
}  # fmt: skip


def settled(text: str) -> str:
    """Return output without the ids that are drawn anew each time."""
    lines = SHORT.sub("E-XXXXX", UUID.sub("<uuid>", text)).splitlines()
    return "\n".join(re.sub(r"\s+$", "", line) for line in lines) + "\n"


@pytest.mark.parametrize("name", PAGES)
def test_page(episode: Tracker, name: str) -> None:
    """The output is what the file holds; TRACKER_GOLDEN=write writes it anew, to be read."""
    file = GOLDEN / f"{name}.txt"
    seen = settled(episode.ok(*PAGES[name]))
    if os.environ.get("TRACKER_GOLDEN") == "write":
        file.write_text(seen, encoding="utf-8")
    assert seen == file.read_text(encoding="utf-8")
