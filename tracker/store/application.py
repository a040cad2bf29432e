"""The eventsourcing application over our recorder. The process environment does not touch it."""

from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    Mapper,
    ProcessRecorder,
    TrackingRecorder,
    Transcoder,
)
from eventsourcing.utils import Environment, EnvType

from tracker.store.database import Database
from tracker.store.mapper import EventMapper, EventTranscoder
from tracker.store.recorder import EpisodeRecorder, LogRecorder


class DatabaseFactory(InfrastructureFactory):
    """Builds recorders over one database."""

    def __init__(self, env: Environment, database: Database) -> None:
        super().__init__(env)
        self.database = database

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        """Return a recorder of single episodes. Snapshots are refused: nothing trusts them."""
        if purpose != "events":
            raise NotImplementedError("the log keeps events and no snapshots")
        return EpisodeRecorder(self.database)

    def application_recorder(self) -> ApplicationRecorder:
        """Return the recorder of the log."""
        return LogRecorder(self.database)

    def tracking_recorder(
        self, tracking_recorder_class: type[TrackingRecorder] | None = None
    ) -> TrackingRecorder:
        """Refuse: read models keep their own position, in the transaction that appends."""
        raise NotImplementedError("read models keep their own position")

    def process_recorder(self) -> ProcessRecorder:
        """Refuse, as for tracking."""
        raise NotImplementedError("read models keep their own position")


class EpisodeLog(Application[UUID]):
    """The log of all episodes: `save(*events, rows=...)` appends events and rows at once."""

    name = "tracker"

    def __init__(self, database: Database) -> None:
        self.database = database
        super().__init__()

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Return an empty environment: no variable of the process changes where events go."""
        return Environment(name, env)

    def construct_factory(self, env: Environment) -> InfrastructureFactory:
        """Return the factory for our database."""
        return DatabaseFactory(env, self.database)

    def construct_transcoder(self) -> Transcoder:
        """Return a transcoder that is never asked."""
        return EventTranscoder()

    def construct_mapper(self) -> Mapper[UUID]:
        """Return the mapper with the allow-list of topics."""
        return EventMapper(self.database.seals)
