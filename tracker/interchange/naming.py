"""Names of episodes: found exactly, or drawn anew."""

import re
from uuid import UUID

from sqlalchemy import Connection

from projections import index
from tracker.episode import new_short_id
from tracker.service import Service

_SHORT_ID = re.compile(r"E-[0-9A-HJKMNP-TV-Z]{5,}")


class Finder:
    """Finds the episode that a line names: the exact reference, short id or uuid."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._empty = next(service.all_episodes(), None) is None
        self._lagging = {
            name: ref.uuid
            for ref in service.parked_episodes()
            for name in (ref.reference, ref.short_id, str(ref.uuid))
            if name
        }

    def __call__(self, name: str) -> UUID | None:
        """Return the episode, None if there is none."""
        if name in self._lagging:
            return self._lagging[name]
        if self._empty:
            return None
        found = self._service.by_reference(name)
        if found is not None:
            return found.uuid
        if not _SHORT_ID.fullmatch(name.upper()) and not _is_uuid(name):
            return None
        with self._service.database.reading() as conn:
            exact = index.exact(conn, name)
        return exact[0].uuid if exact else None


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


class Names:
    """Draws short ids that neither the database nor this import has."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._drawn: set[str] = set()
        self._stock: list[str] = []

    def stock(self, count: int) -> None:
        """Draw so many at once: asking the database for each alone takes longer."""
        with self._service.database.reading() as conn:
            self._stock = [
                self._kept(new_short_id(lambda name: self._taken(conn, name))) for _ in range(count)
            ]

    def __call__(self, wish: str | None) -> str:
        """Return the wished short id if it is free, else a new one."""
        if wish is None and self._stock:
            return self._stock.pop()
        with self._service.database.reading() as conn:
            if wish and _SHORT_ID.fullmatch(wish) and not self._taken(conn, wish):
                return self._kept(wish)
            return self._kept(new_short_id(lambda name: self._taken(conn, name)))

    def _taken(self, conn: Connection, name: str) -> bool:
        return name in self._drawn or index.by_short_id(conn, name) is not None

    def _kept(self, name: str) -> str:
        self._drawn.add(name)
        return name
