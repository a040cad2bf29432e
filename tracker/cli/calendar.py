"""`tracker calendar`: what a coordinator owes, as an iCalendar file."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING
from uuid import UUID

import click

from tracker.cli.progress import progress
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
    click.echo(ics.calendar(name, _events(session, episodes, step)), nl=False)


def _events(session: Session, episodes: Iterable[UUID], step: Step) -> "Iterator[Event]":
    from tracker.interchange import ics

    service, now = session.service(), session.now()
    for uuid in episodes:
        history = service.history(uuid)
        entries = ics.entries(history, service.judge.status, now)
        called = service.episode(uuid).short_id or str(uuid)
        yield from ics.vevents(uuid, called, entries, session.protocol_of(history))
        step(1)
