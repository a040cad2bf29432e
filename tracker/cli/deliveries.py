"""What is not delivered, in words: what `scheduler status`, `doctor` and a tick say of it."""

import datetime
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tracker.pathway.wording import counted as in_words
from tracker.times import local

if TYPE_CHECKING:
    from tracker.outbox.standing import Failing, Overview

NOTHING = "nothing waits"


def counted(seen: "Overview", zone: str) -> str:
    """Return the numbers in one line; what there is none of is left out."""
    until = seen.held_until
    held = "held" if until is None else f"held until {local(until, zone)}"
    words = {"due": "due", "held": held, "failing": "failing", "dead": "dead"}
    return ", ".join(f"{seen.counts[k]} {w}" for k, w in words.items() if seen.counts[k]) or NOTHING


def failing(one: "Failing", now: datetime.datetime, zone: str) -> str:
    """Return how a channel fails; no word of a receiver."""
    again = "now" if one.next_try_at <= now else f"at {local(one.next_try_at, zone)}"
    messages = in_words(one.messages, "message")
    if one.urgent:
        messages += f" ({one.urgent} urgent)"
    tries = f"{one.tries} {'try' if one.tries == 1 else 'tries'}"
    since = local(one.since, zone)
    return f"{one.channel}: failing since {since}, {messages}, {tries}, next try {again}"


def advice(one: "Failing") -> str:
    """Return what to do about a channel that fails."""
    look = "tracker outbox list --state failing (tracker outbox retry MESSAGE: at once)"
    return f"tracker channels test {one.channel}; {look}"


def document(seen: "Overview") -> dict[str, Any]:
    """Return what is not delivered as data."""
    fields = seen._asdict()
    counts, channels = fields.pop("counts"), fields.pop("channels")
    return {**counts, **fields, "channels": [one._asdict() for one in channels]}


def lines(seen: "Overview", now: datetime.datetime, zone: str) -> Iterator[str]:
    """Yield the numbers, and each channel that fails with its last error and what to do."""
    yield counted(seen, zone)
    for one in seen.channels:
        yield failing(one, now, zone)
        yield f"  {one.last_error}"
        yield f"  Try: {advice(one)}"
