"""`tracker calendar`: what a coordinator owes, as an iCalendar file."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import click

from tracker.cli.failures import say
from tracker.cli.mine import own_coordinator
from tracker.cli.progress import progress
from tracker.cli.render import write
from tracker.cli.session import Session, pass_session
from tracker.errors import UsageError
from tracker.events.ledger import EventCorrected
from tracker.events.lifecycle import EpisodeAssigned, EpisodeOpened

if TYPE_CHECKING:
    from icalendar import Event

    from tracker.events import Recorded
    from tracker.pathway.status import Status

Step = Callable[[int], None]
KEPT = datetime.timedelta(days=90)
"""So long what has left a coordinator's calendar is told as cancelled."""


@click.command()
@click.option("--coordinator", metavar="NAME", help="Reminders of this coordinator's episodes.")
@click.option("--mine", is_flag=True, help="Reminders of the episodes that you coordinate.")
@pass_session
def calendar(session: Session, coordinator: str | None, mine: bool) -> None:
    """Write the reminders of a coordinator's episodes as an iCalendar file (.ics).

    One event per reminder, from when it opens until it is due; no name and no record number.
    Importing a later file into the same calendar changes its events and doubles none.
    """
    if mine == (coordinator is not None):
        raise UsageError("name whose calendar it is", hint="--coordinator NAME, or --mine")
    name = coordinator or own_coordinator(session)
    from tracker.service import Filters

    page = session.service().worklist(Filters(coordinator=name), limit=None)
    episodes = [UUID(row.uuid) for row in page.rows]
    episodes += _departed(session, name, known=frozenset(episodes))
    session.looks.listed(len(episodes), coordinator=name)
    if not page.rows:
        _warn_of_nothing(session, name)
    with progress(len(episodes), "Evaluating") as step:
        write_calendar(session, f"Reminders of {name}", episodes, step, coordinator=name)


def _warn_of_nothing(session: Session, name: str) -> None:
    """Say that nobody of that name coordinates anything now."""
    from projections.digest import coordinators
    from tracker.nearest import did_you_mean

    with session.service().database.reading() as conn:
        known = [who for who in coordinators(conn) if who is not None]
    hint = did_you_mean(name, known)
    say(f"Nobody called {name!r} coordinates an episode{f'; {hint}' if hint else ''}.")


def _departed(session: Session, coordinator: str, known: frozenset[UUID]) -> list[UUID]:
    """Return episodes that were in earlier calendars and have left, for those are cancelled."""
    from projections.departed import departed
    from tracker.store.positions import position_at

    service = session.service()
    with service.database.reading() as conn:
        found = departed(conn, coordinator, position_at(conn, session.now() - KEPT))
    return [uuid for uuid in found if uuid not in known]


def _silent(_: int) -> None:
    """Show no progress."""


def write_calendar(
    session: Session,
    name: str,
    episodes: Iterable[UUID],
    step: Step = _silent,
    *,
    coordinator: str | None = None,
) -> None:
    """Write the reminders of some episodes to stdout as one calendar.

    `coordinator`: whose calendar it is; what was in it and is somebody else's now is cancelled.
    """
    from tracker.interchange import ics

    session.incomplete()
    found = _events(session, episodes, step, coordinator)
    write(ics.calendar(name, found), newline=False)


def _events(
    session: Session, episodes: Iterable[UUID], step: Step, coordinator: str | None
) -> "Iterator[Event]":
    for uuid in episodes:
        try:
            found = _events_of(session, uuid, coordinator)
        except Exception as error:  # noqa: BLE001 (of one episode; the others stay in the calendar)
            say(f"Left out: {uuid} cannot be evaluated ({type(error).__name__})")
            continue
        yield from found
        step(1)


def _events_of(session: Session, uuid: UUID, coordinator: str | None) -> "list[Event]":
    from tracker.interchange import ics

    service = session.service()
    history = service.history(uuid)
    theirs = ics.anybodys if coordinator is None else partial(_coordinates, coordinator)
    if coordinator is not None and coordinator not in _coordinators(history):
        return []
    entries = ics.entries(history, service.judge.status, session.now(), theirs)
    called = service.episode(uuid).short_id or str(uuid)
    return list(ics.vevents(uuid, called, entries, session.protocol_of(history)))


def _coordinates(coordinator: str, status: "Status") -> bool:
    return status.coordinator == coordinator


def _coordinators(history: "Sequence[Recorded]") -> set[object]:
    """Return everybody whom a history names as coordinator at any time."""
    names: set[object] = set()
    for event in history:
        if isinstance(event.data, EpisodeOpened):
            names.add(event.data.coordinator)
        elif isinstance(event.data, EpisodeAssigned):
            names.add(event.data.to)
        elif isinstance(event.data, EventCorrected):
            names.update(event.data.changes.get(name) for name in ("coordinator", "to"))
    return names
