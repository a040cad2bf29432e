"""`tracker stats`: counts over all episodes."""

import click

from tracker.cli import figures
from tracker.cli.options import format_option
from tracker.cli.render import Column, emit
from tracker.cli.session import Session, pass_session

COLUMNS = [
    Column("name", "What"),
    Column("episodes", "Episodes", "number"),
    Column("of", "Of", "number"),
    Column("percent", "%", "number"),
    Column("published", "Published"),
    Column("source", "Source"),
]


@click.command()
@click.argument("group", metavar="[GROUP]", required=False)
@format_option
@pass_session
def stats(session: Session, group: str | None, fmt: str) -> None:
    """Count episodes: all, by stage, leak state, alert, reminder, complication, outcome.

    GROUP is one of stage, leak, protocol, alert, active-alert, reminder, complication, cohort.
    Of a cohort, published figures stand beside the shares that they are to be compared with.
    """
    every = session.service().statistics()
    counts = every if group is None else session.service().statistics(group)
    emit(fmt, figures.rows(counts, every), COLUMNS, document=counts)
