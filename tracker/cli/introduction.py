"""What is said of a tracker when it is opened."""

from typing import TYPE_CHECKING

from tracker import privacy
from tracker.cli.failures import say
from tracker.config import DEMONSTRATION

if TYPE_CHECKING:
    from tracker.service import Service
    from tracker.store.replica import Lag


def introduce(service: "Service", *, created: bool, demonstrates: bool) -> None:
    """Say that it is new, is no real one, or is open to others.

    `created`: whether it was to be made if missing; `demonstrates`: whether it may be a
    demonstration, which has a clock of its own while it is made.
    """
    location = service.database.location
    on_server = location.database_url is not None
    if not on_server and demonstrates and (location.home / DEMONSTRATION).exists():
        say("This is a demonstration: published histories, no patients in care.")
    if created and service.created:
        what = "tables" if on_server else "data directory"
        say(f"Created the {what} {'in ' * on_server}{location.name}.")
    if privacy.is_exposed(location.home):
        told = privacy.wanted(location.home)
        say(f"Others can look into {location.home}: `{told}` closes it to them.")


def say_which(service: "Service") -> None:
    """Say where the data is, to who named two places."""
    location = service.database.location
    say(f"The data is in {location.name}; {location.home} is for this machine's configuration.")


def lag_of(service: "Service") -> "Lag | None":
    """Return how far a copy of a server is behind, and say so; None if it is no copy."""
    if service.database.location.database_url is None:
        return None
    from tracker.cli import copies  # only a server has any
    from tracker.store import replica

    lag = replica.lag(service.database)
    if lag is not None:
        say(copies.told(lag))
    return lag
