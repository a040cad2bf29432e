"""Between events and their stored form, by an allow-list of topics."""

from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent, Transcoder

from tracker.events import Recorded, decode, encode


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

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """Return the stored form of an event."""
        assert isinstance(domain_event, Recorded)  # noqa: S101 (nothing else is ever saved)
        return StoredEvent(
            domain_event.episode, domain_event.version, domain_event.topic, encode(domain_event)
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Recorded:
        """Read an event back from its stored form; see `tracker.events.decode` for its errors."""
        episode = stored_event.originator_id
        return decode(
            episode if isinstance(episode, UUID) else UUID(episode),
            stored_event.originator_version,
            stored_event.topic,
            stored_event.state,
        )
