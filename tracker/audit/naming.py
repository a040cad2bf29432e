"""Which episode is meant, by what the log calls it: the index is asked first and not believed."""

from collections.abc import Callable, Iterable, Sequence

from projections import index
from projections.index import EpisodeRef
from tracker.episodes import Episodes
from tracker.errors import AmbiguousError, NotFoundError
from tracker.store import log

_RANGE = 1_000
"""Episodes whose openings are read at once."""


def recorded_episode(service: Episodes, ref: str) -> EpisodeRef:
    """Return the episode that `ref` names, with its names as the log has them.

    Rows that were tampered with, or are gone, name nobody else: where the index is contradicted by
    the log, or finds nothing, every opening is read. Raises NotFoundError as `resolve` does.
    """
    try:
        found = _by_log(service, [service.resolve(ref)])
    except AmbiguousError as error:
        named = _by_log(service, [service.episode(uuid) for uuid in error.episodes])
        if all(_is_meant(one, ref) for one in named):
            raise
        found = []
    except NotFoundError as error:
        return _searched(service, ref, error)
    if found and _is_meant(found[0], ref):
        return found[0]
    return _searched(service, ref, None)


def _is_meant(episode: EpisodeRef, ref: str) -> bool:
    return index.names(episode, ref) or index.begins(episode, ref)


def _by_log(service: Episodes, episodes: Iterable[EpisodeRef]) -> list[EpisodeRef]:
    found = []
    with service.database.reading() as conn:
        for episode in episodes:
            history = log.read_episode(conn, episode.uuid)
            if history is not None:
                found.append(index.from_history(history))
    return found


def _searched(service: Episodes, ref: str, error: NotFoundError | None) -> EpisodeRef:
    openings = _openings(service)
    fits: Sequence[Callable[[EpisodeRef, str], bool]] = (index.names, index.begins)
    for fit in fits:
        found = _by_log(service, [one for one in openings if ref and fit(one, ref)])
        if len(found) == 1:
            return found[0]
        if found:
            raise AmbiguousError(
                f"{ref!r} fits several episodes: {', '.join(one.label for one in found[:10])}",
                "give more of the name",
                [one.uuid for one in found[:10]],
            )
    raise error or NotFoundError(f"there is no episode {ref!r}", "tracker find searches")


def _openings(service: Episodes) -> list[EpisodeRef]:
    """Return every episode by what it was called when it was opened."""
    found: list[EpisodeRef] = []
    with service.database.reading() as conn:
        for first in range(1, log.last_key(conn) + 1, _RANGE):
            opened = log.read_openings(conn, first, first + _RANGE - 1)
            found += [index.from_history(one) for one in opened]
    return found
