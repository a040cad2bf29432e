"""The other side: an aggregate of the eventsourcing library, written as its documentation does."""

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self, cast
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.sqlite import SQLiteApplicationRecorder
from psycopg.conninfo import conninfo_to_dict

from scripts.benchmarks.measuring import agreed
from tracker.events import NewEvent, Recorded, data_fields, data_from
from tracker.store.database import Durability

Fact = tuple[str, str, datetime.datetime, str, str, dict[str, Any]]


class Episode(Aggregate):
    """An episode that keeps what was recorded. When, the library notes by itself."""

    @event("Opened")
    def __init__(
        self,
        fact: str,
        occurred_at: datetime.datetime,
        actor: str,
        source: str,
        data: dict[str, Any],
    ) -> None:
        self.facts: list[Fact] = [(fact, "episode-opened", occurred_at, actor, source, data)]

    @event("Recorded")
    def record(
        self,
        fact: str,
        topic: str,
        occurred_at: datetime.datetime,
        actor: str,
        source: str,
        data: dict[str, Any],
    ) -> None:
        """Take in a fact."""
        self.facts.append((fact, topic, occurred_at, actor, source, data))

    def add(self, new: NewEvent) -> None:
        """Take in an event."""
        data = data_fields(new.data)
        self.record(new.id, new.topic, new.occurred_at, new.actor, new.source, data)

    def history(self) -> list[Recorded]:
        """Return the facts as what is evaluated."""
        return [
            Recorded(
                id=fact,
                occurred_at=occurred_at,
                recorded_at=occurred_at,
                actor=actor,
                source=source,
                data=data_from(topic, data),
                episode=self.id,
                version=version,
            )
            for version, (fact, topic, occurred_at, actor, source, data) in enumerate(self.facts, 1)
        ]


class Library:
    """The library's application over a recorder of its own."""

    def __init__(self, application: Application[UUID]) -> None:
        self.application = application

    @classmethod
    def in_file(cls, path: Path, durability: Durability = "FULL") -> Self:
        """Open a file of SQLite, with its write-ahead log."""
        env = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)}
        made = cls(Application[UUID](env=env))
        recorder = made.application.recorder
        datastore = cast(SQLiteApplicationRecorder, recorder).datastore
        with datastore.transaction(commit=False) as cursor:
            connection = cursor.sqlite_cursor.connection
        connection.execute(f"PRAGMA synchronous={durability}")
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        (level,) = connection.execute("PRAGMA synchronous").fetchone()
        agreed((mode, level), ("wal", {"FULL": 2, "OFF": 0}[durability]))
        return made

    @classmethod
    def on_server(cls, url: str, *, create: bool = False) -> Self:
        """Open a database of PostgreSQL, as the library comes; with `create`, make its tables."""
        given = conninfo_to_dict(url)
        env = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "CREATE_TABLE": "yes" if create else "no",
            "POSTGRES_DBNAME": str(given["dbname"]),
            "POSTGRES_HOST": str(given.get("host", "")),
            "POSTGRES_PORT": str(given.get("port", 5432)),
            "POSTGRES_USER": str(given.get("user", "")),
            "POSTGRES_PASSWORD": str(given.get("password", "unused")),
        }
        return cls(Application[UUID](env=env))

    def add(self, history: Sequence[Recorded]) -> UUID:
        """Save a whole history as one aggregate and return its id."""
        first = history[0]
        opened = data_fields(first.data)
        episode = Episode(first.id, first.occurred_at, first.actor, first.source, opened)
        for one in history[1:]:
            episode.add(one)
        self.application.save(episode)
        return episode.id

    def load(self, episode: UUID, version: int | None = None) -> Episode:
        """Return an episode as the repository rebuilds it, at a version if one is given."""
        found: Episode = self.application.repository.get(episode, version=version)
        return found
