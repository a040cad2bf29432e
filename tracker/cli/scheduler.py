"""`tracker scheduler`: run, tick, status."""

import platform
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.failures import say
from tracker.cli.group import NounGroup
from tracker.cli.options import dry_run_option, format_option, limit_option
from tracker.cli.render import Column, emit, write
from tracker.cli.session import Session, pass_session
from tracker.cli.text import visible
from tracker.times import local

if TYPE_CHECKING:
    from tracker.channels.base import Channel
    from tracker.reminders.tick import Ticked


@click.group(cls=NounGroup)
def scheduler() -> None:
    """Issue reminders when they open and when they become overdue."""


def _name() -> str:
    return platform.node() or "scheduler"


def _file_channel(session: Session) -> "list[Channel]":
    from tracker.channels.file import FILE_NAME, FileChannel

    home = session.location.home
    return [] if home is None else [FileChannel(home / FILE_NAME)]


def _print(line: str) -> None:
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
@pass_session
def run(session: Session, every: int) -> None:
    """Tick until stopped by SIGTERM or Ctrl-C; any number may run at once.

    Each reminder is printed, one a line, and added to reminders.jsonl in the data directory.
    """
    from tracker.channels.console import ConsoleChannel
    from tracker.scheduler import Scheduler
    from tracker.service import Service

    session.service()  # says at once what is wrong with the database
    say(f"The scheduler ticks every {every} s; Ctrl-C stops it.")
    Scheduler(
        lambda: Service.open(session.location, session.now),
        [ConsoleChannel(_print), *_file_channel(session)],
        _name(),
        report=say,
        every=every,
    ).run()
    say("The scheduler has stopped.")


@scheduler.command("tick")
@dry_run_option
@format_option
@click.pass_context
def tick(ctx: click.Context, dry_run: bool, fmt: str) -> None:
    """Issue what is owed now, once, and end: for cron and for timers.

    Each reminder is printed and added to reminders.jsonl in the data directory.
    """
    from tracker.channels.console import ConsoleChannel
    from tracker.reminders.tick import tick as issue
    from tracker.scheduler import troubles

    session = ctx.ensure_object(Session)
    channels = [] if dry_run else _file_channel(session)
    if fmt == "table":
        channels = [ConsoleChannel(_print), *channels]
    done = issue(
        session.service(), session.now(), channels=channels, scheduler=_name(), dry_run=dry_run
    )
    _report(done, fmt)
    for line in troubles(done):
        say(line)
    if done.failed:
        ctx.exit(1)


_ISSUED = (
    Column("episode", "Episode"),
    Column("kind", "Reminder"),
    Column("phase", "Phase"),
    Column("due_at", "Due", "time"),
    Column("text", "What is owed"),
    Column("command", "Run"),
    Column("source", "Source"),
)


def _report(done: "Ticked", fmt: str) -> None:
    if fmt == "table":
        verb = "Would issue" if done.dry_run else "Issued"
        say(f"{verb} {len(done.issued)} reminders; skipped on record: {len(done.skipped)}.")
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
        "dry_run": done.dry_run,
    }
    emit(fmt, rows, _ISSUED, document=document)


@scheduler.command("status")
@limit_option
@format_option
@pass_session
def status(session: Session, limit: int, fmt: str) -> None:
    """Show the last tick, what comes next, and what is late."""
    document = _status(session, limit)
    if fmt != "table":
        emit(fmt, document["late"], _LATE, document=document)
        return
    for line in _told(document, session.settings.time_zone or "UTC"):
        _print(line)
    emit(fmt, document["late"], _LATE)


def _told(document: dict[str, Any], zone: str) -> Iterator[str]:
    last, waiting = document["last_tick"], document["next_due"]
    yield f"Last tick: {local(last, zone) if last else 'never'}"
    for beat in document["schedulers"]:
        counts = f"issued {beat['issued']}, skipped {beat['skipped']}"
        yield f"  {beat['scheduler']}: {local(beat['last_tick'], zone)}, {counts}"
    if waiting is None:
        yield "Next due:  nothing"
    else:
        yield f"Next due:  {local(waiting, zone) if waiting > document['now'] else 'now'}"
    yield f"Due now:   {document['due_now']} episodes"
    yield f"Late:      {document['late_total']} reminders"


_LATE = (
    Column("episode", "Episode"),
    Column("kind", "Reminder"),
    Column("due_at", "Was due", "time"),
    Column("acknowledged_by", "Seen by"),
    Column("snoozed_until", "Quiet until", "time"),
)


def _status(session: Session, limit: int) -> dict[str, Any]:
    from projections import index, reminders

    service, now = session.service(), session.now()
    beats = service.heartbeats()
    with service.database.reading() as conn:
        total = reminders.count_late(conn, now)
        late = reminders.late(conn, now, limit)
        names = index.of_keys(conn, [r.episode_key for r in late])
        zones = reminders.time_zones(conn, names)
    rows = []
    for reminder in late:
        ref = names.get(reminder.episode_key)
        row = {k: v for k, v in reminder._asdict().items() if k != "episode_key"}
        zone = zones.get(reminder.episode_key, "UTC")
        rows.append({"episode": None if ref is None else ref.name, **row, "time_zone": zone})
    return {
        "now": now,
        "last_tick": beats[0].last_tick if beats else None,
        "schedulers": [beat._asdict() for beat in beats],
        "next_due": service.next_due(),
        "due_now": service.count_due(now),
        "late_total": total,
        "incomplete": session.incomplete(),
        "late": rows,
    }
