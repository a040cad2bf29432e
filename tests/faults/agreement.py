"""Whether a database stands up after a fault: log, chain, head and rows all say the same."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Connection, text

from tests.faults.ward import opened
from tests.places import Place
from tracker.events import decode
from tracker.service import Service
from tracker.store import sequence
from tracker.store.chain import Link, first_broken


def disagreements(
    place: Place,
    acknowledged: Collection[str] = (),
    batches: Collection[Collection[str]] = (),
    *,
    parked: int = 0,
) -> list[str]:
    """Return what is wrong with a database; nothing if all is well.

    `acknowledged` are ids of events that must be there, `batches` groups of ids of which all or
    none must be there, `parked` how many episodes may lag behind.
    """
    with opened(place) as service:
        with service.database.reading() as conn:
            links = list(sequence.links(conn))
            found = [*_chain(conn, links), *_tables(conn)]
        found += _events(links, acknowledged, batches)
        found += _rows(service, parked)
    return found


def _chain(conn: Connection, links: Sequence[Link]) -> Iterator[str]:
    broken = first_broken(links)
    if broken is not None:
        yield f"the chain breaks: {broken}"
    last = (links[-1].position, links[-1].hash) if links else (0, bytes(32))
    head, end = sequence.head(conn), sequence.end(conn)
    if head != last or end != last:
        yield f"the head is {head}, the end {end}, the last event {last}"


def _tables(conn: Connection) -> Iterator[str]:
    # PostgreSQL checks each foreign key as it is written, and offers nothing that reads it all.
    checks = ("quick_check", "foreign_key_check") if conn.dialect.name == "sqlite" else ()
    for check in checks:
        for row in conn.execute(text(f"PRAGMA {check}")):
            if tuple(row) != ("ok",):
                yield f"{check}: {tuple(row)}"
    query = "SELECT count(*) FROM episodes WHERE key NOT IN (SELECT episode_key FROM events)"
    if empty := conn.execute(text(query)).scalar():
        yield f"{empty} episodes without an event"


def _events(
    links: Sequence[Link], acknowledged: Collection[str], batches: Collection[Collection[str]]
) -> Iterator[str]:
    events = [decode(link.episode, link.version, link.topic, link.state) for link in links]
    present = {event.id for event in events}
    if lost := sorted(set(acknowledged) - present):
        yield f"acknowledged and lost: {', '.join(lost)}"
    for batch in batches:
        if 0 < len(present & set(batch)) < len(batch):
            yield f"only part of a batch is there: {sorted(present & set(batch))}"
    for episode, count in Counter(event.episode for event in events).items():
        versions = [event.version for event in events if event.episode == episode]
        if versions != list(range(1, count + 1)):
            yield f"episode {episode} has the versions {versions}"


def _rows(service: Service, parked: int) -> Iterator[str]:
    state = service.projections()
    if state.position != state.head:
        yield f"the rows are at {state.position}, the log at {state.head}"
    if state.parked > parked:
        yield f"parked: {service.parked()}"
    elif not state.parked:
        yield from (f"row differs: {difference}" for difference in service.verify())
