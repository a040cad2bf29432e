"""`tracker calendar`: what a coordinator owes, as an iCalendar file."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING
from uuid import UUID

import click

from tracker.cli.failures import say
from tracker.cli.progress import progress
from tracker.cli.render import write
from tracker.cli.session import Session, pass_session
from tracker.errors import UsageError

if TYPE_CHECKING:
    from icalendar import Event

Step = Callable[[int], None]


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
    name = coordinator or session.on_behalf_of or session.settings.coordinator or session.actor
    from tracker.service import Filters

    page = session.service().worklist(Filters(coordinator=name), limit=None)
    session.looks.listed(len(page.rows), coordinator=name)
    with progress(len(page.rows), "Evaluating") as step:
        write_calendar(session, f"Reminders of {name}", (UUID(r.uuid) for r in page.rows), step)


def _silent(_: int) -> None:
    """Show no progress."""


def write_calendar(
    session: Session, name: str, episodes: Iterable[UUID], step: Step = _silent
) -> None:
    """Write the reminders of some episodes to stdout as one calendar."""
    from tracker.interchange import ics

    session.incomplete()
    write(ics.calendar(name, _events(session, episodes, step)), newline=False)


def _events(session: Session, episodes: Iterable[UUID], step: Step) -> "Iterator[Event]":
    for uuid in episodes:
        try:
            found = _events_of(session, uuid)
        except Exception as error:  # noqa: BLE001 (of one episode; the others stay in the calendar)
            say(f"Left out: {uuid} cannot be evaluated ({type(error).__name__})")
            continue
        yield from found
        step(1)


def _events_of(session: Session, uuid: UUID) -> "list[Event]":
    from tracker.interchange import ics

    service = session.service()
    history = service.history(uuid)
    entries = ics.entries(history, service.judge.status, session.now())
    called = service.episode(uuid).short_id or str(uuid)
    return list(ics.vevents(uuid, called, entries, session.protocol_of(history)))
