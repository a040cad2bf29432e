"""The course of an episode: everything known at one instant while its timeline is walked."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tracker.events import Recorded
from tracker.events.procedures import AspirationPerformed, BloodPatchPerformed
from tracker.pathway.board import Board
from tracker.pathway.book import Book
from tracker.pathway.calendar import hours
from tracker.pathway.protocol import Protocol
from tracker.pathway.report import NOTHING, Report
from tracker.pathway.settings import Settings
from tracker.pathway.status import Issue, Leak


@dataclass(slots=True, frozen=True)
class Mark:
    """An instant and the event that set it: a clock's start."""

    at: datetime.datetime
    id: str
    inferred: bool = False


@dataclass(slots=True, frozen=True)
class Act:
    """A procedure that counts, in the order in which it was done."""

    at: datetime.datetime
    id: str
    event: Recorded
    patch: bool

    @property
    def observed_from(self) -> datetime.datetime:
        """Start of the observation: the end of the procedure where it is known."""
        data = self.event.data
        ended = data.ended_at if isinstance(data, BloodPatchPerformed) else None
        return ended or self.at

    @property
    def epidural(self) -> bool:
        """Whether it was a blood patch or an aspiration with patch."""
        return isinstance(self.event.data, (BloodPatchPerformed, AspirationPerformed))


@dataclass(slots=True, frozen=True)
class Order:
    """An order that is neither cancelled nor carried out."""

    at: datetime.datetime
    judged_at: datetime.datetime
    """When the act is planned for, else when it was ordered."""
    event: Recorded


@dataclass(slots=True)
class Course:
    """State while walking the timeline. Nothing in it looks ahead of `now`."""

    protocol: Protocol
    zone: str
    now: datetime.datetime
    heard: datetime.datetime
    """When what is known of the present instant was recorded, if that was later."""
    board: Board
    book: Book = field(default_factory=Book)
    notes: list[tuple[str, str]] | None = None
    """Why a rule was not raised, by rule, when somebody asks for it."""

    report: Report = NOTHING
    """What the finding at hand says."""

    # Leak (section 3)
    leak: Leak = "unknown"
    leak_since: Mark | None = None
    determined: bool = False
    """A posture was found that the leak state rests on."""
    posture_found: bool = False
    headache_told: bool = False
    """A headache was present at some time."""
    headache_reported: Mark | None = None
    """Latest headache since the latest intervention, while not resolved."""
    suspected: Mark | None = None
    present: dict[str, str] = field(default_factory=dict)
    """Present symptoms, each with the report that first named it."""
    worsening: bool = False
    severity: float | None = None
    location: tuple[str, ...] = ()
    """Where the head hurt when it was last said."""
    wound: dict[str, str] = field(default_factory=dict)
    """Signs at the wound, each with the examination that found it."""
    complications: dict[str, str] = field(default_factory=dict)
    leak_type: tuple[str, str] | None = None

    # Clocks (section 1)
    conservative: Mark | None = None
    breaches: list[Mark] = field(default_factory=list)
    patches: list[Act] = field(default_factory=list)
    interventions: list[Act] = field(default_factory=list)
    resolved: Mark | None = None
    bed_rest: Mark | None = None
    got_up: bool = False
    """Mobilized since bed rest began: another start of it is a new one."""

    # Treatment under way
    running: dict[str, Recorded] = field(default_factory=dict)
    patch_orders: list[Order] = field(default_factory=list)
    imaging_orders: list[Order] = field(default_factory=list)
    operated: frozenset[int] = frozenset()
    operated_by: tuple[str, ...] = ()
    referred: str | None = None
    refused: Mark | None = None
    """A refusal that holds patch-delayed until an orthostatic finding or `refused_until`."""
    refused_until: datetime.datetime | None = None
    failing: bool = False
    """What the failure of the latest intervention calls for has been asked for."""
    decision_anchor: str | None = None
    """The start of conservative management for which a patch decision was asked."""
    decision_refused: bool = False
    """A patch decision was settled by a refusal and comes back."""
    late_anchor: str | None = None
    """What the late review runs from."""
    imaged: frozenset[str] = frozenset()
    """Parts of the imaging asked for that are done."""
    reviewed: set[str] = field(default_factory=set)
    """Urgent alerts that a complication review has rested on."""
    acknowledged_by: Recorded | None = None
    """Latest acknowledgement of an alert."""
    conservative_asked: bool = False
    """The start of conservative management has been asked for and is still missing."""

    # For the figures of a cohort (section 9)
    first_patch_remission: bool = False
    had_rebound: bool = False
    had_thrombosis: bool = False
    orphans: dict[str, tuple[str, list[Issue]]] = field(default_factory=dict)
    """Issues of reminders that were not there then, with the kind they were of."""

    # The episode itself
    opened: Recorded | None = None
    coordinator: str | None = None
    site: str | None = None
    died: Mark | None = None
    closed: Mark | None = None
    lost: Mark | None = None
    transferred: Mark | None = None
    adopted: str | None = None

    @property
    def settings(self) -> Settings:
        """Settings of the protocol."""
        return self.protocol.settings

    def say(self, rule: str, text: str) -> None:
        """Note why `rule` was judged and not raised."""
        if self.notes is not None:
            self.notes.append((rule, text))

    def breach_before(self, instant: datetime.datetime, act: str | None = None) -> Mark | None:
        """Return the clock D: the latest dural breach at or before `instant`, not by `act`."""
        latest = None
        for mark in self.breaches:
            if mark.at <= instant and mark.id != act and (latest is None or mark.at >= latest.at):
                latest = mark
        return latest

    @property
    def active_leak(self) -> bool:
        """An active leak for every guard on drugs and patches: active or improved."""
        return self.leak in ("active", "improved")

    @property
    def symptomatic(self) -> bool:
        """Leak active, improved or rebound, or unknown after a headache."""
        return self.leak in ("active", "improved", "rebound") or (
            self.leak == "unknown" and self.headache_reported is not None
        )

    @property
    def still_leaking(self) -> bool:
        """The latest finding since the latest intervention: active, or unknown with headache."""
        return self.leak == "active" or (
            self.leak == "unknown" and self.headache_reported is not None
        )

    @property
    def away(self) -> bool:
        """Dead, closed, lost or transferred: no clinical stage is reached."""
        return bool(self.died or self.closed or self.lost or self.transferred)

    @property
    def failure_due(self) -> datetime.datetime | None:
        """When the latest intervention can first be judged to have failed."""
        if not self.interventions:
            return None
        return self.interventions[-1].at + hours(self.settings.failed_patch_hours)

    @property
    def embargo_until(self) -> datetime.datetime | None:
        """End of the embargo on patches after the latest dural breach."""
        breach = self.breach_before(self.now)
        return breach.at + hours(self.settings.patch_earliest_hours) if breach else None

    def drug_classes(self, event: Recorded) -> Iterator[str]:
        """Yield the classes of a drug event: as recorded, and by the drug's name."""
        data = event.data
        named = getattr(data, "drug_class", None)
        if named is not None:
            yield named
        drug = getattr(data, "drug", None)
        by_name = drug and self.settings.drug_classes.get(drug.strip().casefold())
        if by_name and by_name != named:
            yield by_name


Check = Callable[[Course, Recorded], None]
Handler = Callable[[Course, Recorded, Any], None]
