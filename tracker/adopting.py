"""Many episodes are judged by another protocol from now on: an event for each of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from tracker import episode as decisions
from tracker.episode import Meta
from tracker.events import NewEvent, Recorded
from tracker.service import Appended, Service
from tracker.store.failures import of_all, trace

BATCH = 100
"""Episodes that adopt in one transaction."""


@dataclass
class Adopted:
    """What became of the episodes."""

    moved: int = 0
    already: int = 0
    """Were judged by it before."""
    incomplete: int = 0
    """Were moved, and their rows could not be written."""
    failed: list[tuple[UUID, str]] = field(default_factory=list)
    """Could not be moved, and why; again it goes on with them."""


def adopt_all(
    service: Service,
    episodes: Sequence[UUID],
    protocol: str,
    reason: str,
    meta: Meta,
    done: Callable[[list[Appended]], None],
) -> Adopted:
    """Append protocol-adopted to each episode; what is wrong with one stops no other.

    `done` is told what was appended, batch by batch. Raises StoreError when the database cannot
    be used; what was moved by then stays so, and the same again goes on with the rest.
    """

    def decide(history: list[Recorded]) -> Sequence[NewEvent]:
        return decisions.adopt(history, protocol, reason, meta)

    adopted = Adopted()
    for start in range(0, len(episodes), BATCH):
        batch = episodes[start : start + BATCH]
        try:
            _count(adopted, service.append_many([(uuid, decide) for uuid in batch]), done)
        except Exception as error:  # found again below, by the episode that it comes from
            if of_all(error):
                raise
            for uuid in batch:
                _one(adopted, service, uuid, decide, done)
    return adopted


def _one(
    adopted: Adopted,
    service: Service,
    uuid: UUID,
    decide: Callable[[list[Recorded]], Sequence[NewEvent]],
    done: Callable[[list[Appended]], None],
) -> None:
    try:
        appended = service.append(uuid, decide)
    except Exception as error:  # whatever is wrong with one, the others go on
        if of_all(error):
            raise
        adopted.failed.append((uuid, trace(error)))
        return
    _count(adopted, [appended], done)


def _count(
    adopted: Adopted, appended: list[Appended], done: Callable[[list[Appended]], None]
) -> None:
    for one in appended:
        adopted.moved += bool(one.events)
        adopted.already += not one.events
        adopted.incomplete += one.parked
    done(appended)
