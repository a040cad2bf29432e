"""Which lines of a file to import are about episodes that whoever types does not see."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from projections import taken
from tracker.cli import rights
from tracker.errors import RefusedError
from tracker.events import Recorded

if TYPE_CHECKING:
    from tracker.service import Service


class Sight:
    """What a login that is limited to sites sees, as the server would say of each line."""

    def __init__(self, service: "Service", sites: list[str]) -> None:
        self._service = service
        self._sites = sites
        self.check_name = cache(self._check_name)

    def _check_name(self, name: str) -> None:
        """Raise RefusedError for a name of an episode that is not seen."""
        with self._service.database.reading() as conn:
            if any(taken.ask(conn, name, name)()):
                raise RefusedError(taken.hidden(name), rights.BREAK)

    def check_episode(self, history: Sequence[Recorded]) -> None:
        """Raise RefusedError for an episode that would not be seen with this history."""
        try:
            site = self._service.judge.status(history, self._service.now()).site
        except Exception:  # noqa: BLE001  what cannot be evaluated has no site: the server decides
            return
        if site is None:
            raise RefusedError(
                f"the episode has no site, and you are limited to episodes at"
                f" {rights.told(self._sites)}",
                'an episode-opened with a "site" in its data says which',
            )
        rights.require_within(self._sites, site)


def sight_of(service: "Service") -> Sight | None:
    """Return what whoever types sees; None: everything."""
    sites = rights.limit(service)
    return None if sites is None else Sight(service, sites)
