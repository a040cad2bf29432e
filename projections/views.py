"""What a read model is made from: an episode, evaluated."""

import datetime
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar
from uuid import UUID

from msgspec.structs import replace

from tracker.events import Recorded
from tracker.events.lifecycle import EpisodeOpened
from tracker.history import timeline
from tracker.store.sealing import Names, Seals

if TYPE_CHECKING:
    from tracker.pathway.status import Status  # its package is slow to import

ProtocolT = TypeVar("ProtocolT")


class View(NamedTuple):
    """One episode as it is, and what time alone will bring."""

    key: int
    episode: UUID
    status: "Status"
    timeline: Sequence[Recorded]
    next_action_at: datetime.datetime | None
    """Earliest instant at which the scheduler has something to issue."""
    names: Names
    """Reference and patient as rows hold them."""


class Judge(Generic[ProtocolT]):
    """Evaluates histories, each by the protocol that it names."""

    def __init__(
        self,
        evaluate: Callable[[Sequence[Recorded], ProtocolT, datetime.datetime], "Status"],
        next_action_at: Callable[["Status"], datetime.datetime | None],
        protocol_name: Callable[[Sequence[Recorded]], str],
        protocol: Callable[[str], ProtocolT],
        seals: Seals | None = None,
    ) -> None:
        self._evaluate = evaluate
        self._next_action_at = next_action_at
        self._protocol_name = protocol_name
        self._protocol = protocol
        self._seals = seals

    def status(
        self,
        history: Sequence[Recorded],
        now: datetime.datetime,
        known_at: datetime.datetime | None = None,
    ) -> "Status":
        """Evaluate a history at `now`, by what was known at `known_at` (default: all of it)."""
        return self._judged(timeline(history, known_at=known_at), now)

    def view(
        self, key: int, episode: UUID, history: Sequence[Recorded], now: datetime.datetime
    ) -> View:
        """Evaluate the history of an episode for the read models."""
        events = timeline(history)
        status = self._judged(events, now)
        names, action = self._names(episode, status), self._next_action_at(status)
        coming = _coming(events, now)
        if coming is not None:
            changes = min(coming, status.changes_at or coming)
            status, action = replace(status, changes_at=changes), min(coming, action or coming)
        return View(key, episode, status, events, action, names)

    def _names(self, episode: UUID, status: "Status") -> Names:
        if self._seals is None or status.reference is None is status.patient:
            return Names(status.reference, status.patient)
        return self._seals.conceal(episode, status.reference, status.patient)

    def protocol(self, history: Sequence[Recorded], now: datetime.datetime) -> str:
        """Return by which protocol a history is judged; evaluating it needs not ask for that."""
        name = self._name(timeline(history), now)
        self._protocol(name)
        return name

    def _judged(self, events: Sequence[Recorded], now: datetime.datetime) -> "Status":
        return self._evaluate(events, self._protocol(self._name(events, now)), now)

    def _name(self, events: Sequence[Recorded], now: datetime.datetime) -> str:
        # An import may bring what happened before the opening; the protocol stands all the same.
        until_now = [e for e in events if e.occurred_at <= now or isinstance(e.data, EpisodeOpened)]
        return self._protocol_name(until_now)


def _coming(timeline: Sequence[Recorded], now: datetime.datetime) -> datetime.datetime | None:
    """Return the time of the first event that is still to come: a clock was ahead of this one."""
    if not timeline or timeline[-1].occurred_at <= now:
        return None
    return next(event.occurred_at for event in timeline if event.occurred_at > now)
