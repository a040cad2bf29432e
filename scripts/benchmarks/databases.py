"""Databases to measure on: made once for a run, looked at from an instant that does not move."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from scripts.benchmarks.histories import NOW, history, new
from tracker.config import Location
from tracker.events import Recorded
from tracker.service import Service
from tracker.store.application import EpisodeLog
from tracker.store.database import Durability

BATCH = 1_000
"""Episodes that are put into a log in one transaction."""


@dataclass(frozen=True)
class Bench:
    """A run: where its files go, and how much is measured."""

    directory: Path
    episodes: int
    """Size of the large database."""
    few: int
    """Size of the small one."""
    rounds: int

    def home(self, name: str) -> Path:
        """Return a data directory of this run."""
        return self.directory / name

    def service(self, name: str, durability: Durability = "FULL") -> Service:
        """Open a data directory, made where there is none, at the instant `NOW`."""
        location = Location(self.home(name), None)
        return Service.open(location, lambda: NOW, create=True, durability=durability)

    def log_of(self, episodes: int) -> str:
        """Return the name of a data directory whose log holds so many episodes.

        It is made when it is first asked for; it has no read models until it is rebuilt.
        """
        name = f"episodes-{episodes}"
        if not self.home(name).exists():
            with self.service(name, "OFF") as service:
                for first in range(0, episodes, BATCH):
                    numbers = range(first, min(first + BATCH, episodes))
                    put(service, (history(number) for number in numbers))
        return name

    def rows_of(self, episodes: int) -> str:
        """Return the name of a data directory of so many episodes with their read models."""
        name = self.log_of(episodes)
        with self.service(name) as service:
            if service.projections().position == 0:
                service.rebuild(processes=2)
        return name


def put(service: Service, histories: Iterable[Sequence[Recorded]]) -> None:
    """Append whole histories to the log in one transaction, without read models."""
    events = [event for one in histories for event in one]
    EpisodeLog(service.database).events.put(events)


def append(service: Service, events: Sequence[Recorded]) -> UUID:
    """Append a new episode with its rows, as the program does, and return its uuid."""
    return service.append(None, lambda _: [new(event) for event in events]).episode.uuid
