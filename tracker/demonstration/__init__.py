"""The demonstration: published histories, played at the time at which they happened."""

import datetime
from collections.abc import Iterator
from importlib import resources

from tracker.decoding import decode

UNTIL = datetime.datetime(2025, 6, 7, 13, 0, tzinfo=datetime.UTC)
"""The present of the demonstration: every history is somewhere in the middle."""

DELAY = datetime.timedelta(minutes=20)
"""How long after it happened something is recorded."""


class Clock:
    """A clock that stands where it was put."""

    def __init__(self, now: datetime.datetime) -> None:
        self.at = now

    def __call__(self) -> datetime.datetime:
        """Return where it stands."""
        return self.at


def batches() -> Iterator[tuple[datetime.datetime, list[bytes]]]:
    """Yield what was recorded, and when, in the order in which it became known."""
    text = resources.files("tracker.demonstration").joinpath("published.jsonl").read_bytes()
    by_time: dict[datetime.datetime, list[bytes]] = {}
    for line in text.splitlines():
        occurred = datetime.datetime.fromisoformat(decode(line)["occurred_at"])
        by_time.setdefault(occurred + DELAY, []).append(line)
    for recorded, lines in sorted(by_time.items()):
        if recorded <= UNTIL:
            yield recorded, lines
