"""`tracker keys`: the keys of an encrypted tracker, put aside, brought back, wrapped anew."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.failures import say
from tracker.cli.group import NounGroup
from tracker.cli.options import format_option
from tracker.cli.render import Column, emit
from tracker.cli.session import Session, pass_session
from tracker.errors import RefusedError
from tracker.pathway.wording import counted

if TYPE_CHECKING:
    from tracker.encryption.cipher import Key
    from tracker.encryption.settings import Encryption
    from tracker.encryption.store import KeyStore
    from tracker.service import Service
    from tracker.store.database import Database

STATUS = [
    Column("master", "Master key"),
    Column("source", "Kept in"),
    Column("patients", "Patients", "number"),
    Column("episodes", "Episodes", "number"),
    Column("backed_up_at", "Put aside", "time"),
    Column("backed_up_to", "To"),
]
_COUNTS = [
    Column("patients", "Patients", "number"),
    Column("episodes", "Episodes", "number"),
]
_FILE = [Column("file", "File"), *_COUNTS]
_ROTATED = [Column("master", "Master key"), Column("source", "Kept in"), *_COUNTS]
_PLAIN = "this tracker is not encrypted"
_HOW = "`tracker --home DIR init --encrypt` makes one that is"


def settings_of(session: Session) -> "Encryption":
    """Return where the keys are. Raises RefusedError in a tracker that is not encrypted."""
    from tracker.encryption import settings

    found = settings.read(session.location)
    if found is None:
        raise RefusedError(_PLAIN, _HOW)
    return found


def master_of(session: Session, found: "Encryption") -> "Key":
    """Return the master key that the configuration names."""
    from tracker.encryption import settings

    return found.source(settings.directory(session.location)).read(os.environ)


def opened(session: Session) -> "KeyStore":
    """Return the key store, opened by its master key."""
    from tracker.encryption.store import KeyStore

    found = settings_of(session)
    return KeyStore(_kept_in(session, found), master_of(session, found))


def _kept_in(session: Session, found: "Encryption", *, create: bool = False) -> "Database":
    """Return the database that keeps the keys, closed with the session."""
    from tracker.encryption.opening import beside, key_database

    if session.location.database_url is not None:
        database = beside(session.service().database, found)
        if database is not None:
            return database
    return session.keep(key_database(session.location, found, create=create))


def lacking(service: "Service", store: "KeyStore") -> int:
    """Return how many episodes, at least, have no key although they were not erased."""
    from tracker.store import log

    with service.database.reading() as conn:
        sealed = log.count_episodes(conn) - len(log.erased(conn))
    return max(0, sealed - store.counts().episodes)


@click.group(cls=NounGroup)
def keys() -> None:
    """Look after the keys of an encrypted tracker: status, backup, restore, rotate."""


@keys.command()
@format_option
@pass_session
def status(session: Session, fmt: str) -> None:
    """Which master key wraps how many keys, and when they were last put aside."""
    store = opened(session)
    made, counted = store.made(), store.counts()
    row = {
        "master": str(made.master),
        "source": settings_of(session).master,
        "patients": counted.patients,
        "episodes": counted.episodes,
        "backed_up_at": made.backed_up_at,
        "backed_up_to": made.backed_up_to,
    }
    emit(fmt, [row], STATUS, document=row)


@keys.command()
@click.argument("file", type=click.Path(path_type=Path))
@format_option
@pass_session
def backup(session: Session, file: Path, fmt: str) -> None:
    """Write every key, wrapped as it is, into a new file.

    Keep it apart from the data and from the master key: together they open everything.
    """
    from tracker.encryption import aside

    store = opened(session)
    if file.resolve().is_relative_to(session.location.home.resolve()):
        raise RefusedError(
            f"{file} is in the data directory: a copy there is lost with what it is a copy of",
            "name a file elsewhere, apart from the data and from the master key",
        )
    aside.put_aside(store, file, session.now())
    say("The keys are wrapped; the master key is not among them.")
    row = {"file": str(file), **store.counts()._asdict()}
    emit(fmt, [row], _FILE, document=row)


@keys.command()
@click.argument("file", type=click.Path(path_type=Path))
@format_option
@pass_session
def restore(session: Session, file: Path, fmt: str) -> None:
    """Bring lost keys back from a file; those of erased patients stay out."""
    from tracker.encryption import aside
    from tracker.store import log

    found = settings_of(session)
    with session.service().database.reading() as conn:
        erased = log.erased(conn)
    database = _kept_in(session, found, create=True)
    master = master_of(session, found)
    store = aside.bring_back(database, master, file, erased, session.now())
    missing = lacking(session.service(), store)
    if missing:
        say(
            f"That copy has no key of {counted(missing, 'episode')} opened after it was made. What"
            " was recorded there cannot be read unless a later copy turns up, and nothing can be"
            " recorded."
        )
    row = {"file": str(file), **store.counts()._asdict()}
    emit(fmt, [row], _FILE, document=row)


@keys.command()
@click.option(
    "--to",
    "text",
    required=True,
    metavar="SOURCE",
    help="Where the new master key is or is to be: file:PATH, env:NAME or keyring:SERVICE/NAME.",
)
@format_option
@pass_session
def rotate(session: Session, text: str, fmt: str) -> None:
    """Wrap every key by another master key; no event changes.

    A file or an entry of the keyring is made new; a variable has to be set already. Destroy the
    old master key afterwards: old copies of wrapped keys are worth nothing without it.
    """
    import msgspec

    from tracker.encryption import settings
    from tracker.encryption.master import Source

    found = settings_of(session)
    store = opened(session)
    source = Source(text, settings.directory(session.location))
    master = source.read(os.environ) if text.startswith("env:") else source.create()
    store.rotate(master)
    settings.write(session.location, msgspec.structs.replace(found, master=text))
    row = {"master": str(master.id), "source": text, **store.counts()._asdict()}
    emit(fmt, [row], _ROTATED, document=row)
    say(f"Destroy the old one, in {found.master}, and put the keys aside: tracker keys backup FILE")
