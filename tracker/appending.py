"""Appending: read, decide, evaluate, and then one transaction for events, chain and rows."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import Connection

from projections import catch_up, index, parking, writer
from projections.index import EpisodeRef
from projections.views import Judge, View
from tracker.errors import ConflictError, NotFoundError, StoreError, TrackerError
from tracker.events import NewEvent, Recorded
from tracker.events.lifecycle import EpisodeOpened
from tracker.pathway.status import Status
from tracker.store import log
from tracker.store.database import Database
from tracker.store.failures import LockedError, RowsError, VersionConflictError

if TYPE_CHECKING:
    from tracker.store.application import EpisodeLog

Decide = Callable[[list[Recorded]], Sequence[NewEvent]]
Clock = Callable[[], datetime.datetime]
ATTEMPTS = 20
"""How often a decision is taken again because somebody else was faster."""


@dataclass
class Appended:
    """What an append did to an episode."""

    episode: EpisodeRef
    events: list[Recorded]
    """What was appended; nothing if it was already true."""
    after: Status | None
    """The episode now; None if it could not be evaluated (it is parked then)."""
    parked: bool
    """The events are safe in the log, but the views lag behind it."""
    history: list[Recorded] = field(repr=False)
    """The whole history, with what was appended."""
    _judge: Judge[Any] = field(repr=False)
    _now: datetime.datetime = field(repr=False)

    @cached_property
    def before(self) -> Status | None:
        """The episode without what was appended, at the same instant; None if there was none."""
        earlier = self.history[: len(self.history) - len(self.events)]
        return self._judge.status(earlier, self._now) if earlier else None


class _NameTakenError(TrackerError):
    """A new episode would have a name that another one has."""

    def __init__(self, other: EpisodeRef, reference: str | None) -> None:
        super().__init__(f"{other.name} has that name already")
        self.other = other
        self.reference = reference


@dataclass
class _Step:
    """One episode on its way into the log."""

    episode: UUID
    key: int | None
    history: list[Recorded]
    new: list[Recorded]
    now: datetime.datetime
    status: Status | None = None
    view: View | None = None
    """What the rows are made from; None if they cannot be written."""
    problem: str = ""

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


class _Rows:
    """The rows of the episodes that are appended to; of those without a view, a mark."""

    def __init__(self, steps: Sequence[_Step]) -> None:
        self._steps = steps
        self._changes = writer.none_yet()
        self.keys: Mapping[UUID, int] = {}

    def write(self, conn: Connection, keys: Mapping[UUID, int]) -> None:
        """Write the rows of each episode."""
        self.keys = keys
        fresh = []
        for step in self._steps:
            if step.key is None:
                _refuse_taken_names(conn, step.opening)
            if step.view is not None:
                view = step.view._replace(key=keys[step.episode])
                if step.key is None:
                    fresh.append(view)
                else:
                    writer.repair(conn, view, self._changes)
        if fresh:
            writer.add(conn, fresh, self._changes)

    def settle(self, conn: Connection, positions: Sequence[int]) -> None:
        """Write counts and position, and the marks."""
        writer.settle(conn, self._changes)
        writer.advance(conn, positions[0] - 1, positions[-1])
        for step in self._steps:
            if step.view is None:
                key = self.keys[step.episode]
                parking.park(conn, key, positions[-1], step.problem, step.now)


def _refuse_taken_names(conn: Connection, opening: EpisodeOpened) -> None:
    if opening.reference is not None:
        other = index.by_reference(conn, opening.reference)
        if other is not None:
            raise _NameTakenError(other, opening.reference)
    if opening.short_id is not None:
        other = index.by_short_id(conn, opening.short_id)
        if other is not None:
            raise _NameTakenError(other, None)


class Appender:
    """Appends what decisions say to the log of one database."""

    def __init__(self, database: Database, judge: Judge[Any], clock: Clock) -> None:
        self._database = database
        self._judge = judge
        self._clock = clock

    @cached_property
    def _log(self) -> "EpisodeLog":
        from tracker.store.application import EpisodeLog  # only writers pay for importing it

        return EpisodeLog(self._database)

    def append(self, episode: UUID | None, decide: Decide) -> Appended:
        """Append what `decide` says about the history of an episode; None: of a new one.

        Raises ConflictError when others are faster again and again, StoreError when the log
        cannot be written, NotFoundError without such an episode, and whatever `decide` raises.
        """
        return self.append_many([(episode, decide)])[0]

    def append_many(self, batch: Iterable[tuple[UUID | None, Decide]]) -> list[Appended]:
        """Append to many episodes in one transaction, all of it or nothing; see `append`.

        Each episode is evaluated once. One that is named twice comes back once.
        """
        items = list(batch)
        for _ in range(ATTEMPTS):
            steps = self._decided(items)
            try:
                self._save([step for step in steps if step.new])
                return [self._appended(step) for step in steps]
            except VersionConflictError:
                continue
            except _NameTakenError as error:
                items = _redirected(items, steps, error)
        raise ConflictError("others are recording into this episode all the time", "try again")

    def _decided(self, items: Sequence[tuple[UUID | None, Decide]]) -> list[_Step]:
        steps: dict[UUID, _Step] = {}
        for episode, decide in items:
            known = None if episode is None else steps.get(episode)
            step = known or self._read(episode)
            new = list(_numbered(step, decide(list(step.history))))
            step.history += new
            step.new += new
            steps[step.episode] = step
        for step in steps.values():
            self._evaluate(step)
        return list(steps.values())

    def _read(self, episode: UUID | None) -> _Step:
        if episode is None:
            return _Step(uuid4(), None, [], [], self._clock())
        with self._database.reading() as conn:
            found = log.read_episode(conn, episode)
        if found is None:
            raise NotFoundError(f"there is no episode {episode}")
        return _Step(episode, found.key, found.events, [], self._clock())

    def _evaluate(self, step: _Step) -> None:
        if not step.history:
            raise ValueError("a new episode begins with episode-opened, and nothing was decided")
        try:
            step.view = self._judge.view(step.key or 0, step.episode, step.history, step.now)
            step.status = step.view.status
        except Exception as error:  # noqa: BLE001 (a rule that fails must not lose the fact)
            step.problem = f"it cannot be evaluated: {type(error).__name__}: {error}"

    def _save(self, steps: Sequence[_Step]) -> None:
        if not steps:
            return
        try:
            self._write(steps)
        except LockedError:
            raise
        except (RowsError, StoreError) as error:
            # The facts come first: once more, with a mark in place of the rows.
            for step in steps:
                step.view, step.problem = None, str(error)
            self._write(steps)
            if len(steps) > 1:
                self._mend(steps)

    def _write(self, steps: Sequence[_Step]) -> None:
        rows = _Rows(steps)
        self._log.save(*(event for step in steps for event in step.new), rows=rows)
        for step in steps:
            step.key = rows.keys[step.episode]

    def _mend(self, steps: Sequence[_Step]) -> None:
        """Unpark what was only parked because another episode of the batch failed."""
        keys = [step.key for step in steps if step.key is not None]
        mended = set(catch_up.unpark(self._database, self._judge, self._clock, keys))
        for step in steps:
            if step.key in mended:
                self._evaluate(step)

    def _appended(self, step: _Step) -> Appended:
        return Appended(
            step.ref,
            step.new,
            step.status,
            bool(step.new) and step.view is None,
            step.history,
            self._judge,
            step.now,
        )


def _numbered(step: _Step, decided: Sequence[NewEvent]) -> Iterator[Recorded]:
    """Give new events their place; one that is there already under its id is left out.

    Raises ConflictError when an id is there with other content.
    """
    known = {event.id: event for event in step.history}
    version = len(step.history)
    for event in decided:
        there = known.get(event.id)
        if there is None:
            version += 1
            recorded = _recorded(step.episode, version, event)
            known[event.id] = recorded
            yield recorded
        elif (there.data, there.occurred_at) != (event.data, event.occurred_at):
            raise ConflictError(
                f"event {event.id} is already recorded with other content",
                "use another id, or correct the recorded event",
            )


def _recorded(episode: UUID, version: int, event: NewEvent) -> Recorded:
    return Recorded(
        episode=episode,
        version=version,
        id=event.id,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        actor=event.actor,
        source=event.source,
        data=event.data,
        on_behalf_of=event.on_behalf_of,
    )


def _redirected(
    items: Sequence[tuple[UUID | None, Decide]], steps: Sequence[_Step], error: _NameTakenError
) -> list[tuple[UUID | None, Decide]]:
    """Point what would open a taken reference at the episode that has it.

    A short id that is taken needs nothing: the next decision draws another one.
    """
    if error.reference is None:
        return list(items)
    opened = {s.episode for s in steps if s.key is None and s.opening.reference == error.reference}
    result: list[tuple[UUID | None, Decide]] = []
    places = iter(steps)
    seen: set[UUID] = set()
    for episode, decide in items:
        if episode in seen:
            result.append((episode, decide))
            continue
        step = next(places)
        seen.add(step.episode)
        result.append((error.other.uuid if step.episode in opened else episode, decide))
    return result
