"""What in a site's configuration looks right and reaches nobody, or not who was meant."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select

from projections.tables import worklist, worklist_counts
from tracker.channels.settings import Site
from tracker.nearest import did_you_mean
from tracker.service import Service

Place = tuple[str | None, str | None]
"""A coordinator and a site."""


class Unstaffed(NamedTuple):
    """A level of the ladder for which nobody is named: the usual people are told instead."""

    level: int
    to: tuple[str, ...]
    """Who is meant, in the words of the protocols."""
    places: tuple[Place, ...]
    """Whose episodes, and where; empty: anybody's."""

    @property
    def text(self) -> str:
        """In words."""
        whose = ", ".join(_words(*place) for place in self.places)
        of = f" of episodes of {whose}" if whose else ""
        return (
            f"nobody is named for level {self.level} ({' or '.join(self.to)}){of}:"
            " the usual people are told instead"
        )


class Stranger(NamedTuple):
    """A name in the configuration that no episode has."""

    place: str
    """Where it is written."""
    what: str
    """coordinator or site"""
    name: str
    hint: str | None
    """What was probably meant; None if nothing is near, as for somebody new."""

    @property
    def text(self) -> str:
        """In words."""
        return f"{self.place}: no episode has the {self.what} {self.name!r}"


def unstaffed(service: Service, site: Site) -> list[Unstaffed]:
    """Return levels of the ladder that nobody is told at; nothing without any recipients.

    Raises NotFoundError for an episode's protocol that is not there.
    """
    if not site.recipients:
        return []
    with service.database.reading() as conn:
        places = _places(conn)
        query = select(worklist.c.protocol).where(worklist.c.listed).distinct()
        protocols = sorted(conn.execute(query).scalars())
    meant = _levels(service, protocols)
    found = []
    for level, to in sorted(meant.items()):
        bare = tuple(place for place in places if not site.recipients_for(*place, level))
        if bare:
            found.append(Unstaffed(level, tuple(to), () if bare == places else bare))
    return found


def _levels(service: Service, protocols: list[str]) -> dict[int, list[str]]:
    """Return the levels of all ladders, and whom they name."""
    meant: dict[int, dict[str, None]] = {}
    for name in protocols:
        protocol = service.protocol(name)
        for kind in protocol.reminders:
            for level, rung in enumerate(protocol.ladder(kind), 1):
                meant.setdefault(level, {})[rung.to] = None
    return {level: list(to) for level, to in meant.items()}


def strangers(service: Service, site: Site) -> list[Stranger]:
    """Return names in the configuration that no episode has; nothing while there are none."""
    with service.database.reading() as conn:
        places = _places(conn, listed=False)
    if not places:
        return []
    known = {
        "coordinator": sorted({who for who, _ in places if who}),
        "site": sorted({where for _, where in places if where}),
    }
    return [
        Stranger(place, what, name, did_you_mean(name, known[what]))
        for place, what, name in _names(site)
        if name not in known[what]
    ]


def _names(site: Site) -> Iterator[tuple[str, str, str]]:
    """Yield each name in the configuration: where it is, what it is, and the name."""
    for number, recipient in enumerate(site.recipients, 1):
        for what in ("coordinator", "site"):
            name: str | None = getattr(recipient, what)
            if name is not None:
                yield f"recipients[{number}]", what, name
    for name in site.quiet_hours.coordinators:
        yield "quiet_hours.coordinators", "coordinator", name


def _places(conn: Connection, *, listed: bool = True) -> tuple[Place, ...]:
    """Return whose episodes there are, and where; `listed`: in care only."""
    t = worklist_counts.c
    query = select(t.coordinator, t.site).where(t.episodes > 0).distinct()
    if listed:
        query = query.where(t.listed)
    rows = conn.execute(query.order_by(t.coordinator, t.site))
    return tuple((row.coordinator or None, row.site or None) for row in rows)


def _words(coordinator: str | None, site: str | None) -> str:
    at = f" at {site}" if site else ""
    return f"{coordinator or 'nobody'}{at}"
