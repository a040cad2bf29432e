"""One episode on its way into the log, and the rows that go with it."""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from projections import index, parking, taken, writer
from projections.held import Asked
from projections.index import EpisodeRef
from projections.views import View
from tracker.errors import ConflictError, RefusedError, TrackerError
from tracker.events import NewEvent, Recorded
from tracker.events.lifecycle import EpisodeErased, EpisodeOpened
from tracker.store import sequence
from tracker.store.statements import Session

if TYPE_CHECKING:
    from tracker.pathway.status import Status


Beside = Callable[[Session, Mapping[UUID, int]], None]
"""Writes what else belongs into the transaction that appends, given the keys of the episodes."""


_AT_ONCE = 100
"""Episodes whose rows are asked for together."""


class NameTakenError(TrackerError):
    """A new episode would have a name that another one has."""

    def __init__(self, other: EpisodeRef | None = None, reference: str | None = None) -> None:
        super().__init__("another episode has that name already")
        self.other = other
        self.reference = reference
        """Which one has which reference; None if it is the short id that is taken."""


@dataclass
class Step:
    """One episode on its way into the log."""

    episode: UUID
    key: int | None
    history: list[Recorded]
    new: list[Recorded]
    now: datetime.datetime
    status: "Status | None" = None
    view: View | None = None
    """What the rows are made from; None if they cannot be written."""
    problem: str = ""
    judged: bool = False
    """Whether it is known what its rows are, or that they cannot be written."""

    @property
    def opening(self) -> EpisodeOpened:
        """The event that opened the episode."""
        for event in self.history:
            if isinstance(event.data, EpisodeOpened):
                return event.data
        raise ValueError("a new episode begins with episode-opened")

    @property
    def ref(self) -> EpisodeRef:
        """What the episode is called."""
        named = self.status or self.opening
        key = self.key or 0
        return EpisodeRef(self.episode, key, named.short_id, named.reference, named.patient)


class Rows:
    """The rows of the episodes that are appended to; of those without a view, a mark."""

    def __init__(
        self, steps: Sequence[Step], judge: Callable[[Step], None], beside: Beside | None = None
    ) -> None:
        self._steps = steps
        self._judge = judge
        self.known = {step.episode: step.key for step in steps if step.key is not None}
        self._beside = beside
        self._changes = writer.none_yet()
        self.keys: Mapping[UUID, int] = {}
        self._asked: dict[int, Asked] = {}
        self._taken: list[tuple[str | None, taken.Asked]] = []
        self.names = [name for step in steps if step.key is None for name in _names(step.opening)]

    def ask(self, conn: Session) -> None:
        """Ask for the rows that are there, and for those who have the names of new episodes."""
        for step in self._steps:
            if step.key is None:
                names = step.opening.reference, step.opening.short_id
                self._taken.append((names[0], taken.ask(conn, *names)))
            elif len(self._asked) < _AT_ONCE and not (step.judged and step.view is None):
                self._asked[step.key] = writer.ask(conn, step.key)

    def work_out(self) -> None:
        """Evaluate what was not evaluated before."""
        for step in self._steps:
            if not step.judged:
                self._judge(step)

    def write(self, conn: Session, keys: Mapping[UUID, int]) -> None:
        """Write the rows of each episode."""
        self.keys = keys
        for reference, told in self._taken:
            _refuse_taken_name(conn, reference, told())
        fresh = []
        for step in self._steps:
            if step.view is not None:
                view = step.view._replace(key=keys[step.episode])
                if step.key is None:
                    fresh.append(view)
                else:
                    writer.repair(conn, view, self._changes, self._asked.get(step.key))
        if fresh:
            writer.add(conn, fresh, self._changes)
        if self._beside is not None:
            self._beside(conn, keys)

    def settle(self, conn: Session, count: int) -> None:
        """Write counts and position, and the marks."""
        writer.settle(conn, self._changes)
        writer.advance_by(conn, count)
        marked = [step for step in self._steps if step.view is None]
        if marked:
            position, _ = sequence.end(conn)
            for step in marked:
                parking.park(conn, self.keys[step.episode], position, step.problem, step.now)


def _names(opening: EpisodeOpened) -> Iterator[str]:
    if opening.reference is not None:
        yield f"reference {opening.reference}"
    if opening.short_id is not None:
        yield f"short id {opening.short_id}"


def _refuse_taken_name(conn: Session, reference: str | None, told: taken.Taken) -> None:
    if told.reference and reference is not None:
        other = index.by_reference(conn, reference)
        if other is None:
            raise RefusedError(taken.hidden(reference), "give the new one another reference")
        raise NameTakenError(other, reference)
    if told.short_id:
        raise NameTakenError


def numbered(step: Step, decided: Sequence[NewEvent]) -> Iterator[Recorded]:
    """Give new events their place; one that is there already under its id is left out.

    Raises ConflictError when an id is there with other content.
    """
    known = {event.id: event for event in step.history}
    last = step.history[-1] if step.history else None
    version = 0 if last is None else last.version
    for event in decided:
        if last is not None and isinstance(last.data, EpisodeErased):
            raise RefusedError("the episode was erased: nothing can be recorded in it any more")
        there = known.get(event.id)
        if there is None:
            version += 1
            recorded = Recorded.of(event, step.episode, version)
            known[event.id] = recorded
            yield recorded
        elif (there.data, there.occurred_at) != (event.data, event.occurred_at):
            raise ConflictError(
                f"event {event.id} is already recorded with other content",
                "use another id, or correct the recorded event",
            )
