"""`tracker audit export`: the record, or one episode of it, to be checked elsewhere."""

import os
from pathlib import Path
from typing import Any

import click

from tracker.cli.audit.checkpoint import key_option
from tracker.cli.failures import say
from tracker.cli.options import format_option, optional_episode_argument
from tracker.cli.progress import progress
from tracker.cli.render import Column, emit
from tracker.cli.session import Session, pass_session
from tracker.errors import UsageError

_DONE = [
    Column("bundle", "Bundle"),
    Column("episode", "Episode"),
    Column("events", "Events", "number"),
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
    service = session.service()
    if everything:
        session.looks.listed(service.projections().episodes)
    ref = None if episode is None else session.episode(episode)
    uuid, folder = None if ref is None else ref.uuid, Path(out).expanduser().absolute()
    count = min(2, os.cpu_count() or 1)
    session.looks.record()
    with progress(service.projections().head, "events") as step:
        how: dict[str, Any] = {"sealed": sealed, "step": step, "processes": count}
        if unsigned:
            events = exporting.unsigned(service, uuid, folder, **how)
        else:
            held = kept.named(checkpoints)
            events = exporting.signed(service, uuid, folder, key=key, checkpoints=held, **how)
    row = {
        "bundle": str(folder),
        "episode": None if ref is None else ref.name,
        "events": events,
        "signed": not unsigned,
    }
    emit(fmt, [row], _DONE, document=row)
    say(f"It names patients; {folder / 'README.txt'} says how to check it.")
