"""Between events and their stored form, by an allow-list of topics."""

from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent, Transcoder

from tracker.events import Recorded, decode, encode
from tracker.store.sealing import Seals, opened


class EventTranscoder(Transcoder):
    """Refuses to work: events are encoded whole, by the mapper."""

    def encode(self, obj: object) -> bytes:
        """Refuse."""
        raise NotImplementedError("events are encoded by the mapper")

    def decode(self, data: bytes) -> object:
        """Refuse."""
        raise NotImplementedError("events are decoded by the mapper")


class EventMapper(Mapper[UUID]):
    """Maps recorded events to stored ones and back; a stored topic never names a class."""

    def __init__(self, seals: Seals | None) -> None:
        super().__init__(EventTranscoder())
        self._seals = seals

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """Return the stored form of an event."""
        assert isinstance(domain_event, Recorded)  # noqa: S101 (nothing else is ever saved)
        event = domain_event
        state = encode(event)
        if self._seals is not None:
            state = self._seals.seal(event.episode, event.version, event.topic, state)
        return StoredEvent(event.episode, event.version, event.topic, state)

    def to_domain_event(self, stored_event: StoredEvent) -> Recorded:
        """Read an event back from its stored form; see `tracker.events.decode` for its errors."""
        episode = stored_event.originator_id
        if not isinstance(episode, UUID):
            episode = UUID(episode)
        version, topic = stored_event.originator_version, stored_event.topic
        return decode(
            episode,
            version,
            topic,
            opened(self._seals, episode, version, topic, stored_event.state),
        )
