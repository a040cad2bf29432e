"""What a reconciliation finds: how a reminder was not as it should have been, and why."""

import datetime
from typing import Literal, NamedTuple

import msgspec

from tracker.events.fields import Instant

How = Literal["missing", "late", "wrong", "unneeded", "not-delivered", "delivered-late"]
Reason = Literal[
    "late-entry", "correction", "void", "imported-history", "policy", "outage", "fault"
]

OF_THE_SYSTEM: frozenset[str] = frozenset({"outage", "fault"})
"""Reasons that nobody who recorded anything could have prevented."""


class Tolerance(NamedTuple):
    """How late is not yet late."""

    issue: datetime.timedelta = datetime.timedelta(minutes=5)
    """From when something was owed, and known to be, until it is on record."""
    delivery: datetime.timedelta = datetime.timedelta(minutes=15)
    """From when a message may go out until it was delivered."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing about a reminder that is not as it should have been."""

    how: How
    reason: Reason
    why: str
    """The reason in words; both, if there are two."""
    also: Reason | None = None
    """What else would explain it."""
    reminder: str
    kind: str
    phases: tuple[str, ...]
    """What was owed of it, or was issued."""
    owed_at: Instant | None = None
    """From when it was to be issued, or the message to be delivered."""
    known_at: Instant | None = None
    """When what makes it right or wrong became known, if that was later."""
    told_at: Instant | None = None
    """When it was issued or delivered; None: it was not."""
    until: Instant
    """When the matter ended; of one that lasts, when it was looked at."""
    lasts: bool = False
    event: str | None = None
    """Id of the event by which the scheduler put it on record."""
    because: str | None = None
    """Id of the event that was entered late, or that corrected or voided another."""
    source: str = ""
    """Where the guideline asks for the reminder."""
    message: str | None = None
    channel: str | None = None
    recipient: str | None = None

    @property
    def late_by(self) -> datetime.timedelta | None:
        """How late it was, or is until now; None where nothing was owed."""
        return None if self.owed_at is None else self.until - self.owed_at
