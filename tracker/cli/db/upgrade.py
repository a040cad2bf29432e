"""`tracker db upgrade`: the tables brought up to date."""

import click

from tracker.cli.db.told import tell
from tracker.cli.failures import say
from tracker.cli.options import format_option
from tracker.cli.session import Session, pass_session


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
    tell(fmt, {"place": session.location.name, "before": before, "after": after})
    if not changed:
        say("Nothing to do: the tables are up to date.")
