"""`tracker scheduler`: run, tick, status."""

import os
import platform
import sys
from typing import TYPE_CHECKING

import click

from tracker.cli.failures import say
from tracker.cli.group import NounGroup
from tracker.cli.options import dry_run_option, format_option, limit_option
from tracker.cli.render import Column, emit, write
from tracker.cli.session import Session, pass_session
from tracker.cli.text import visible

if TYPE_CHECKING:
    from tracker.outbox.deliver import Delivered
    from tracker.reminders.tick import Ticked

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


def print_line(line: str) -> None:
    """Write a line of data."""
    write(visible(line).encode("utf-8", "backslashreplace"))


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
    from tracker.scheduler import Scheduler
    from tracker.scheduler.journal import journal
    from tracker.service import Service

    session.service()  # says at once what is wrong with the database
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
    reminders.jsonl in the data directory.
    """
    from tracker.scheduler.work import Work

    session = ctx.ensure_object(Session)
    work = Work(
        session.service(),
        name or machine(),
        # What other formats print is one document; the console is for eyes.
        write=print_line if fmt == "table" else say,
        trust_clock=trust_clock,
    )
    done = work.tick(dry_run=dry_run)
    if dry_run:
        session.looks.listed(len(done.issued) + len(done.skipped))
    delivered = None if dry_run else work.deliver()
    failed = _told(done, delivered)
    if not dry_run and not failed:
        work.ping()
    _report(done, delivered, fmt)
    if failed:
        ctx.exit(1)


def _told(done: "Ticked", delivered: "Delivered | None") -> bool:
    """Say what went wrong; return whether anything did."""
    for where, what in done.failed:
        say(f"{where}: {what}")
    if delivered is None:
        return bool(done.failed)
    for message, channel, what in delivered.failed:
        say(f"{message} could not be sent by {channel} and will be tried again: {what}")
    for message, channel, what in delivered.dead:
        say(f"{message} could not be sent by {channel}; see tracker outbox show: {what}")
    return bool(done.failed or delivered.failed or delivered.dead)


_ISSUED = (
    Column("episode", "Episode"),
    Column("kind", "Reminder"),
    Column("phase", "Phase"),
    Column("due_at", "Due", "time"),
    Column("text", "What is owed"),
    Column("command", "Run"),
    Column("source", "Source"),
)


def _report(done: "Ticked", delivered: "Delivered | None", fmt: str) -> None:
    if fmt == "table":
        _report_in_words(done)
        return
    rows = [told.document() for told in done.issued]
    document = {
        "now": done.now,
        "issued": rows,
        "skipped": [
            {"episode": episode, "kind": kind, "reason": reason}
            for episode, kind, reason in done.skipped
        ],
        "failed": [{"where": where, "what": what} for where, what in done.failed],
        "away_seconds": None if done.away is None else done.away.total_seconds(),
        "sent": delivered.sent if delivered else 0,
        "not_sent": [
            {"message": message, "channel": channel, "what": what}
            for message, channel, what in (delivered.failed + delivered.dead if delivered else [])
        ],
        "dry_run": done.dry_run,
    }
    emit(fmt, rows, _ISSUED, document=document)


def _report_in_words(done: "Ticked") -> None:
    if done.dry_run:
        for told in done.issued:
            print_line(told.line())
    if done.away is not None:
        say(f"No scheduler had ticked for {str(done.away).partition('.')[0]}.")
    verb = "Would issue" if done.dry_run else "Issued"
    say(f"{verb} {len(done.issued)} reminders; skipped on record: {len(done.skipped)}.")


@scheduler.command("status")
@limit_option
@format_option
@pass_session
def status(session: Session, limit: int, fmt: str) -> None:
    """Show the last tick, who is alive and who is lost, what comes next, and what is late."""
    from tracker.cli import scheduling

    scheduling.show(session, limit, fmt)
