"""`tracker erase`: a patient's record becomes unreadable, for good."""

from collections import Counter
from typing import TYPE_CHECKING

import click

from tracker.cli.asking import at_terminal
from tracker.cli.clocks import site_zone
from tracker.cli.failures import say
from tracker.cli.keys import opened
from tracker.cli.options import format_option
from tracker.cli.render import Column, emit
from tracker.cli.session import Session, pass_session
from tracker.errors import RefusedError, StoreError
from tracker.times import local

if TYPE_CHECKING:
    from tracker.encryption.outside import Export

SHOWN = 10
"""Exports that are named one by one."""
COLUMNS = [Column("episode", "Erased"), Column("uuid", "UUID")]


@click.command()
@click.argument("patient")
@click.option("--reason", required=True, metavar="TEXT", help="Why, in words; it stays.")
@click.option(
    "--second-person",
    required=True,
    metavar="NAME",
    help="Who agreed to it beside the one who types; it stays.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@format_option
@pass_session
def erase(
    session: Session, patient: str, reason: str, second_person: str, yes: bool, fmt: str
) -> None:
    """Erase every episode of a patient: destroy the keys of what was recorded.

    How many events there were, and of what kind, stays; nobody can read them again, also not from
    a backup of the data. Copies of the keys that were put aside, exports and messages have to be
    destroyed by hand: those that are on record are named.
    """
    from tracker.encryption.erasing import Request, erase

    store = opened(session)
    if not yes:
        _ask(patient)
    request = Request(patient, reason, session.actor, second_person, session.on_behalf_of)
    done = erase(session.service(), store, request)
    made = store.made()
    if made.backed_up_to is not None:
        say(
            f"Keys were put aside in {made.backed_up_to}: that copy still opens what was erased."
            " Destroy it and every older one, then: tracker keys backup FILE"
        )
    _tell_of_exports(done.outside.exports, site_zone(session))
    _tell_of_messages(done.outside.channels)
    rows = [{"episode": ref.short_id, "uuid": str(ref.uuid)} for ref in done.episodes]
    emit(fmt, rows, COLUMNS)
    if done.left:
        raise StoreError(
            f"the keys are destroyed, and traces are left in {', '.join(done.left)}",
            "end what uses the tracker, then run this again: it writes the files anew",
        )


def _tell_of_exports(exports: "list[Export]", zone: str) -> None:
    """Name the exports that may hold the patient, and what they give away."""
    from tracker.encryption.outside import AUDIT_EXPORT

    if not exports:
        return
    say("Exported before, and to be destroyed by hand wherever it went:")
    for export in exports[-SHOWN:]:
        what = "every episode" if export.everything else "this patient"
        keys = ", with the keys unless --sealed" if export.command == AUDIT_EXPORT else ""
        when = local(export.at, zone)
        say(f"  {when}  tracker {export.command} of {what} by {export.actor}{keys}")
    if len(exports) > SHOWN:
        say(f"  and {len(exports) - SHOWN} before those: tracker audit access --all")


def _tell_of_messages(channels: list[str]) -> None:
    """Say how many messages about the patient were delivered, and by what."""
    if not channels:
        return
    by = ", ".join(f"{number} by {name}" for name, number in sorted(Counter(channels).items()))
    say(f"Messages that were sent stay where they went: {by}.")


def _ask(patient: str) -> None:
    if not at_terminal():
        raise RefusedError("nobody is there to confirm it", "--yes says so beforehand")
    typed = click.prompt("This cannot be undone. Type the patient's number again", err=True)
    if typed != patient:
        raise RefusedError("that is another number: nothing was erased")
