"""Finding episodes by what people call them, and reading what the log says of them."""

import datetime
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING
from uuid import UUID

from projections import catch_up, index, parking, worklist
from projections.index import EpisodeRef
from projections.views import Judge
from tracker.appending import Clock
from tracker.errors import AmbiguousError, NotFoundError, StoreError
from tracker.events import Recorded
from tracker.store import log
from tracker.store.database import Database

if TYPE_CHECKING:  # slow to import, and a worklist that time has not overtaken needs none of it
    from tracker.pathway import Protocol
    from tracker.pathway.status import Status
    from tracker.protocols import ProtocolShelf


class Episodes:
    """The episodes of one database, as its log has them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.now = clock

    @cached_property
    def protocols(self) -> "ProtocolShelf":
        """The protocols by name, built in and stored."""
        from tracker.protocols import ProtocolShelf

        return ProtocolShelf(self.database)

    @cached_property
    def judge(self) -> "Judge[Protocol]":
        """What evaluates histories, each by the protocol that it names."""
        from tracker.judging import judge_by

        return judge_by(self.protocols, self.database.seals)

    def resolve(self, ref: str) -> EpisodeRef:
        """Return the episode that `ref` names: short id, uuid or reference, exact or its beginning.

        Raises NotFoundError when there is none or several; it lists these.
        """
        with self.database.reading() as conn:
            found = index.exact(conn, ref)
            near = index.prefixed(conn, ref) if ref and not found else []
        if not found:
            lagging = list(self.parked_episodes())
            found = [e for e in lagging if index.names(e, ref)]
            if not found and ref:
                found = _united(near, lagging, lambda e: index.begins(e, ref))
        if len(found) == 1:
            return found[0]
        if not found:
            raise NotFoundError(f"there is no episode {ref!r}", "tracker find searches")
        named = found[:10]
        listed = ", ".join(episode.label for episode in named)
        raise AmbiguousError(
            f"{ref!r} fits several episodes: {listed}",
            "give more of the name",
            [episode.uuid for episode in named],
        )

    def parked_episodes(self) -> Iterator[EpisodeRef]:
        """Yield what parked episodes are called by the log: the index may not have them."""
        with self.database.reading() as conn:
            for key in parking.keys(conn):
                with suppress(StoreError):  # what cannot be read has no name
                    history = log.read_key(conn, key)
                    if history is not None:
                        yield index.from_history(history)

    def name_of(self, key: int) -> str:
        """Return the name of the episode with a key, from the log if the index lacks it."""
        with self.database.reading() as conn:
            found = index.of_key(conn, key)
            uuid = log.episode_of(conn, key)
        if found is None:
            found = next((ref for ref in self.parked_episodes() if ref.key == key), None)
        return found.name if found else str(uuid or key)

    def by_key(self, key: int) -> EpisodeRef | None:
        """Return the episode with a key, None if the index lacks it."""
        with self.database.reading() as conn:
            return index.of_key(conn, key)

    def episode(self, uuid: UUID) -> EpisodeRef:
        """Return what an episode is called. Raises NotFoundError if there is none."""
        with self.database.reading() as conn:
            found = index.of_uuid(conn, uuid)
            history = None if found else log.read_episode(conn, uuid)
        if found is not None:
            return found
        if history is None:
            raise NotFoundError(f"there is no episode {uuid}", "tracker find searches")
        return index.from_history(history)

    def by_reference(self, reference: str) -> EpisodeRef | None:
        """Return the episode with exactly this client reference, None if there is none."""
        with self.database.reading() as conn:
            found = index.by_reference(conn, reference)
        if found is None:
            lagging = self.parked_episodes()
            found = next((ref for ref in lagging if ref.reference == reference), None)
        return found

    def short_id_taken(self, short_id: str) -> bool:
        """Whether an episode has exactly this short id."""
        with self.database.reading() as conn:
            found = index.by_short_id(conn, short_id)
        return found is not None or any(r.short_id == short_id for r in self.parked_episodes())

    def short_ids(self, prefix: str, limit: int) -> list[str]:
        """Return short ids that begin with `prefix`, in any case."""
        with self.database.reading() as conn:
            return index.short_ids(conn, prefix, limit)

    def references(self, prefix: str, limit: int) -> list[str]:
        """Return references of clients that begin with `prefix`, as it is written."""
        with self.database.reading() as conn:
            return index.references(conn, prefix, limit)

    def named(self, episodes: Sequence[UUID]) -> dict[UUID, EpisodeRef]:
        """Return what some episodes are called, without those that the index does not have."""
        with self.database.reading() as conn:
            return index.of_uuids(conn, episodes)

    def episodes_of(self, patient: str) -> list[EpisodeRef]:
        """Return the episodes of a patient, in the order of opening."""
        with self.database.reading() as conn:
            listed = index.of_patient(conn, patient)
        return _united(listed, list(self.parked_episodes()), lambda e: e.patient == patient)

    def open_episodes_of(self, patient: str) -> list[EpisodeRef]:
        """Return the episodes of a patient that are not closed, in the order of opening."""
        found = self.episodes_of(patient)
        with self.database.reading() as conn:
            closed = worklist.in_stage(conn, [e.key for e in found], "closed")
            late = set(parking.keys(conn))
        return [
            episode
            for episode in found
            if not (self._closed(episode) if episode.key in late else episode.key in closed)
        ]

    def _closed(self, episode: EpisodeRef) -> bool:
        try:
            return self.status(episode.uuid).stage == "closed"
        except Exception:  # noqa: BLE001 (what cannot be evaluated may well be open)
            return False

    def find(self, text: str, limit: int = 20) -> Sequence[EpisodeRef]:
        """Return episodes whose patient, reference or short id begins with `text`.

        When none does, those that have it anywhere.
        """
        lagging = list(self.parked_episodes())
        for search, fits in _SEARCHES:
            with self.database.reading() as conn:
                listed = search(conn, text, limit + len(lagging))
            found = _united(listed, lagging, partial(fits, text=text))
            if found:
                return found[:limit]
        return []

    def rows_of(self, episodes: Sequence[EpisodeRef]) -> dict[int, worklist.WorklistRow]:
        """Return the worklist's rows of some episodes by key, as they are now."""
        now = self.now()
        with self.database.reading() as conn:
            return worklist.rows(
                conn,
                now,
                lambda keys: catch_up.evaluate_keys(conn, self.judge, keys, now),
                [episode.key for episode in episodes],
            )

    def all_episodes(self) -> Iterator[EpisodeRef]:
        """Yield every episode, in the order of opening."""
        after = 0
        while True:
            with self.database.reading() as conn:
                episodes = index.all_episodes(conn, after)
            yield from episodes
            if not episodes:
                return
            after = episodes[-1].key

    def history(self, uuid: UUID) -> list[Recorded]:
        """Return every event of an episode in recorded order. NotFoundError if there is none."""
        with self.database.reading() as conn:
            found = log.read_episode(conn, uuid)
        if found is None:
            raise NotFoundError(f"there is no episode {uuid}", "tracker find searches")
        return found.events

    def shape(self, uuid: UUID) -> list[str]:
        """Return the topics of an erased episode's events, in recorded order."""
        with self.database.reading() as conn:
            return log.topics(conn, uuid)

    def status(
        self,
        uuid: UUID,
        at: datetime.datetime | None = None,
        known_at: datetime.datetime | None = None,
    ) -> "Status":
        """Evaluate an episode as it was `at`, by what was known at `known_at` (default: all).

        Without `at` it is known_at, else now. NotFoundError if it was unknown then.
        """
        history = self.history(uuid)
        if known_at is not None and all(e.recorded_at > known_at for e in history):
            raise NotFoundError("nothing was known of this episode at that time")
        return self.judge.status(history, at or known_at or self.now(), known_at)


_SEARCHES = ((index.search, index.begins_with), (index.search_within, index.holds))
"""Where to look for a text in turn: in the rows, and in what the log says."""


def _united(
    listed: Sequence[EpisodeRef],
    lagging: Sequence[EpisodeRef],
    fits: Callable[[EpisodeRef], bool],
) -> list[EpisodeRef]:
    """Return what the index found; of episodes whose rows lag, those that fit by the log."""
    late = {ref.key for ref in lagging}
    found = [ref for ref in listed if ref.key not in late]
    return sorted([*found, *filter(fits, lagging)], key=lambda ref: ref.key)
