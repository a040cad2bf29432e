"""In which time zone an episode is."""

from collections.abc import Sequence

from tracker.events import Recorded
from tracker.events.lifecycle import EpisodeOpened


def zone_of(history: Sequence[Recorded]) -> str:
    """Return the time zone of an episode, by its opening as it was corrected."""
    from tracker.history import timeline

    openings = (e.data for e in timeline(history) if isinstance(e.data, EpisodeOpened))
    opened = next(openings, None)
    return (opened.time_zone if opened else None) or "UTC"
