"""What a reader of a server's copy is told: it may be behind."""

import datetime
from typing import Any

from tracker.store.replica import Lag


def told(lag: Lag) -> str:
    """Say how far a copy is behind."""
    if lag.behind is None or lag.as_of is None:
        return "From a replica of unknown age: nothing came from its primary since it started."
    if not lag.behind:
        return "From a replica that is in step with its primary."
    cut_off = "" if lag.following else ", cut off from its primary"
    return (
        f"From a replica{cut_off}, {_words(lag.behind)} behind: what was recorded after"
        f" {lag.as_of:%Y-%m-%d %H:%M:%S}Z may be missing."
    )


def document(lag: Lag) -> dict[str, Any]:
    """Return the same for programs; the lag in seconds."""
    seconds = None if lag.behind is None else round(lag.behind.total_seconds(), 3)
    return {"as_of": lag.as_of, "lag_seconds": seconds, "following": lag.following}


def _words(behind: datetime.timedelta) -> str:
    seconds = max(1, round(behind.total_seconds()))
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}s"
    return f"{seconds} second{'s' if seconds > 1 else ''}"
