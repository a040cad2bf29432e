"""Exporting JSON Lines that an import takes back."""

from collections.abc import Iterable, Iterator
from typing import Any

from projections.index import EpisodeRef
from tracker.events import Recorded, data_fields
from tracker.service import Service


def exported(service: Service, episodes: Iterable[EpisodeRef]) -> Iterator[dict[str, Any]]:
    """Yield every event of the episodes, in recorded order, as its line."""
    for ref in episodes:
        name = ref.reference or ref.name
        for event in service.history(ref.uuid):
            yield as_line(name, event)


def as_line(name: str, event: Recorded) -> dict[str, Any]:
    """Return an event as its line; `recorded_at`, `recorded_by` and `source` are information.

    `actor` is the person who said it, which an import keeps as on_behalf_of.
    """
    return {
        "episode": name,
        "id": event.id,
        "event": event.topic,
        "occurred_at": event.occurred_at,
        "actor": event.on_behalf_of or event.actor,
        "data": data_fields(event.data),
        "recorded_at": event.recorded_at,
        "recorded_by": event.actor,
        "source": event.source,
    }
