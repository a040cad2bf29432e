"""`tracker find`: which episode is meant."""

import click

from tracker.cli.failures import say
from tracker.cli.options import format_option, limit_option
from tracker.cli.render import Column, emit
from tracker.cli.session import Session, pass_session

COLUMNS = [
    Column("episode", "Episode"),
    Column("reference", "Reference"),
    Column("patient", "Patient"),
    Column("uuid", "uuid", csv_only=True),
]


@click.command()
@click.argument("text")
@limit_option
@format_option
@pass_session
def find(session: Session, text: str, limit: int, fmt: str) -> None:
    """Find episodes whose patient, reference or short id begins with TEXT."""
    found = session.service().find(text, limit)
    rows = [
        {
            "episode": ref.name,
            "reference": ref.reference,
            "patient": ref.patient,
            "uuid": str(ref.uuid),
        }
        for ref in found
    ]
    emit(fmt, rows, COLUMNS)
    if not rows:
        say(f"Nothing begins with {text!r}.")
    elif len(rows) == limit:
        say(f"The first {limit}; --limit shows more.")
