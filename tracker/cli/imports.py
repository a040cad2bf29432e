"""`tracker import` and `tracker export`: JSON Lines in and out."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any

import click
import msgspec

from tracker.cli import rights
from tracker.cli.completing import complete_episode
from tracker.cli.failures import say
from tracker.cli.options import dry_run_option, format_option
from tracker.cli.progress import progress
from tracker.cli.render import Column, emit, encode, write
from tracker.cli.session import Session, pass_session
from tracker.cli.sight import sight_of
from tracker.cli.telling import Telling
from tracker.cli.text import visible
from tracker.config import Location
from tracker.errors import UsageError
from tracker.pathway.wording import counted

if TYPE_CHECKING:
    from tracker.interchange.imports import Imported
    from tracker.service import Service


@click.command("import")
@click.argument("file", type=click.File("rb", lazy=True), metavar="FILE|-")
@dry_run_option
@click.option("--keep-going", is_flag=True, help="Report bad lines and import the rest.")
@click.option(
    "--remind-since",
    metavar="TIME",
    help="Also remind of what fell due since then; else what is overdue already is not.",
)
@format_option
@click.pass_context
def import_(
    ctx: click.Context,
    file: IO[bytes],
    dry_run: bool,
    keep_going: bool,
    remind_since: str | None,
    fmt: str,
) -> None:
    """Import events from JSON Lines, one event per line; - reads standard input.

    A line is {"episode": "any reference", "id": "your event id", "event": "topic",
    "occurred_at": "2026-02-04T10:00:00Z", "actor": "who", "data": {...}}. A reference not seen
    before opens an episode. All lines are checked before the first is appended; importing the
    same file again adds nothing.
    """
    from tracker import times
    from tracker.interchange.imports import import_lines
    from tracker.interchange.plan import Importer
    from tracker.pathway import DEFAULT

    session = ctx.ensure_object(Session)
    checking = ctx.with_resource(_checked_with(session, dry_run))
    if session.exists:
        session.looks.listed(None)  # what is refused may tell of what is there
    zone = session.settings.time_zone or times.system_zone()
    importer = Importer(
        now=session.now(),
        actor=session.actor,
        on_behalf_of=session.on_behalf_of,
        time_zone=zone,
        protocol=DEFAULT,
        check_protocol=checking.protocol,
        remind_since=None if remind_since is None else session.instant(remind_since, zone),
        sight=sight_of(checking),
    )
    told = Telling(session)
    try:
        with progress(None, "Importing") as step:
            done = import_lines(
                checking,
                file,
                importer,
                keep_going=keep_going,
                dry_run=dry_run,
                step=step,
                alert=told.issue,
                into=lambda: session.service(create=True),
            )
        if done.appended and not dry_run and (session.glass is not None or not done.bad):
            service = session.service()
            session.looks.discharge(service.resolve(grown.episode).uuid for grown in done.episodes)
        if session.exists and not dry_run and not done.appended:
            rights.require_for_nothing(session.service())
        _report(done, fmt, remind_since)
    finally:
        told.send()
    if done.bad:
        ctx.exit(1)


@contextmanager
def _checked_with(session: Session, dry_run: bool) -> "Iterator[Service]":
    """Give what to check a file with: the database, or an empty one where there is none yet.

    So a file that is refused, or only looked at, leaves no data directory behind.
    """
    if session.exists:
        yield session.service(create=not dry_run)
        return
    from tracker.service import Service

    with TemporaryDirectory() as empty:
        place = Location(Path(empty) / "data", None)
        with Service.open(place, session.now, create=True, durability="OFF") as service:
            yield service


def _report(done: "Imported", fmt: str, remind_since: str | None) -> None:
    for bad in done.bad:
        say(f"line {bad.line}: {bad.message}" + (f" ({bad.hint})" if bad.hint else ""))
    for grown in done.episodes:
        if grown.incomplete:
            say(f"{grown.episode} is recorded, and shown as incomplete for now.")
    if fmt == "table":
        write("\n".join([*_lines(done), *_owed_lines(done, remind_since)]).encode())
        return
    rows: list[dict[str, Any]] = [msgspec.to_builtins(grown) for grown in done.episodes]
    emit(fmt, rows, _COLUMNS, document=_document(done, rows))


_COLUMNS = (
    Column("episode", "Episode"),
    Column("reference", "Reference"),
    Column("events", "Events", "number"),
    Column("stage", "Stage"),
    Column("urgent", "Urgent"),
    Column("incomplete", "Incomplete"),
    Column("silent", "Silent reminders", "number"),
)


def _document(done: "Imported", rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "lines": done.lines,
        "imported": done.appended,
        "already": done.already,
        "left_out": done.left_out,
        "opened": done.opened,
        "silent_reminders": done.silent,
        "due_reminders": done.due,
        "silent_urgent": done.silent_urgent,
        "errors": [{"line": b.line, "message": b.message, "hint": b.hint} for b in done.bad],
        "episodes": rows,
        "dry_run": done.dry_run,
    }


_SHOWN = 10
"""Episodes that are named at most."""


def _owed_lines(done: "Imported", remind_since: str | None) -> "Iterator[str]":
    """Yield what becomes of reminders, by whether it was said since when to remind."""
    will = "would be" if done.dry_run else "will be"
    if done.due and remind_since is not None:
        due = counted(done.due, "reminder")
        yield f"{due} {will} issued: what is open, or fell due since then."
    if done.silent:
        since = "" if remind_since is None else f" before {remind_since}"
        were = "would be" if done.dry_run else _were(done.silent)
        told = (
            f"{counted(done.silent, 'reminder')} {were} overdue already{since}, or too late to be"
            " of use: listed, and not issued."
        )
        more = " --remind-since TIME, given with the import that brings the events, issues what"
        yield told if remind_since else f"{told}{more} fell due since then."
    if urgent := done.silent_urgent:
        names = ", ".join(visible(name) for name in urgent[:_SHOWN])
        rest = f" and {len(urgent) - _SHOWN} more" if len(urgent) > _SHOWN else ""
        yield f"URGENT among those, acknowledged by nobody: {names}{rest}. Look at each of them."


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _lines(done: "Imported") -> list[str]:
    verb = "Would import" if done.dry_run else "Imported"
    opened = f"; {counted(done.opened, 'episode')} opened" if done.opened else ""
    lines = [f"{verb} {done.appended} of {counted(done.lines, 'event')}{opened}."]
    if done.already:
        lines.append(f"{done.already} {_were(done.already)} there already.")
    if done.left_out:
        lines.append(f"{done.left_out} left out: the scheduler alone writes those.")
    if done.bad:
        lines.append(f"{counted(len(done.bad), 'line')} could not be taken.")
    return lines


@click.command("export")
@click.argument("episodes", nargs=-1, metavar="EPISODE...", shell_complete=complete_episode)
@click.option("--all", "everything", is_flag=True, help="Every episode.")
@click.option(
    "--as",
    "form",
    default="jsonl",
    show_default=True,
    metavar="FORM",
    help="jsonl: events, a line each; ics: reminders, a calendar.",
)
@pass_session
def export(session: Session, episodes: tuple[str, ...], everything: bool, form: str) -> None:
    """Export events as JSON Lines that `tracker import` takes back, or reminders as a calendar.

    `recorded_at`, `recorded_by` and `source` are for information: an import never adopts them.
    """
    from tracker.interchange.exports import exported

    if form not in ("jsonl", "ics"):
        raise UsageError(f"nothing is exported as {form!r}", hint="--as jsonl, or --as ics")
    if everything == bool(episodes):
        raise UsageError("name the episodes to export, or --all", hint="tracker export --all")
    service = session.service()
    chosen = service.all_episodes() if everything else [session.episode(e) for e in episodes]
    if everything:
        session.looks.listed(service.projections().episodes)
    if form == "ics":
        from tracker.cli.calendar import write_calendar

        write_calendar(session, "Reminders", (episode.uuid for episode in chosen))
        return
    for line in exported(service, chosen):
        write(encode(line))
