"""Histories of twenty events, made from the stories: the same index gives the same history.

The scheduler's part is in them as well: what is owed was issued before `NOW`. At `NOW` nothing is
owed therefore, and what is evaluated then holds for more than an hour.
"""

import datetime
import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from scripts.benchmarks.stories import ASIDE, STORIES, Story
from tracker.events import NewEvent, Recorded, data_fields, data_from
from tracker.events.ledger import ReminderIssued
from tracker.events.lifecycle import EpisodeOpened
from tracker.history import timeline
from tracker.pathway import Status, builtin_protocol, evaluate
from tracker.pathway.issuing import owed

NOW = datetime.datetime(2025, 3, 3, 12, tzinfo=datetime.UTC)
"""The instant at which every episode is looked at."""
LENGTH = 20
"""Events of an episode."""

TICKS = (NOW - datetime.timedelta(hours=1), NOW - datetime.timedelta(minutes=20))
"""When the scheduler ticked: urgent reviews are escalated half an hour after they are said."""
_HOUR = datetime.timedelta(hours=1)
_ENTRY = datetime.timedelta(minutes=4)
_TEMPLATE = UUID(int=0)
_DOSE = {"drug": "acetaminophen", "drug_class": "acetaminophen", "dose": 1000, "unit": "mg"}
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def status(history: Sequence[Recorded], now: datetime.datetime = NOW) -> Status:
    """Evaluate a history by the built-in protocol."""
    return evaluate(timeline(history), builtin_protocol(), now)


def _event(version: int, at: datetime.datetime, data: Any, source: str = "cli") -> Recorded:
    return Recorded(
        id=f"e{version:02}",
        occurred_at=at,
        recorded_at=at if source == "scheduler" else at + _ENTRY,
        actor="scheduler" if source == "scheduler" else "anna.keller",
        source=source,
        data=data,
        episode=_TEMPLATE,
        version=version,
    )


def _facts(story: Story, doses: int) -> Iterator[tuple[datetime.datetime, Any]]:
    surgery = NOW - story.age * _HOUR
    told = [(surgery + hour * _HOUR, data_from(topic, data)) for hour, topic, data in story.facts]
    given = [surgery + (26 + 2 * n) * _HOUR for n in range(doses)]
    told += [(at, data_from("medication-given", {**_DOSE, "route": "oral"})) for at in given]
    return iter(sorted(told, key=lambda fact: fact[0]))


def _told(story: Story, doses: int) -> list[Recorded]:
    """Tell a story with so many doses of a drug."""
    facts = list(_facts(story, doses))
    opened = EpisodeOpened(time_zone="Europe/Berlin", site="spine-center")
    told = [(facts[0][0], opened), *facts]
    return [_event(version, at, data) for version, (at, data) in enumerate(told, start=1)]


def _issued(history: list[Recorded]) -> list[Recorded]:
    """Let the scheduler issue what a history owes before it is looked at."""
    for at in TICKS:
        for item in owed(status(history, at), at):
            due = item.reminder
            window = f"{due.opens_at.isoformat()}/{due.due_at.isoformat()}"
            data = ReminderIssued(reminder=due.id, kind=due.kind, phase=item.phase, window=window)
            history = [*history, _event(len(history) + 1, at, data, "scheduler")]
    return history


@cache
def template(name: str) -> tuple[Recorded, ...]:
    """Return the history of a story with as many doses as make it twenty events long."""
    if name in ASIDE:
        return tuple(_told(ASIDE[name], 0))
    for doses in range(LENGTH):
        events = _issued(_told(STORIES[name], doses))
        if len(events) == LENGTH:
            return tuple(events)
    raise ValueError(f"the story {name} does not fit into {LENGTH} events")


def uuid_of(index: int) -> UUID:
    """Return the uuid of an episode."""
    return UUID(bytes=hashlib.sha256(b"%d" % index).digest()[:16], version=4)


def short_id(index: int) -> str:
    """Return the short id of an episode."""
    digits = [_LETTERS[index // 32**place % 32] for place in range(5)]
    return "E-" + "".join(reversed(digits))


def story_of(index: int) -> str:
    """Return the name of the story an episode follows."""
    return tuple(STORIES)[index % len(STORIES)]


def history(index: int, story: str | None = None, now: datetime.datetime = NOW) -> list[Recorded]:
    """Return the history of an episode: its story up to `now`, or up to forty minutes earlier."""
    events = template(story or story_of(index))
    shift = now - NOW - datetime.timedelta(minutes=0 if story else index * 7 % 41)
    episode = uuid_of(index)
    opened = msgspec.structs.replace(
        events[0].data,
        patient=f"{1_000_000 + index}",
        reference=f"case-{index}",
        short_id=short_id(index),
        coordinator=f"coordinator-{index % 9}",
        protocol=builtin_protocol().name,
    )
    return [
        Recorded(
            id=event.id,
            occurred_at=event.occurred_at + shift,
            recorded_at=event.recorded_at + shift,
            actor=event.actor,
            source=event.source,
            data=opened if event.version == 1 else event.data,
            episode=episode,
            version=event.version,
        )
        for event in events
    ]


def new(event: Recorded) -> NewEvent:
    """Return an event of a history as it was decided on."""
    return NewEvent(**{name: getattr(event, name) for name in NewEvent.__struct_fields__})


def line(event: Recorded, reference: str) -> dict[str, Any]:
    """Return an event as a line for import."""
    return {
        "episode": reference,
        "id": event.id,
        "event": event.topic,
        "occurred_at": event.occurred_at,
        "actor": event.actor,
        "data": data_fields(event.data),
    }
