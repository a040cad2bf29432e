"""`tracker doctor`: is the installation sound, and the data."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli import checkpoints, people, reminding
from tracker.cli.clocks import site_zone
from tracker.cli.finding import FAILED, OK, WARNING, Finding
from tracker.cli.options import format_option
from tracker.cli.render import Column, emit
from tracker.cli.session import Session, pass_session
from tracker.errors import TrackerError
from tracker.pathway.wording import counted

if TYPE_CHECKING:
    from tracker.channels.configured import Channels
    from tracker.channels.settings import Site
    from tracker.service import Service

COLUMNS = [
    Column("check", "Check"),
    Column("state", "State", "state"),
    Column("text", "What"),
    Column("try", "Try"),
]
SAFE_SQLITE = (3, 51, 3)
"""From here on the write-ahead log is sound with several connections."""


@click.command()
@format_option
@pass_session
@click.pass_context
def doctor(ctx: click.Context, session: Session, fmt: str) -> None:
    """Check the directory, the database and the scheduler. Exit code 1 if anything failed."""
    found = list(_findings(session))
    rows = [{"check": f.check, "state": f.state, "text": f.text, "try": f.hint} for f in found]
    emit(fmt, rows, COLUMNS)
    if any(f.state == FAILED for f in found):
        ctx.exit(1)


def _findings(session: Session) -> Iterator[Finding]:
    location = session.location
    if location.database_url is None:
        yield _sqlite()
    home = location.home
    if home is not None:
        yield from _directory(home)
    site, found = _config(session)
    yield from found
    try:
        service = session.service()
    except TrackerError as error:
        yield _failure("database", error)
        return
    yield Finding("database", OK, "it opens, and its schema is this program's")
    for name, check in _CHECKS.items():
        yield from _tried(name, check(service))
    if service.database.seals is not None:
        yield from _tried("keys", _keys(session))
    zone = "UTC" if site is None else site_zone(session)
    if site is not None:
        yield from _tried(people.CHECK, people.checks(service, site))
        yield from _tried(checkpoints.CHECK, checkpoints.checks(service, site))
    yield from _tried("scheduler", reminding.checks(service, site, zone, session.looks.at))


def _tried(name: str, found: Iterator[Finding]) -> Iterator[Finding]:
    """Yield what a check finds; one that cannot be made is a failure and stops no other."""
    try:
        yield from found
    except TrackerError as error:
        yield _failure(name, error)


def _failure(name: str, error: TrackerError) -> Finding:
    return Finding(name, FAILED, error.message, error.hint or "")


def _config(session: Session) -> "tuple[Site | None, list[Finding]]":
    """Return the configuration, None if it cannot be read, and what is to be said of it."""
    from tracker.cli.channels import configured

    try:
        session.settings  # noqa: B018  reading them is the check
        channels = configured(session)
    except TrackerError as error:
        hint = error.hint or f"mend {session.location.config_file}, then tracker doctor"
        return None, [Finding("config", FAILED, error.message, hint)]
    return channels.site, list(_channels(channels))


def _channels(channels: "Channels") -> Iterator[Finding]:
    """Yield every channel that cannot be used, and how many can."""
    good = 0
    for name in channels.site.channels:
        try:
            channels.get(name)
            channels.template(name)
        except TrackerError as error:
            yield _failure("config", error)
        else:
            good += 1
    if good == len(channels.site.channels):
        yield Finding("config", OK, f"it can be read; {counted(good, 'channel')} can be used")


def _sqlite() -> Finding:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= SAFE_SQLITE:
        return Finding("sqlite", OK, f"SQLite {version}")
    safe = ".".join(map(str, SAFE_SQLITE))
    return Finding(
        "sqlite",
        WARNING,
        f"SQLite {version}: before {safe} a rare fault can damage the write-ahead log",
        f"a Python with SQLite {safe} or newer; keep backups",
    )


def _directory(home: Path) -> Iterator[Finding]:
    from tracker import privacy

    for path in privacy.paths(home):
        try:
            mode = privacy.mode(path)
        except OSError as error:
            yield Finding("files", FAILED, f"{path}: {error.strerror}", "tracker init")
            continue
        if privacy.is_exposed(path):
            text = f"{path} has mode {mode:o}: others can get at it"
            yield Finding("files", WARNING, text, privacy.wanted(path))
        else:
            yield Finding("files", OK, f"{path} is for its owner alone")


def _integrity(service: "Service") -> Iterator[Finding]:
    from tracker.cli import rights
    from tracker.store import sequence

    sites = rights.limit(service)
    if sites is not None:
        told = f"you see what is at {rights.told(sites)}; the end of the log is for others to check"
        yield Finding("log", OK, told)
        return
    with service.database.reading() as conn:
        (head, _), (end, _) = sequence.head(conn), sequence.end(conn)
    if head == end:
        yield Finding("log", OK, f"{counted(head, 'event')}, none missing at the end")
        return
    yield Finding(
        "log",
        FAILED,
        f"positions {head + 1} to {end} were given and are gone from the end of the log",
        "restore the latest backup, and find out who removed them",
    )


def _tables(service: "Service") -> Iterator[Finding]:
    from tracker.audit.structure.check import faults

    with service.database.reading() as conn:
        found = faults(conn)
    for fault in found:
        yield Finding("tables", FAILED, fault.text, "tracker db backup, then tracker audit verify")
    if not found:
        yield Finding("tables", OK, "log and access log are as they were made, and guarded")


def _keys(session: Session) -> Iterator[Finding]:
    from tracker.cli.keys import lacking, opened

    store = opened(session)
    made, newest = store.made(), store.newest()
    missing = lacking(session.service(), store)
    if missing:
        told = f"{counted(missing, 'episode')} without a key, so not to be read"
        yield Finding(
            "keys", FAILED, told, "look for a later copy of the keys (docs/encryption.md)"
        )
    if newest is not None and (made.backed_up_at is None or made.backed_up_at < newest):
        told = "keys were made that are in no copy: who loses them loses what they seal"
        yield Finding("keys", WARNING, told, "tracker keys backup FILE")
    else:
        yield Finding("keys", OK, f"{store.counts().patients} patients' keys, all put aside")


def _protocols(service: "Service") -> Iterator[Finding]:
    count = service.protocols.check()
    yield Finding("protocols", OK, f"{count} in the database, none of them changed")


def _lists(service: "Service") -> Iterator[Finding]:
    state = service.projections()
    if state.parked:
        told = f"parked: {counted(state.parked, 'episode')} (tracker projections status)"
        yield Finding("lists", FAILED, told, "tracker projections rebuild")
    elif state.version != state.expected_version or state.position != state.head:
        yield Finding(
            "lists",
            WARNING,
            f"{state.head - state.position} events behind, version {state.version} of "
            f"{state.expected_version}",
            "tracker projections rebuild",
        )
    else:
        yield Finding("lists", OK, "the lists are up to the end of the log")


def _roles(service: "Service") -> Iterator[Finding]:
    """Say whether a server holds everybody to their roles; without any there is nothing to say."""
    if service.database.login is None:
        return
    from tracker.roles import checking, setup
    from tracker.roles.unheld import unheld

    with service.database.reading() as conn:
        names = setup.names_of(conn)
        wrong = [(told, "tracker db roles --create") for told in checking.differences(conn)]
        wrong += [(one.text, one.hint) for one in unheld(conn)]
    for told, hint in wrong:
        yield Finding("roles", FAILED, told, hint)
    if names and not wrong:
        yield Finding("roles", OK, "the server holds everybody to their roles")


def _restore(service: "Service") -> Iterator[Finding]:
    """Say of the latest restore what it left to be done; without any there is nothing to say."""
    for last in service.restores()[:1]:
        told = f"restored at {last.restored_at:%Y-%m-%d %H:%M}Z from a backup of"
        told += f" {last.taken_at:%Y-%m-%d %H:%M}Z"
        if last.missing is not None:
            first, end = last.missing
            told += f": positions {first} to {end} are known to a checkpoint and missing"
            yield Finding("restore", WARNING, told, "record again what was lost")
        elif last.settled_at is None:
            told += "; what fell due since then is not issued yet"
            yield Finding("restore", WARNING, told, "tracker scheduler run")
        else:
            yield Finding("restore", OK, told)


_CHECKS: dict[str, Callable[["Service"], Iterator[Finding]]] = {
    "tables": _tables,
    "log": _integrity,
    "protocols": _protocols,
    "lists": _lists,
    "restore": _restore,
    "roles": _roles,
}
