"""`tracker doctor`: is the installation sound, and the data."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from tracker.cli.options import format_option
from tracker.cli.render import Column, emit
from tracker.cli.session import Session, pass_session
from tracker.errors import StoreError, TrackerError

if TYPE_CHECKING:
    from tracker.service import Service

COLUMNS = [
    Column("check", "Check"),
    Column("state", "State", "state"),
    Column("text", "What"),
    Column("try", "Try"),
]
SAFE_SQLITE = (3, 51, 3)
"""From here on the write-ahead log is sound with several connections."""


class Finding(NamedTuple):
    """The answer of one check."""

    check: str
    state: str
    """ok, warning or failed."""
    text: str
    hint: str = ""


@click.command()
@format_option
@pass_session
@click.pass_context
def doctor(ctx: click.Context, session: Session, fmt: str) -> None:
    """Check the directory, the database and the scheduler. Exit code 1 if anything failed."""
    found = list(_findings(session))
    rows = [{"check": f.check, "state": f.state, "text": f.text, "try": f.hint} for f in found]
    emit(fmt, rows, COLUMNS)
    if any(f.state == "failed" for f in found):
        ctx.exit(1)


def _findings(session: Session) -> Iterator[Finding]:
    yield _sqlite()
    home = session.location.home
    if home is not None:
        yield from _directory(home)
    yield _config(session)
    try:
        service = session.service()
    except TrackerError as error:
        yield Finding("database", "failed", error.message, error.hint or "")
        return
    yield Finding("database", "ok", "it opens, and its schema is this program's")
    for check in _CHECKS:
        yield check(service)
    yield from _restore(service)


def _config(session: Session) -> Finding:
    from tracker.cli.channels import configured

    try:
        session.settings  # noqa: B018  reading them is the check
        channels = configured(session)
        for name in channels.site.channels:
            channels.get(name)
            channels.template(name)
    except TrackerError as error:
        return Finding("config", "failed", error.message, error.hint or "")
    count = len(channels.site.channels)
    return Finding("config", "ok", f"it can be read; {count} channels can be used")


def _sqlite() -> Finding:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= SAFE_SQLITE:
        return Finding("sqlite", "ok", f"SQLite {version}")
    safe = ".".join(map(str, SAFE_SQLITE))
    return Finding(
        "sqlite",
        "warning",
        f"SQLite {version}: before {safe} a rare fault can damage the write-ahead log",
        f"a Python with SQLite {safe} or newer; keep backups",
    )


def _directory(home: Path) -> Iterator[Finding]:
    from tracker import privacy

    for path in privacy.paths(home):
        try:
            mode = privacy.mode(path)
        except OSError as error:
            yield Finding("files", "failed", f"{path}: {error.strerror}", "tracker init")
            continue
        if privacy.is_exposed(path):
            text = f"{path} has mode {mode:o}: others can get at it"
            yield Finding("files", "warning", text, privacy.wanted(path))
        else:
            yield Finding("files", "ok", f"{path} is for its owner alone")


def _integrity(service: "Service") -> Finding:
    from tracker.store import log

    with service.database.reading() as conn:
        (head, _), (end, _) = log.head(conn), log.end(conn)
    if head == end:
        return Finding("log", "ok", f"{head} events, none missing at the end")
    return Finding(
        "log",
        "failed",
        f"positions {head + 1} to {end} were given and are gone from the end of the log",
        "restore the latest backup, and find out who removed them",
    )


def _protocols(service: "Service") -> Finding:
    try:
        count = service.protocols.check()
    except StoreError as error:
        return Finding("protocols", "failed", error.message, error.hint or "")
    return Finding("protocols", "ok", f"{count} in the database, none of them changed")


def _lists(service: "Service") -> Finding:
    from tracker.cli.projections import parked_names

    state = service.projections()
    if service.parked():
        names = ", ".join(parked_names(service).values())
        return Finding("lists", "failed", f"parked: {names}", "tracker projections rebuild")
    if state.version != state.expected_version or state.position != state.head:
        return Finding(
            "lists",
            "warning",
            f"{state.head - state.position} events behind, version {state.version} of "
            f"{state.expected_version}",
            "tracker projections rebuild",
        )
    return Finding("lists", "ok", "the lists are up to the end of the log")


def _ticks(service: "Service") -> Finding:
    from tracker.channels.settings import read_site

    last = service.last_tick()
    if last is None:
        return Finding(
            "scheduler",
            "warning",
            "it has never run: no reminder is issued",
            "tracker scheduler run",
        )
    quiet = service.now() - last.last_tick
    told = f"last tick {last.last_tick:%Y-%m-%d %H:%M:%S}Z by {last.scheduler}"
    if last.ahead(service.now()):
        told += ", in the future: the clock had gone ahead"
        return Finding("scheduler", "failed", told, "tracker scheduler tick")
    if quiet > read_site(service.database.location).scheduler.silence:
        return Finding("scheduler", "failed", told, "tracker scheduler run")
    return Finding("scheduler", "ok", told)


def _messages(service: "Service") -> Finding:
    from tracker.outbox import listing

    with service.database.reading() as conn:
        counts = listing.counts(conn)
    dead, pending = counts.get("dead", 0), counts.get("pending", 0)
    if dead:
        told = f"{dead} messages could not be delivered"
        return Finding("outbox", "failed", told, "tracker outbox list --state dead")
    return Finding("outbox", "ok", f"{pending} messages wait to be sent, none was given up")


def _restore(service: "Service") -> Iterator[Finding]:
    """Say of the latest restore what it left to be done; without any there is nothing to say."""
    for last in service.restores()[:1]:
        told = f"restored at {last.restored_at:%Y-%m-%d %H:%M}Z from a backup of"
        told += f" {last.taken_at:%Y-%m-%d %H:%M}Z"
        if last.missing is not None:
            told += ": positions {} to {} are known to a checkpoint and missing".format(
                *last.missing
            )
            yield Finding("restore", "warning", told, "record again what was lost")
        elif last.settled_at is None:
            told += "; what fell due since then is not issued yet"
            yield Finding("restore", "warning", told, "tracker scheduler run")
        else:
            yield Finding("restore", "ok", told)


_CHECKS: tuple[Callable[["Service"], Finding], ...] = (
    _integrity,
    _protocols,
    _lists,
    _ticks,
    _messages,
)
