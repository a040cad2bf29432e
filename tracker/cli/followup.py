"""`ack`, `snooze`, `waive`, `assign`: who looks after what is owed."""

import click

from tracker.cli.completing import complete_owed
from tracker.cli.options import episode_argument, reason_option, write_options
from tracker.cli.session import Session, pass_session

reminder_argument = click.argument("what", metavar="REMINDER", shell_complete=complete_owed)
when_option = click.option("--at", metavar="TIME", help="When it was said; default now.")


@click.command()
@episode_argument
@click.argument("what", metavar="REMINDER|ALERT", shell_complete=complete_owed)
@click.option("--note", metavar="TEXT", help="What was thought of it.")
@when_option
@write_options
@pass_session
def ack(
    session: Session,
    episode: str,
    what: str,
    note: str | None,
    at: str | None,
    event_id: str | None,
    dry_run: bool,
    fmt: str,
) -> None:
    """Acknowledge a reminder (id or kind) or an alert (id, or rule: all its active ones)."""
    from tracker import episode as decisions
    from tracker.cli import outcome

    ref = session.episode(episode)
    meta = session.meta_at(ref.uuid, at, event_id)
    judge = session.judge()
    outcome.record(
        session,
        ref,
        lambda history: decisions.acknowledge(history, what, meta, judge, note),
        dry_run,
        event_id,
        fmt,
    )


@click.command()
@episode_argument
@reminder_argument
@click.option("--until", required=True, metavar="TIME", help="When it comes back: +24h.")
@reason_option
@when_option
@write_options
@pass_session
def snooze(
    session: Session,
    episode: str,
    what: str,
    until: str,
    reason: str | None,
    at: str | None,
    event_id: str | None,
    dry_run: bool,
    fmt: str,
) -> None:
    """Keep a reminder quiet until a later time; it stays owed, and an urgent alert stays loud.

    The site sets for how long at most (`longest_snooze_days`); then it comes back.
    """
    from tracker import episode as decisions
    from tracker.cli import outcome

    ref = session.episode(episode)
    meta = session.limited(session.meta_at(ref.uuid, at, event_id), "reminder-snoozed")
    later = session.instants_of(ref.uuid)(until, "future")
    judge = session.judge()
    outcome.record(
        session,
        ref,
        lambda history: decisions.snooze(history, what, later, reason, meta, judge),
        dry_run,
        event_id,
        fmt,
    )


@click.command()
@episode_argument
@reminder_argument
@reason_option
@when_option
@write_options
@pass_session
def waive(
    session: Session,
    episode: str,
    what: str,
    reason: str | None,
    at: str | None,
    event_id: str | None,
    dry_run: bool,
    fmt: str,
) -> None:
    """Decide that what a reminder asks for will not be done; a reason is needed."""
    from tracker import episode as decisions
    from tracker.cli import outcome

    ref = session.episode(episode)
    meta = session.meta_at(ref.uuid, at, event_id)
    judge = session.judge()
    outcome.record(
        session,
        ref,
        lambda history: decisions.waive(history, what, reason, meta, judge),
        dry_run,
        event_id,
        fmt,
    )


@click.command()
@episode_argument
@click.argument("who", metavar="WHO")
@when_option
@write_options
@pass_session
def assign(
    session: Session,
    episode: str,
    who: str,
    at: str | None,
    event_id: str | None,
    dry_run: bool,
    fmt: str,
) -> None:
    """Give an episode to a coordinator."""
    from tracker import episode as decisions
    from tracker.cli import outcome

    ref = session.episode(episode)
    meta = session.meta_at(ref.uuid, at, event_id)
    judge = session.judge()
    outcome.record(
        session,
        ref,
        lambda history: decisions.assign(history, who, meta, judge),
        dry_run,
        event_id,
        fmt,
    )
