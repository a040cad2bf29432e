"""What to say of an event that is recorded as told, and does not do what one might think."""

from collections.abc import Iterator, Sequence

from tracker.events import EventData, Recorded
from tracker.events.imaging import ImagingCancelled
from tracker.events.lifecycle import EpisodeReopened
from tracker.events.procedures import (
    BloodPatchCancelled,
    BloodPatchDeclined,
    BloodPatchDeferred,
)
from tracker.history import timeline
from tracker.pathway import Protocol
from tracker.pathway.course import Course
from tracker.pathway.evaluate import walk
from tracker.pathway.levels import interspaces
from tracker.times import local

_CANCELLED = (BloodPatchCancelled, ImagingCancelled)
_REFUSED = (BloodPatchDeclined, BloodPatchDeferred)


def remarks(history: Sequence[Recorded], event: Recorded, protocol: Protocol) -> list[str]:
    """Return remarks on an event of a history: what it names that is not known or not there.

    The state before it is what was true at its time, by what was recorded before it.
    """
    return [
        *_of_level(event.data),
        *_of_drug(event, protocol),
        *_of_state(history, event, protocol),
    ]


def _of_level(data: EventData) -> Iterator[str]:
    level = getattr(data, "level", None)
    if level is not None and not interspaces(level):
        yield f"level {level!r} cannot be read, so it is compared with no other; L4-L5 could be"


def _of_drug(event: Recorded, protocol: Protocol) -> Iterator[str]:
    drug = getattr(event.data, "drug", None)
    if drug is None or getattr(event.data, "drug_class", None) is not None:
        return
    if drug.strip().casefold() not in protocol.settings.drug_classes:
        yield (
            f"the class of {drug} is unknown: it is not judged; give --drug-class, or later: "
            f"tracker correct EPISODE {event.id} --set drug_class=CLASS --reason TEXT"
        )


def _of_state(history: Sequence[Recorded], event: Recorded, protocol: Protocol) -> Iterator[str]:
    if not isinstance(event.data, (*_CANCELLED, *_REFUSED, EpisodeReopened)):
        return
    earlier = [known for known in history if known.version < event.version]
    course = walk(timeline(earlier, event.occurred_at), protocol, event.occurred_at)
    if isinstance(event.data, EpisodeReopened):
        if course.closed is None:
            yield "the episode was open already"
    elif isinstance(event.data, _CANCELLED):
        yield from _of_cancelling(course, event.data)
    elif course.refused is not None and _topic(earlier, course.refused.id) == event.topic:
        since = local(course.refused.at, course.zone)
        yield f"the same was recorded at {since} and held still"


def _of_cancelling(course: Course, data: BloodPatchCancelled | ImagingCancelled) -> Iterator[str]:
    patch = isinstance(data, BloodPatchCancelled)
    orders = course.patch_orders if patch else course.imaging_orders
    if not orders:
        yield "there was no open order to cancel"
    elif data.order is not None and data.order not in {order.event.id for order in orders}:
        yield f"order {data.order} was not open; what is open stays so"


def _topic(history: Sequence[Recorded], event_id: str) -> str | None:
    return next((event.topic for event in history if event.id == event_id), None)
