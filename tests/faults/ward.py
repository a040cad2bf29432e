"""A small database with patients in care, and a clock that stands still."""

import datetime
import random
from collections.abc import Iterable, Sequence
from uuid import UUID

from tests.places import Place, located
from tracker import episode
from tracker.events import EventData, NewEvent, Recorded, data_from
from tracker.events.lifecycle import EpisodeOpened
from tracker.service import Service

NOW = datetime.datetime(2026, 3, 20, 9, tzinfo=datetime.UTC)
PROTOCOL = "csf-leak-post-spine-surgery@1"
FACTS: tuple[tuple[str, dict[str, object]], ...] = (
    ("headache-assessed", {"posture": "orthostatic", "severity_nrs": 6.0}),
    ("headache-assessed", {"posture": "none", "severity_nrs": 0.0}),
    ("symptoms-recorded", {"present": ["nausea", "tinnitus"]}),
    ("conservative-management-started", {"measures": ["bed-rest", "hydration"]}),
    ("blood-patch-performed", {"volume_ml": 15.0, "level": "L4-L5"}),
    ("review-completed", {"review": "early", "outcome": "improved"}),
    ("patient-mobilized", {}),
    ("surgery-performed", {"level": "L4-L5"}),
)


def clock() -> datetime.datetime:
    """Return the instant at which this clock stands."""
    return NOW


def opened(place: Place, *, create: bool = False) -> Service:
    """Open the database of a place at the standing clock."""
    return Service.open(located(place), clock, create=create)


def said(name: str, hours_ago: float = 0.0) -> episode.Meta:
    """Return who says something, under which id, and how long ago it happened."""
    when = NOW - datetime.timedelta(hours=hours_ago)
    return episode.Meta(now=NOW, actor="ward", id=name, occurred_at=when)


class Opening:
    """The decision to open an episode."""

    def __init__(self, service: Service, name: str, hours_ago: float = 100.0) -> None:
        self._short_id = episode.new_short_id(service.short_id_taken)
        self._meta = said(name, hours_ago)
        self._data = EpisodeOpened(patient=f"P {name}", reference=f"ref {name}")

    def __call__(self, history: Sequence[Recorded]) -> list[NewEvent]:
        """Decide."""
        return episode.open_episode(
            history, self._data, self._meta, short_id=self._short_id,
            protocol=PROTOCOL, time_zone="Europe/Berlin",
        )  # fmt: skip


class Fact:
    """The decision to record a clinical fact."""

    def __init__(self, service: Service, name: str, data: EventData, hours_ago: float) -> None:
        self._judge = lambda history: service.judge.status(history, NOW)
        self._meta = said(name, hours_ago)
        self._data = data

    def __call__(self, history: Sequence[Recorded]) -> list[NewEvent]:
        """Decide."""
        return episode.record(history, self._data, self._meta, judge=self._judge)


def some_fact(service: Service, name: str, rng: random.Random) -> Fact:
    """Return the decision to record one of several facts at a time of the last days."""
    topic, fields = rng.choice(FACTS)
    return Fact(service, name, data_from(topic, dict(fields)), rng.uniform(0, 96))


def add(service: Service, numbers: Iterable[int]) -> list[UUID]:
    """Add episodes of those numbers, each with an operation and a headache."""
    uuids = []
    for number in numbers:
        uuid = service.append(None, Opening(service, f"o{number}")).episode.uuid
        for topic, fields in (FACTS[-1], FACTS[0]):
            data = data_from(topic, dict(fields))
            service.append(uuid, Fact(service, f"{topic} {number}", data, 90))
        uuids.append(uuid)
    return uuids


def make(place: Place, episodes: int = 4) -> list[UUID]:
    """Make a database with some episodes."""
    with opened(place, create=True) as service:
        return add(service, range(episodes))
