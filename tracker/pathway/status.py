"""What an evaluation answers: the status of an episode at one instant."""

import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from tracker.events.fields import Instant

Stage = Literal[
    "at-risk",
    "assessment",
    "conservative",
    "patch-due",
    "post-patch",
    "post-intervention",
    "follow-up",
    "persistent",
    "referral",
    "rebound",
    "transferred",
    "lost",
    "closed",
]
Leak = Literal["active", "improved", "rebound", "resolved", "unknown"]
Severity = Literal["info", "advisory", "warning", "urgent"]
ReminderStatus = Literal[
    "scheduled",
    "open",
    "overdue",
    "done",
    "done-late",
    "waived",
    "superseded",
    "suspended",
    "cancelled",
]

LIVE: frozenset[str] = frozenset({"scheduled", "open", "overdue"})
"""Statuses of a reminder that is still owed; of each kind at most one is live."""

TICK = datetime.timedelta(microseconds=1)
"""The smallest step of time: a closed interval is over one step after its end."""


class Issue(msgspec.Struct, frozen=True):
    """A reminder was issued (or skipped) by the scheduler."""

    phase: str
    at: Instant
    opens_at: Instant | None
    """Opening of the window as it was then."""
    skipped: bool
    event: str


class Level(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A level of the ladder by which a reminder that nobody sees is escalated."""

    after_hours: Annotated[float, Meta(gt=0, le=8760, extra={"unit": "h"})]
    """Hours after it was said to be overdue."""
    to: str
    """Who is told."""


class Orphan(msgspec.Struct, frozen=True):
    """An issue of a reminder that is no longer there: its ground was corrected or voided."""

    reminder: str
    kind: str
    issue: Issue


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """Something owed: a window, what it runs from, what settles it."""

    id: str
    kind: str
    anchor: str
    """Id of the event the window runs from."""
    opens_at: Instant
    due_at: Instant
    """The last instant in time; overdue after it."""
    status: ReminderStatus
    ended_at: Instant | None = None
    """When it was settled, waived, superseded or cancelled."""
    settled_by: str | None = None
    reason: str | None = None
    """Why it was waived, superseded, suspended or cancelled."""
    because: tuple[str, ...] = ()
    source: str = ""
    issued: tuple[Issue, ...] = ()
    acknowledged_by: str | None = None
    acknowledged_at: Instant | None = None
    snoozed_until: Instant | None = None
    renewed_at: Instant | None = None
    """When the latest of its urgent grounds became known, if that was after it came to be."""
    escalation: tuple[Level, ...] = ()
    skip_after_hours: float | None = None
    """So long after the due time issuing it is of no use; None: it is issued however late."""
    too_early: tuple[str, ...] = ()
    """Reviews done before the window opened; they settle nothing."""
    since: Instant
    """When it came to be."""

    @property
    def live(self) -> bool:
        """Whether it is still owed."""
        return self.status in LIVE


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Something that departs from the protocol, or a danger sign."""

    id: str
    rule: str
    severity: Severity
    active: bool
    since: Instant
    until: Instant | None = None
    """When it ended, if it is over."""
    text: str
    because: tuple[str, ...]
    source: str
    acknowledged_by: str | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done next, by whom, and where that is written."""

    text: str
    rule: str
    """The reminder kind, alert rule or stage it comes from."""
    source: str
    owner: str
    due_at: Instant | None = None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How the episode is, what is owed, what is wrong, and until when that is so."""

    stage: Stage
    leak: Leak
    urgent: bool
    reminders: tuple[Reminder, ...]
    alerts: tuple[Alert, ...]
    next_steps: tuple[Step, ...]
    at: Instant
    changes_at: Instant | None
    """Next instant at which the answer differs although nothing new is recorded."""
    protocol: str
    interventions: int = 0
    """How many interventions count."""
    patches: int = 0
    first_patch_remission: bool = False
    """Resolved after the first patch and before any other intervention."""
    had_rebound: bool = False
    """In rebound after a patch, at some time."""
    had_thrombosis: bool = False
    """A cerebral venous thrombosis was diagnosed."""
    orphans: tuple[Orphan, ...] = ()
    """What was issued, not withdrawn, and has no reminder any more."""
    arises_at: Instant | None = None
    """When a reminder that is not listed yet will come to be, if nothing new is recorded."""
    coordinator: str | None = None
    site: str | None = None
    patient: str | None = None
    reference: str | None = None
    short_id: str | None = None
    time_zone: str = "UTC"
