"""`tracker scheduler`: run, tick, status."""

import os
import platform
import sys

import click

from tracker.cli.failures import say
from tracker.cli.group import NounGroup
from tracker.cli.options import dry_run_option, format_option, limit_option
from tracker.cli.render import print_line
from tracker.cli.session import Session, pass_session

name_option = click.option(
    "--name", metavar="NAME", help="What this scheduler is called; default: the machine's name."
)
trust_option = click.option(
    "--trust-clock", is_flag=True, help="Issue even if events were recorded later than now."
)


@click.group(cls=NounGroup)
def scheduler() -> None:
    """Issue reminders when they open and when they become overdue."""


def machine() -> str:
    """Return the name of this machine."""
    return platform.node() or "scheduler"


@scheduler.command("run")
@click.option(
    "--every",
    type=click.IntRange(1, 3600),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="Seconds between ticks.",
)
@click.option(
    "--log",
    "form",
    type=click.Choice(("console", "json")),
    help="Form of the log on stderr; default: console on a terminal, else json.",
)
@name_option
@trust_option
@pass_session
def run(
    session: Session, every: int, form: str | None, name: str | None, trust_clock: bool
) -> None:
    """Tick and deliver until stopped by SIGTERM or Ctrl-C; any number may run at once.

    Who is told, and how, is in config.toml; without it each reminder is printed, one a line, and
    added to reminders.jsonl in the data directory. The log names no patient.
    """
    from tracker.reminders.recipients import site_of
    from tracker.scheduler import Scheduler
    from tracker.scheduler.journal import journal
    from tracker.service import Service

    # They say at once what is wrong with the database and with the configuration.
    site_of(session.service().database.location)
    log = journal(sys.stderr, form or ("console" if sys.stderr.isatty() else "json"))
    Scheduler(
        lambda: Service.open(session.location, session.now),
        name or f"{machine()}:{os.getpid()}",
        write=print_line,
        log=log,
        every=every,
        trust_clock=trust_clock,
    ).run()


@scheduler.command("tick")
@dry_run_option
@name_option
@trust_option
@format_option
@click.pass_context
def tick(ctx: click.Context, dry_run: bool, name: str | None, trust_clock: bool, fmt: str) -> None:
    """Issue what is owed now and deliver what is waiting, once, and end: for cron and timers.

    Who is told, and how, is in config.toml; without it each reminder is printed and added to
    reminders.jsonl in the data directory. Exit code 1 if an episode could not be served, or a
    message is failing or dead. What it prints names no patient and quotes no receiver.
    """
    from tracker.cli import ticking

    session = ctx.ensure_object(Session)
    # What other formats print is one document; the console is for eyes.
    write = print_line if fmt == "table" else say
    with ticking.speechless():
        done = ticking.turn(
            session, name or machine(), write=write, dry_run=dry_run, trust_clock=trust_clock
        )
    ticking.report(done, fmt)
    if not done.good:
        ctx.exit(1)


@scheduler.command("status")
@limit_option
@format_option
@pass_session
def status(session: Session, limit: int, fmt: str) -> None:
    """Show the last tick, who is alive and who is lost, what comes next, and what is late."""
    from tracker.cli import scheduler_status

    scheduler_status.show(session, limit, fmt)
