"""Databases to measure on: made once for a run, looked at from an instant that does not move."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import text

from scripts.benchmarks.histories import NOW, history, new
from scripts.benchmarks.multiplying import multiply
from tracker.config import Location
from tracker.events import Recorded
from tracker.service import Service
from tracker.store import sequence
from tracker.store.application import EpisodeLog
from tracker.store.database import Durability

_NAMED = "SELECT FROM pg_database WHERE datname = %s"
_LIKE = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
_MAKE = SQL("CREATE DATABASE {} TEMPLATE template0")
_DROP = SQL("DROP DATABASE {} WITH (FORCE)")
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
    server: str | None = None
    """URL of a database on a server whose login may make others; None: in files."""
    told: int | None = None
    """Of so many episodes the log tells; more are copies of their rows. None: of all."""

    def url(self, name: str) -> str:
        """Return the URL of a database of this run on the server, made where there is none."""
        with _connected(self.server) as conn:
            there = conn.execute(_NAMED, [self._database(name)])
            if there.fetchone() is None:
                conn.execute(_MAKE.format(Identifier(self._database(name))))
        path = f"/{self._database(name)}"
        return urlsplit(str(self.server))._replace(path=path).geturl()

    def _database(self, name: str) -> str:
        return f"{self.directory.name}-{name}"

    def drop(self) -> None:
        """Drop the databases of this run, if they are on a server."""
        if self.server is None:
            return
        with _connected(self.server) as conn:
            for (name,) in conn.execute(_LIKE, [self._database("")]).fetchall():
                conn.execute(_DROP.format(Identifier(name)))

    def place(self, name: str) -> Location:
        """Return where a tracker of this run is."""
        return Location(self.home(name), self.url(name) if self.server else None)

    def home(self, name: str) -> Path:
        """Return a data directory of this run."""
        return self.directory / name

    def service(self, name: str, durability: Durability = "FULL") -> Service:
        """Open a data directory, made where there is none, at the instant `NOW`."""
        return Service.open(self.place(name), lambda: NOW, create=True, durability=durability)

    def log_of(self, episodes: int) -> str:
        """Return the name of a data directory whose log holds so many episodes.

        It is made when it is first asked for; it has no read models until it is rebuilt.
        """
        name = f"episodes-{episodes}"
        episodes = min(episodes, self.told or episodes)
        with self.service(name, "OFF") as service:
            with service.database.reading() as conn:
                empty = sequence.head(conn)[0] == 0
            if empty:
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
                multiply(service, min(episodes, self.told or episodes), episodes)
                if self.server is not None:  # as it does by itself when it has time
                    with service.database.writing() as conn:
                        conn.execute(text("ANALYZE"))
        return name


def _connected(url: str | None) -> "psycopg.Connection[tuple[Any, ...]]":
    return psycopg.connect(str(url), autocommit=True)


def put(service: Service, histories: Iterable[Sequence[Recorded]]) -> None:
    """Append whole histories to the log in one transaction, without read models."""
    events = [event for one in histories for event in one]
    EpisodeLog(service.database).events.put(events)


def append(service: Service, events: Sequence[Recorded]) -> UUID:
    """Append a new episode with its rows, as the program does, and return its uuid."""
    return service.append(None, lambda _: [new(event) for event in events]).episode.uuid
