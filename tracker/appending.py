"""Appending: read, decide, evaluate, and one transaction for events, chain and rows."""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from projections import catch_up
from projections.index import EpisodeRef
from projections.views import Judge
from tracker.errors import ConflictError, ForbiddenError, NotFoundError, StoreError
from tracker.events import NewEvent, Recorded
from tracker.step import Beside, NameTakenError, Rows, Step, numbered
from tracker.store import locks, log
from tracker.store.database import Database
from tracker.store.errors import (
    LockedError,
    LostError,
    RowsError,
    UnknownOutcomeError,
    VersionConflictError,
)
from tracker.store.failures import trace

if TYPE_CHECKING:
    from tracker.pathway.status import Status
    from tracker.store.application import EpisodeLog

Decide = Callable[[list[Recorded]], Sequence[NewEvent]]
Clock = Callable[[], datetime.datetime]
Keep = Callable[[str, str, datetime.datetime], None]
"""Keeps a protocol by its name, for an actor, at an instant: `ProtocolShelf.keep`."""
ATTEMPTS = 100
"""How often a decision is taken again because somebody else was faster.

With so many, eight that record into one episode without a pause hardly ever have to give up.
"""
LOSSES = 3
"""How often it is tried again because the connection was lost and nothing had been recorded."""


@dataclass
class Appended:
    """What an append did to an episode."""

    episode: EpisodeRef
    events: list[Recorded]
    """What was appended; nothing if it was already true."""
    after: "Status | None"
    """The episode now; None if it could not be evaluated (it is parked then)."""
    parked: bool
    """The events are safe in the log, but the views lag behind it."""
    history: list[Recorded] = field(repr=False)
    """The whole history, with what was appended."""
    _judge: Judge[Any] = field(repr=False)
    _now: datetime.datetime = field(repr=False)

    @cached_property
    def before(self) -> "Status | None":
        """The episode without what was appended, at the same instant; None if there was none."""
        earlier = self.history[: len(self.history) - len(self.events)]
        return self._judge.status(earlier, self._now) if earlier else None


