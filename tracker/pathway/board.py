"""The alerts raised so far: how long each is active, and what ends it."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tracker.pathway.protocol import Rule
from tracker.pathway.status import Alert, Severity

Ground = Callable[[Any], bool]
"""Whether the ground of an urgent alert is still there, asked of the course."""


@dataclass(slots=True)
class Raised:
    """An alert while the timeline is walked."""

    id: str
    rule: str
    event: str
    """What it is about; the last of what it rests on."""
    severity: Severity
    since: datetime.datetime
    detail: str
    because: tuple[str, ...]
    standing: bool
    """Active as long as its condition holds, rather than until it is acknowledged."""
    ground: Ground | None
    on_symptoms: bool
    """It rests on what the patient feels or shows, not on an act or the wound alone."""
    until: datetime.datetime | None = None
    acknowledged_by: str | None = None
    gone: bool = False
    """The ground of an urgent alert is gone."""


class Board:
    """Alerts by id. A past act alerts until acknowledged; a state for as long as it lasts."""

    def __init__(self, rules: dict[str, Rule]) -> None:
        """Start with no alert, and the protocol's wording of each rule."""
        self._rules = rules
        self.alerts: dict[str, Raised] = {}
        self.fresh: list[Raised] = []
        """Raised by the event at hand; cleared by whoever walks the timeline."""
        self.dangers: list[Raised] = []
        """Urgent alerts, also those that are over."""
        self._standing: dict[tuple[str, str], Raised] = {}
        self._held: set[tuple[str, str]] = set()

    def raise_(
        self,
        rule: str,
        event: str,
        at: datetime.datetime,
        detail: str,
        *,
        also: Iterable[str] = (),
        variant: str | None = None,
        ground: Ground | None = None,
        standing: bool = False,
        on_symptoms: bool = False,
    ) -> Raised:
        """Raise an alert about `event` that also rests on the events `also`."""
        entry = self._rules[rule]
        severity = entry.variants.get(variant, entry.severity) if variant else entry.severity
        because = (*dict.fromkeys(e for e in also if e != event), event)
        raised = Raised(
            id=self._new_id(rule, event),
            rule=rule,
            event=event,
            severity=severity,
            since=at,
            detail=detail,
            because=because,
            standing=standing,
            ground=ground,
            on_symptoms=on_symptoms,
        )
        self.alerts[raised.id] = raised
        if ground is not None or severity == "urgent":
            self.dangers.append(raised)
        self.fresh.append(raised)
        return raised

    def _new_id(self, rule: str, event: str) -> str:
        name = f"{rule}:{event}"
        number = 2
        while name in self.alerts:
            name = f"{rule}:{event}.{number}"
            number += 1
        return name

    def hold(
        self,
        rule: str,
        key: str,
        at: datetime.datetime,
        detail: str,
        *,
        also: Iterable[str] = (),
        variant: str | None = None,
    ) -> None:
        """Keep the alert of a state active, raising it if it is not."""
        place = (rule, key)
        self._held.add(place)
        standing = self._standing.get(place)
        if standing is None:
            self._standing[place] = self.raise_(
                rule, key, at, detail, also=also, variant=variant, standing=True
            )
        else:
            standing.detail = detail

    def end_unheld(self, at: datetime.datetime) -> None:
        """End the alerts of states that no longer hold."""
        for place in [p for p in self._standing if p not in self._held]:
            self._standing.pop(place).until = at
        self._held.clear()

    def reconsider(self, course: Any, at: datetime.datetime) -> None:
        """End urgent alerts that are acknowledged and whose ground is gone."""
        for raised in self.dangers:
            if raised.ground is None or raised.until is not None:
                continue
            if not raised.gone and not raised.ground(course):
                raised.gone = True
            if raised.gone and raised.acknowledged_by is not None:
                raised.until = at

    def acknowledge(self, name: str, who: str, at: datetime.datetime) -> None:
        """Acknowledge an alert by id, or all active ones of a rule."""
        for raised in self.alerts.values():
            if raised.until is not None or name not in (raised.id, raised.rule):
                continue
            raised.acknowledged_by = raised.acknowledged_by or who
            if not raised.standing and raised.ground is None:
                raised.until = at

    def withdraw(self, event: str, at: datetime.datetime) -> None:
        """End the alerts about an order that is cancelled."""
        for raised in self.alerts.values():
            if raised.until is None and not raised.standing and raised.event == event:
                raised.until = at

    def end_at_death(self, at: datetime.datetime) -> None:
        """End every urgent alert and every alert of a state."""
        for raised in self.alerts.values():
            lasting = raised.standing or raised.ground is not None or raised.severity == "urgent"
            if raised.until is None and lasting:
                raised.until = at
        self._standing.clear()

    def unacknowledged(self) -> list[Raised]:
        """Return active urgent alerts that nobody has acknowledged."""
        return [
            r
            for r in self.dangers
            if r.until is None and r.severity == "urgent" and r.acknowledged_by is None
        ]

    @property
    def urgent(self) -> bool:
        """Whether an urgent alert is active."""
        return any(r.until is None and r.severity == "urgent" for r in self.dangers)

    def shown(self) -> tuple[Alert, ...]:
        """Return every alert for people to read, in order of when it was raised."""
        ordered = sorted(self.alerts.values(), key=lambda r: (r.since, r.id))
        return tuple(self._shown(r) for r in ordered)

    def _shown(self, raised: Raised) -> Alert:
        entry = self._rules[raised.rule]
        return Alert(
            id=raised.id,
            rule=raised.rule,
            severity=raised.severity,
            active=raised.until is None,
            since=raised.since,
            until=raised.until,
            text=f"{entry.text} ({raised.detail})" if raised.detail else entry.text,
            because=raised.because,
            source=entry.source,
            acknowledged_by=raised.acknowledged_by,
        )
