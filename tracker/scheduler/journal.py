"""The scheduler's log: what it did, in numbers and ids. No text that anybody typed goes in."""

import traceback
from pathlib import Path
from typing import Any, TextIO

import structlog

from tracker.errors import AuditError, UsageError
from tracker.reminders.clocks import ClockError
from tracker.store.errors import LockedError, LostError

_SAID = (ClockError, LockedError, LostError)
"""Failures whose words are ours alone: they quote neither events nor configuration."""
_HINT = "tracker doctor"


def journal(stream: TextIO, form: str) -> Any:
    """Return a logger that writes a line per event to a stream, for `form` json or console."""
    last = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    return structlog.wrap_logger(
        structlog.PrintLogger(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            last,
        ],
        wrapper_class=structlog.BoundLogger,
        cache_logger_on_first_use=False,
    )


def failure(error: BaseException) -> dict[str, str]:
    """Return what the log may say of a failure: its kind and place, and its words if safe."""
    found = {"error": type(error).__name__, "place": _place(error), "try": _HINT}
    if isinstance(error, AuditError):
        found["try"] = "tracker audit verify"
    if isinstance(error, UsageError):  # its words quote what somebody typed there
        found["message"] = "config.toml cannot be used"
    if isinstance(error, _SAID):
        found["message"] = error.message
        found["try"] = error.hint or _HINT
    return found


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
