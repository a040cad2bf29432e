"""`tracker protocol adopt`: another version judges one episode, or all that are in flight."""

import click

from tracker.cli import rights
from tracker.cli.completing import complete_episode
from tracker.cli.every_episode import answers, processes_option
from tracker.cli.options import limit_option, reason_option, write_options
from tracker.cli.running import words
from tracker.cli.session import Session, pass_session
from tracker.cli.sites import say_unknown_site
from tracker.errors import UsageError


@click.command()
@click.argument(
    "names", metavar="[EPISODE] ID@VERSION", nargs=-1, required=True,
    shell_complete=complete_episode,
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Every episode that is not closed.")
@click.option("--site", metavar="SITE", help="With --all: only episodes of this site.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@processes_option("judge")
@limit_option
@reason_option
@write_options
@pass_session
def adopt(
    session: Session,
    names: tuple[str, ...],
    everything: bool,
    site: str | None,
    yes: bool,
    processes: int,
    limit: int,
    reason: str | None,
    event_id: str | None,
    dry_run: bool,
    fmt: str,
) -> None:
    """Judge an episode, or with --all every one in flight, by another protocol from now on.

    What would be other is shown first, and it asks before it appends an event to the episode, or
    to each; --dry-run stops there. With --all what fails for one episode stops no other, and the
    same again goes on with the rest.
    """
    if len(names) != 1 + (not everything):
        raise UsageError(
            "name an episode and a protocol, or a protocol and --all",
            hint="tracker protocol adopt ID@VERSION --all --reason TEXT --dry-run",
        )
    if everything and event_id is not None:
        raise UsageError("--id names one event, and --all makes many")
    if not everything and site is not None:
        raise UsageError("--site goes with --all")
    if not dry_run:
        rights.require(session.service(), words())
    if not everything:
        from tracker.cli.protocol.one import Single

        episode, name = names
        Single(session, episode, name, reason, event_id).adopt(yes=yes, dry_run=dry_run, fmt=fmt)
        return
    from tracker.audit.simulating import of_all
    from tracker.cli.protocol.moving import Move

    rights.require_site(session.service(), site)
    move = Move(session, names[0], reason, yes=yes, dry_run=dry_run)
    move.show(answers(session, of_all, move.question(site), processes), limit, fmt)
    say_unknown_site(session.service(), site, found=move.episodes)
