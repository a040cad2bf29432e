"""`--at` and `--known-at`: which moment of an episode a person looks at."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.cli.failures import say
from tracker.cli.session import Session
from tracker.cli.zones import zone_of
from tracker.errors import NotFoundError
from tracker.events import Recorded, Role
from tracker.history import Entry, entries, erasure, timeline
from tracker.pathway.status import Status
from tracker.pathway.wording import counted
from tracker.times import local

if TYPE_CHECKING:
    from projections.index import EpisodeRef
    from tracker.service import Service


@dataclass(frozen=True)
class Look:
    """An episode as it was at one moment, by what was known at another."""

    ref: "EpisodeRef"
    status: Status
    at: datetime.datetime
    known_at: datetime.datetime
    history: list[Recorded]
    """Everything recorded until now."""
    forecast: bool

    @property
    def timeline(self) -> list[Recorded]:
        """What holds, for whoever explains it."""
        return timeline(self.history, at=self.at, known_at=self.known_at)

    @property
    def entries(self) -> list[Entry]:
        """Every event known by then that had occurred by then; corrections and voids always."""
        return [
            entry
            for entry in entries(self.history, self.known_at)
            if entry.event.occurred_at <= self.at or is_bookkeeping(entry.event)
        ]


def tell_erased(service: "Service", ref: "EpisodeRef", history: Sequence[Recorded]) -> None:
    """Say of an erased episode what there was before: how many events, and of what kind."""
    erased = erasure(history)
    if erased is None:
        return
    topics = service.shape(ref.uuid)
    number = Counter(topics)
    kinds = ", ".join(f"{topic} {n}" if n > 1 else topic for topic, n in number.items())
    when = local(erased.recorded_at, zone_of(history))
    say(
        f"Erased at {when}: the {counted(len(topics), 'event')} before it can no longer be read"
        f" ({kinds})."
    )


def _refuse_erased(
    ref: "EpisodeRef", history: Sequence[Recorded], moment: datetime.datetime
) -> None:
    """Raise NotFoundError for a moment before an erasure: nobody knows how it was then."""
    erased = erasure(history)
    if erased is None or erased.recorded_at <= moment:
        return
    zone = zone_of(history)
    raise NotFoundError(
        f"what there was of {ref.name} at {local(moment, zone)} can no longer be read",
        hint=f"it was erased at {local(erased.recorded_at, zone)}",
    )


def is_bookkeeping(event: Recorded) -> bool:
    """Whether an event is about another event: it holds whenever that one is looked at."""
    return Role.LEDGER in event.data.role and hasattr(event.data, "target")


def look(
    session: Session, episode: str, at: str | None, known_at: str | None, *, by_log: bool = False
) -> Look:
    """Return an episode as a person asks to see it; a time ahead is said to be a forecast.

    Without `at` it is the moment of `known_at`, else now. Raises NotFoundError when nothing was
    known of the episode then, or an erasure has taken what was known.
    """
    service, now = session.service(), session.now()
    ref = session.recorded_episode(episode) if by_log else session.episode(episode)
    history = service.history(ref.uuid)
    read = session.instants(lambda: history)
    known = now if known_at is None else read(known_at, "past")
    then = known if at is None else read(at, "past")
    if at is not None or known_at is not None:
        _refuse_erased(ref, history, min(known, then))
    if not any(event.recorded_at <= known for event in history):
        zone = zone_of(history)
        raise NotFoundError(
            f"nothing was known of {ref.name} at {local(known, zone)}",
            hint=f"it was first recorded at {local(history[0].recorded_at, zone)}"
            if history
            else None,
        )
    tell_erased(service, ref, history)
    status = service.judge.status(history, then, known)
    if then > now:
        say(f"Forecast: {local(then, status.time_zone)} is still to come; nothing new is assumed.")
    return Look(ref, status, then, known, history, then > now)
