"""Histories of an episode in a few words, and questions asked of its status."""

import datetime
from collections.abc import Sequence
from uuid import UUID

import msgspec

from tracker.events import Recorded, data_from
from tracker.history import timeline
from tracker.pathway import Protocol, Reminder, Status, builtin_protocol, evaluate

EPISODE = UUID("00000000-0000-4000-8000-000000000001")
SECOND = datetime.timedelta(seconds=1)
MICROSECOND = datetime.timedelta(microseconds=1)

Time = str | datetime.datetime


def when(time: Time) -> datetime.datetime:
    """Read `2026-02-02 08:00` (UTC unless it has an offset); a datetime stays as it is."""
    if isinstance(time, str):
        time = datetime.datetime.fromisoformat(time)
    return (time if time.tzinfo else time.replace(tzinfo=datetime.UTC)).astimezone(datetime.UTC)


def at(
    time: Time,
    topic: str,
    *,
    id: str | None = None,  # noqa: A002
    recorded: Time | None = None,
    actor: str = "anna",
    source: str = "cli",
    **fields: object,
) -> list[Recorded]:
    """Return one event, in a list so that histories are added up; recorded when it occurred."""
    occurred_at = when(time)
    event = Recorded(
        id=id or f"{topic}@{occurred_at:%dT%H:%M:%S}",
        occurred_at=occurred_at,
        recorded_at=when(recorded) if recorded else occurred_at,
        actor=actor,
        source=source,
        data=data_from(topic, fields),
        episode=EPISODE,
        version=0,
    )
    return [event]


def opened(zone: str, time: Time = "2020-01-01 00:00") -> list[Recorded]:
    """Return the opening of an episode in a time zone."""
    return at(time, "episode-opened", id="opened", time_zone=zone)


def correct(time: Time, target: str, **changes: object) -> list[Recorded]:
    """Return a correction, recorded at `time`."""
    return at(time, "event-corrected", target=target, changes=changes, reason="wrong entry")


def void(time: Time, target: str) -> list[Recorded]:
    """Return a voiding, recorded at `time`."""
    return at(time, "event-voided", target=target, reason="entered in error")


def in_order(events: Sequence[Recorded]) -> list[Recorded]:
    """Number the events in the order given: the order in which they were recorded."""
    return [msgspec.structs.replace(e, version=n) for n, e in enumerate(events, start=1)]


def timeline_of(events: Sequence[Recorded]) -> list[Recorded]:
    """Return the timeline of events recorded in the order given."""
    return timeline(in_order(events))


def status(
    events: Sequence[Recorded],
    now: Time,
    known_at: Time | None = None,
    protocol: Protocol | None = None,
) -> Status:
    """Return how the episode is at `now`, by what was known at `known_at` (default: everything)."""
    known = when(known_at) if known_at else None
    line = timeline(in_order(events), at=when(now), known_at=known)
    return evaluate(line, protocol or builtin_protocol(), when(now))


def reminder(of: Status, kind: str) -> Reminder:
    """Return the reminder of a kind: the live one, else the one that came to be last."""
    found = [r for r in of.reminders if r.kind == kind]
    assert found, f"no {kind} among {[r.kind for r in of.reminders]}"
    return max(found, key=lambda r: (r.ended_at is None, r.since))


def owes(of: Status) -> dict[str, str]:
    """Return the status of every live reminder by its kind."""
    return {r.kind: r.status for r in of.reminders if r.live}


def all_of(of: Status, kind: str) -> list[str]:
    """Return the statuses of every reminder of a kind, in order of coming to be."""
    return [r.status for r in sorted(of.reminders, key=lambda r: r.since) if r.kind == kind]


def rules(of: Status, *, active: bool = True) -> set[str]:
    """Return the rules of the alerts that are active, or that ever were."""
    return {a.rule for a in of.alerts if a.active or not active}
