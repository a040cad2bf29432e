"""`tracker find`: which episode is meant."""

import click

from tracker.cli import rights
from tracker.cli.failures import say
from tracker.cli.options import format_option, limit_option
from tracker.cli.render import Column, emit
from tracker.cli.session import Session, pass_session

COLUMNS = [
    Column("episode", "Episode"),
    Column("reference", "Reference"),
    Column("patient", "Patient"),
    Column("stage", "Stage"),
    Column("coordinator", "Coordinator"),
    Column("uuid", "uuid", csv_only=True),
]


@click.command()
@click.argument("text")
@limit_option
@format_option
@pass_session
def find(session: Session, text: str, limit: int, fmt: str) -> None:
    """Find episodes whose patient, reference or short id begins with TEXT, in any case.

    When none does, those that have it anywhere. In an encrypted tracker a patient or a reference
    is found by the whole of it alone.
    """
    found = session.service().find(text, limit)
    session.looks.found(ref.uuid for ref in found)
    known = session.service().rows_of(found)
    rows = [
        {
            "episode": ref.name,
            "reference": ref.reference,
            "patient": ref.patient,
            "stage": known[ref.key].stage if ref.key in known else None,
            "coordinator": known[ref.key].coordinator if ref.key in known else None,
            "uuid": str(ref.uuid),
        }
        for ref in found
    ]
    emit(fmt, rows, COLUMNS)
    if found:
        session.incomplete(*found)
    rights.say_missing(session.service())
    if not rows:
        sealed = session.service().database.seals is not None
        in_part = "as a whole; parts of sealed names are not found" if sealed else "nor in part"
        where, hint = rights.looked_at(session.service())
        say(f"Nothing is called {text!r}{where}, {in_part}.{hint}")
    elif len(rows) == limit:
        say(f"The first {limit}; --limit shows more.")
