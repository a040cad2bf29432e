"""Named points of the work at which a test may stop the process, or look."""

from collections.abc import Callable

At = Callable[[str], None]
"""Told the name of a point when the work passes it."""

DECIDED = "tick:decided"
WRITTEN = "tick:written"
"""Inside the transaction: rows are written, nothing is committed."""
APPENDED = "tick:appended"
CLAIMED = "outbox:claimed"
SENDING = "outbox:sending"
SENT = "outbox:sent"
RECORDED = "outbox:recorded"
POINTS = (DECIDED, WRITTEN, APPENDED, CLAIMED, SENDING, SENT, RECORDED)


def nowhere(_point: str) -> None:
    """Pass by."""
