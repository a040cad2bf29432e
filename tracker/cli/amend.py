"""`tracker correct` and `tracker void`: what was recorded wrongly, without losing it."""

import click

from tracker.cli.completing import complete_event
from tracker.cli.options import episode_argument, write_options
from tracker.cli.session import Session, pass_session

event_argument = click.argument("target", metavar="EVENT-ID|last", shell_complete=complete_event)
why_option = click.option("--reason", required=True, metavar="TEXT", help="Why, in words.")


@click.command()
@episode_argument
@event_argument
@click.option(
    "--set",
    "assignments",
    multiple=True,
    required=True,
    metavar="FIELD=VALUE",
    help="New value of a field; `FIELD=` removes it; `occurred_at=TIME` moves the event.",
)
@why_option
@write_options
@pass_session
def correct(
    session: Session,
    episode: str,
    target: str,
    assignments: tuple[str, ...],
    reason: str,
    event_id: str | None,
    dry_run: bool,
    fmt: str,
) -> None:
    """Correct a recorded event: its time, its fields, or both. The original stays on record.

    An event is named by its id or the beginning of it; `last` is the latest clinical one.
    """
    from tracker import episode as decisions
    from tracker.cli import outcome
    from tracker.cli.assignments import changes

    ref = session.episode(episode)
    aim = decisions.find_event(session.service().history(ref.uuid), target)
    values = changes(aim.topic, assignments, session.instants_of(ref.uuid))
    meta = session.limited(session.meta(event_id=event_id), aim.topic)
    outcome.record(
        session,
        ref,
        lambda history: decisions.correct(history, aim.id, values, reason, meta),
        dry_run,
        event_id,
        fmt,
    )


@click.command()
@episode_argument
@event_argument
@why_option
@write_options
@pass_session
def void(
    session: Session,
    episode: str,
    target: str,
    reason: str,
    event_id: str | None,
    dry_run: bool,
    fmt: str,
) -> None:
    """Void an event that was entered in error; voiding a void or a correction takes it back.

    An event is named by its id or the beginning of it; `last` is the latest clinical one.
    """
    from tracker import episode as decisions
    from tracker.cli import outcome

    ref = session.episode(episode)
    meta = session.meta(event_id=event_id)
    outcome.record(
        session,
        ref,
        lambda history: decisions.void(history, target, reason, meta),
        dry_run,
        event_id,
        fmt,
    )
