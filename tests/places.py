"""Where the tracker of a test is: a data directory, or a database on a server."""

from pathlib import Path

from tracker.config import Location

Place = Path | Location
"""A data directory, or where else a tracker is."""


def located(place: Place) -> Location:
    """Return where a tracker is."""
    return place if isinstance(place, Location) else Location(place)
