"""Asking what is owed of one patch's early review, and issuing it by hand."""

from collections.abc import Sequence

from tests.pathway.histories import Time, at, in_order, status, when
from tracker.events import Recorded
from tracker.pathway import Protocol
from tracker.pathway.issuing import Owed, Withdrawal, owed, withdrawals

PATCH = at("2026-02-02 08:00", "blood-patch-performed", id="patch")
EARLY = "early-review:patch"
OPENS, DUE = when("2026-02-03 08:00"), when("2026-02-04 08:00")


def issue(
    time: Time, phase: str, reminder: str = EARLY, topic: str = "reminder-issued"
) -> list[Recorded]:
    """Return an issue of a reminder by the scheduler."""
    return at(time, topic, id=f"{reminder}/{phase}/{time}", reminder=reminder, phase=phase)


def owes_now(
    history: Sequence[Recorded],
    now: Time,
    kind: str = "early-review",
    protocol: Protocol | None = None,
) -> list[Owed]:
    """Return what is owed of a kind at `now`."""
    found = owed(status(history, now, protocol=protocol), when(now), in_order(history))
    return [o for o in found if o.reminder.kind == kind]


def owed_phases(history: Sequence[Recorded], now: Time, kind: str = "early-review") -> list[str]:
    """Return the phases of a kind that are owed at `now`."""
    return [o.phase for o in owes_now(history, now, kind)]


def withdrawn(history: Sequence[Recorded], now: Time) -> list[Withdrawal]:
    """Return what is to be withdrawn at `now`."""
    return withdrawals(status(history, now))
