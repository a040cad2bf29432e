"""`tracker stats`: counts over all episodes."""

import click

from tracker.cli.options import format_option
from tracker.cli.render import Column, emit
from tracker.cli.session import Session, pass_session

COLUMNS = [Column("name", "What"), Column("episodes", "Episodes", "number")]


@click.command()
@click.argument("group", metavar="[GROUP]", required=False)
@format_option
@pass_session
def stats(session: Session, group: str | None, fmt: str) -> None:
    """Count episodes: all, by stage, leak state, alert, reminder, complication, outcome.

    GROUP is one of stage, leak, protocol, alert, active-alert, reminder, complication, cohort.
    """
    counts = session.service().statistics(group)
    rows = [{"name": name, "episodes": number} for name, number in counts.items()]
    emit(fmt, rows, COLUMNS, document=counts)
