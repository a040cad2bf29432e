"""`tracker db upgrade`: the tables brought up to date."""

from typing import TYPE_CHECKING

import click

from tracker.cli.db.told import tell
from tracker.cli.failures import say
from tracker.cli.options import format_option
from tracker.cli.session import Session, pass_session

if TYPE_CHECKING:
    from tracker.store.database import Database


@click.command()
@format_option
@pass_session
def upgrade(session: Session, fmt: str) -> None:
    """Bring the tables up to date; nothing is lost, and again is no change.

    Any number may do this at once: they take turns. It makes the tables of a database that has
    none yet.
    """
    from tracker.store import schema
    from tracker.store.database import open_database

    with open_database(session.location) as database:
        before = schema.stored_version(database)
        changed = schema.upgrade(database)
        after = schema.stored_version(database)
        renewed = not changed and _renewed(database)
    tell(fmt, {"place": session.location.name, "before": before, "after": after})
    if renewed:
        say("The tables are up to date; the rights of every role were made anew.")
    elif not changed:
        say("Nothing to do: the tables are up to date.")


def _renewed(database: "Database") -> bool:
    """Renew what a newer program makes otherwise on a server without a change of its tables."""
    from tracker.roles import setup

    return setup.bring_up_to_date(database)