class Appender:
    """Appends what decisions say to the log of one database."""

    def __init__(self, database: Database, judge: Judge[Any], clock: Clock, keep: Keep) -> None:
        self._database = database
        self._judge = judge
        self._clock = clock
        self._keep = keep
        self.recorded = False
        """Whether anything was appended."""

    @cached_property
    def _log(self) -> "EpisodeLog":
        from tracker.store.application import EpisodeLog  # only writers pay for importing it

        return EpisodeLog(self._database)

    def append(
        self, episode: UUID | None, decide: Decide, beside: Beside | None = None
    ) -> Appended:
        """Append what `decide` says about the history of an episode; None: of a new one.

        `beside` writes what else belongs into the transaction, if anything is appended.
        Raises ConflictError when others are faster again and again, StoreError when the log
        cannot be written, NotFoundError without such an episode, and whatever `decide` raises.
        """
        return self.append_many([(episode, decide)], beside)[0]

    def append_many(
        self, batch: Iterable[tuple[UUID | None, Decide]], beside: Beside | None = None
    ) -> list[Appended]:
        """Append to many episodes in one transaction, all of it or nothing; see `append`.

        Each episode is evaluated once. One that is named twice comes back once.
        """
        items, lost = list(batch), 0
        for _ in range(ATTEMPTS):
            steps = self._decided(items)
            try:
                self._save([step for step in steps if step.new], beside)
            except VersionConflictError:
                continue
            except NameTakenError as error:
                items = _redirected(items, steps, error)
                continue
            except LostError as error:
                lost += 1
                if not self._arrived([step for step in steps if step.new], error):
                    if lost == LOSSES:
                        raise
                    continue
            return [self._appended(step) for step in steps]
        raise ConflictError("others are recording into this episode all the time", "try again")

    def _decided(self, items: Sequence[tuple[UUID | None, Decide]]) -> list[Step]:
        steps: dict[UUID, Step] = {}
        for episode, decide in items:
            known = None if episode is None else steps.get(episode)
            step = known or self._read(episode)
            new = list(numbered(step, decide(list(step.history))))
            step.history += new
            step.new += new
            steps[step.episode] = step
        self._prepare_keys([step for step in steps.values() if step.new])
        return list(steps.values())

    def _read(self, episode: UUID | None) -> Step:
        if episode is None:
            return Step(uuid4(), None, [], [], self._clock())
        with self._database.querying() as conn:
            found = log.read_episode(conn, episode)
        if found is None:
            raise NotFoundError(f"there is no episode {episode}")
        return Step(episode, found.key, found.events, [], self._clock())

    def _evaluate(self, step: Step) -> None:
        if not step.history:
            raise ValueError("a new episode begins with episode-opened, and nothing was decided")
        try:
            step.view = self._judge.view(step.key or 0, step.episode, step.history, step.now)
            step.status = step.view.status
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 (a rule that fails must not lose the fact)
            step.problem = f"it cannot be evaluated: {trace(error)}"

    def _evaluate_new(self, step: Step) -> None:
        self._evaluate(step)
        step.judged = True

    def _look_up(self, step: Step) -> None:
        """See that what an episode is judged by is at hand, and kept.

        Before the transaction, in the middle of which that would take another connection.
        """
        try:
            protocol = self._judge.protocol(step.history, step.now)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 (evaluating fails by it too, and says so)
            return
        self._keep(protocol, step.new[0].actor, step.now)

    def _save(self, steps: Sequence[Step], beside: Beside | None) -> None:
        if not steps:
            return
        for step in steps:
            self._look_up(step)
        if len(steps) > 1 or not self._database.on_server:
            # Others wait for a transaction that is open: for one in a file, or for one of many.
            for step in steps:
                self._evaluate_new(step)
        try:
            self._write(steps, beside)
        except (LockedError, LostError, ForbiddenError):
            raise
        except (RowsError, StoreError) as error:
            if not all(step.judged for step in steps):
                raise
            # The facts come first: once more, with a mark in place of the rows.
            for step in steps:
                step.view, step.problem = None, f"no rows could be written: {trace(error)}"
            self._write(steps, beside)
            if len(steps) > 1:
                self._mend(steps)

    def _arrived(self, steps: Sequence[Step], lost: LostError) -> bool:
        """Whether events are in the log whose acknowledgement was lost.

        Who holds the lock of an episode knows that nobody is at work on it still. Raises
        UnknownOutcomeError when the server cannot be asked.
        """
        found = None
        try:
            with self._database.appending() as conn:
                locks.named(conn, [step.episode.hex for step in steps])
                found = [log.read_episode(conn, step.episode) for step in steps]
        except StoreError as error:
            if found is None:
                raise _unknown(steps, error) from lost
        for step, history in zip(steps, found, strict=True):
            if history is None or any(event not in history.events for event in step.new):
                return False
            step.key = history.key
        self.recorded = True
        return True

    def _prepare_keys(self, steps: Sequence[Step]) -> None:
        """Where events are sealed, make the keys of new episodes, before anything is evaluated."""
        seals = self._database.seals
        new = {step.episode: step.opening.patient for step in steps if step.key is None}
        if seals is not None and new:
            seals.prepare(new, self._clock())

    def _write(self, steps: Sequence[Step], beside: Beside | None) -> None:
        rows = Rows(steps, self._evaluate_new, beside)
        self._log.events.put([event for step in steps for event in step.new], rows=rows)
        self.recorded = True
        for step in steps:
            step.key = rows.keys[step.episode]

    def _mend(self, steps: Sequence[Step]) -> None:
        """Unpark what was only parked because another episode of the batch failed."""
        keys = [step.key for step in steps if step.key is not None]
        mended = set(catch_up.unpark(self._database, self._judge, self._clock, keys))
        for step in steps:
            if step.key in mended:
                self._evaluate(step)

    def _appended(self, step: Step) -> Appended:
        if not step.new:
            self._evaluate(step)
        return Appended(
            step.ref,
            step.new,
            step.status,
            bool(step.new) and step.view is None,
            step.history,
            self._judge,
            step.now,
        )


def _unknown(steps: Sequence[Step], error: StoreError) -> UnknownOutcomeError:
    named = [f"{event.id} in {step.ref.name}" for step in steps for event in step.new]
    more = f" and {len(named) - 3} more" if len(named) > 3 else ""
    return UnknownOutcomeError(
        f"the connection was lost, and whether {', '.join(named[:3])}{more} was recorded is not"
        f" known: {error.message}",
        "look with tracker timeline once the server is there; the same again with the same --id"
        " is recorded once",
    )


def _redirected(
    items: Sequence[tuple[UUID | None, Decide]], steps: Sequence[Step], error: NameTakenError
) -> list[tuple[UUID | None, Decide]]:
    """Point what would open a taken reference at the episode that has it.

    A short id that is taken needs nothing: the next decision draws another one.
    """
    other = error.other
    if other is None:
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
        result.append((other.uuid if step.episode in opened else episode, decide))
    return result
