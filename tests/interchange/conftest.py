"""A tracker to import into, and files of lines."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Tracker, clock, other, tracker

__all__ = ["Tracker", "clock", "other", "tracker"]

Write = Callable[..., str]


@pytest.fixture
def file(tmp_path: Path) -> Write:
    """Return what writes lines (objects, text or bytes) to a file and names it."""

    def write(*lines: Any, newline: bytes = b"\n") -> str:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.jsonl"
        path.write_bytes(newline.join(_bytes(line) for line in lines))
        return str(path)

    return write


def _bytes(line: Any) -> bytes:
    if isinstance(line, bytes):
        return line
    return (line if isinstance(line, str) else json.dumps(line)).encode()


def line(event: str, id: str, time: str = "2026-03-01T08:00:00Z", episode: str = "case-1",  # noqa: A002
         actor: str | None = None, **data: Any) -> dict[str, Any]:  # fmt: skip
    """Return one line of a file."""
    told = {"episode": episode, "id": id, "event": event, "occurred_at": time, "data": data}
    return told | ({"actor": actor} if actor else {})
