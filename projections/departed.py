"""Episodes that have left a coordinator's list lately: given to another, or closed."""

from uuid import UUID

from sqlalchemy import Connection, and_, not_, or_, select

from projections.tables import worklist
from tracker.events.ledger import EventCorrected, EventVoided
from tracker.events.lifecycle import EpisodeAssigned
from tracker.store.tables import episodes, events

_HANDED_ON = tuple(cls.topic for cls in (EpisodeAssigned, EventCorrected, EventVoided))
"""What may give an episode to another coordinator."""


def departed(conn: Connection, coordinator: str, after: int) -> list[UUID]:
    """Return episodes that may have left a coordinator's list by an event after a position.

    Who coordinated them before only their history can say.
    """
    handed_on = and_(
        events.c.topic.in_(_HANDED_ON), worklist.c.coordinator.is_distinct_from(coordinator)
    )
    closed = and_(worklist.c.coordinator == coordinator, not_(worklist.c.listed))
    query = (
        select(episodes.c.uuid)
        .join_from(events, episodes)
        .join(worklist, worklist.c.episode_key == events.c.episode_key)
        .where(events.c.position > after, or_(handed_on, closed))
        .distinct()
        .order_by(episodes.c.uuid)
    )
    return [UUID(uuid) for uuid in conn.execute(query).scalars()]
