"""`tracker audit export`: the record, or one episode of it, to be checked elsewhere."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.audit.checkpoint import key_option
from tracker.cli.failures import say
from tracker.cli.options import format_option, optional_episode_argument
from tracker.cli.progress import progress
from tracker.cli.render import Column, emit
from tracker.cli.session import Session, pass_session
from tracker.errors import UsageError

if TYPE_CHECKING:
    from tracker.audit.bundle.export import Exported

_DONE = [
    Column("bundle", "Bundle"),
    Column("episode", "Episode"),
    Column("events", "Events", "number"),
    Column("keys", "Keys", "number"),
    Column("signed", "Signed"),
]


@click.command("export")
@optional_episode_argument
@click.option("--all", "everything", is_flag=True, help="Everything instead of one episode.")
@click.option("--out", metavar="DIR", required=True, help="New directory for the bundle.")
@click.option(
    "--checkpoint",
    "checkpoints",
    metavar="PATH",
    multiple=True,
    help="A checkpoint that somebody holds, or a directory of them: the bundle is to be provable "
    "against it. May be repeated.",
)
@key_option
@click.option("--unsigned", is_flag=True, help="Sign nothing: the bundle proves nothing then.")
@click.option(
    "--sealed",
    is_flag=True,
    help="Leave sealed what is encrypted. Else it is shown, and the keys that show it go along.",
)
@format_option
@pass_session
def export(
    session: Session,
    episode: str | None,
    everything: bool,
    out: str,
    checkpoints: tuple[str, ...],
    key: str | None,
    unsigned: bool,
    sealed: bool,
    fmt: str,
) -> None:
    """Export events with proofs, checkpoints, access log and protocols, in plain files.

    The bundle holds what is needed to check it without this program, by verify_audit.py or by hand;
    README.txt in it says how. The record is verified as a whole first.
    """
    from tracker.audit import exporting, kept

    if everything == (episode is not None):
        raise UsageError("name the episode to export, or --all", hint="tracker audit export --all")
    if unsigned and (key is not None or checkpoints):
        raise UsageError("--unsigned takes no --key and no --checkpoint")
    folder = Path(out).expanduser().absolute()
    exporting.refuse_beside_data(folder, session.location)
    service = session.service()
    if everything:
        session.looks.listed(service.projections().episodes)
    ref = None if episode is None else session.episode(episode)
    uuid = None if ref is None else ref.uuid
    count = min(2, os.cpu_count() or 1)
    session.looks.record()
    with progress(service.projections().head, "events") as step:
        how: dict[str, Any] = {"sealed": sealed, "step": step, "processes": count}
        if unsigned:
            made = exporting.unsigned(service, uuid, folder, **how)
        else:
            held = kept.named(checkpoints)
            made = exporting.signed(service, uuid, folder, key=key, checkpoints=held, **how)
    row = {
        "bundle": str(folder),
        "episode": None if ref is None else ref.name,
        "events": made.events,
        "keys": made.keys,
        "signed": not unsigned,
    }
    emit(fmt, [row], _DONE, document=row)
    say(f"{_holds(made)}; {folder / 'README.txt'} says how to check it.")


def _holds(made: "Exported") -> str:
    """Say of a bundle who is to be kept from it."""
    if made.keys:
        keys = "key that opens" if made.keys == 1 else f"{made.keys} keys that open"
        return (
            f"It names patients, and holds the {keys} its events here and in every copy of the"
            " database: whoever has it can read them"
        )
    return "It names patients" if made.readable else "No patient is named in what it shows"
