"""A tracker made from a backup: in a place where there is none, checked before it appears."""

import datetime
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from tracker.appending import Clock
from tracker.config import Location
from tracker.encryption import opening
from tracker.errors import RefusedError, StoreError
from tracker.moving.backup import PAGES, percents
from tracker.moving.checking import Progress
from tracker.moving.files import keep, settle
from tracker.moving.restored import Known, Restored, mark_restored
from tracker.service import Service
from tracker.store import schema
from tracker.store.database import FILE_NAME, Database, open_database
from tracker.store.failures import explain

STAGE = ".restoring"
"""Directory in the data directory where a restore works until all is well."""
_MAGIC = b"SQLite format 3\0"


def restore(
    file: Path,
    location: Location,
    clock: Clock,
    progress: Progress,
    known: Sequence[Known] = (),
    at: datetime.datetime | None = None,
) -> Restored:
    """Make a tracker of a backup in a place that holds none; the file stays as it is.

    `known`, `at`: as for `mark_restored`.

    It appears when its log was checked, its tables brought up to date, its read models compared
    with the log, and the restore recorded. Raises RefusedError when there is a tracker, StoreError
    when the file is none or cannot be read, AuditError when what it holds does not stand up.
    """
    if location.database_url is not None:
        raise RefusedError(
            f"{location.name} is a server's database: it is not restored from a file",
            "restore the server, then `tracker db restored` (docs/backup.md);"
            " `tracker db copy` moves a tracker from a file to a server",
        )
    _refuse_tracker(location.home)
    _refuse_other_file(file)
    with _stage(location.home) as stage:
        _copy(file, stage, progress)
        with _opened(stage, file) as database:
            # Configuration and keys are where the tracker is to be, if they are there already.
            opening.attach(database, location, os.environ)
            done = mark_restored(Service(database, clock), str(file), progress, known, at)
        keep(stage / FILE_NAME)
        settle(stage / FILE_NAME, location.home / FILE_NAME)
    return done


def _refuse_tracker(home: Path) -> None:
    there = sorted(home.glob(f"{FILE_NAME}*"))
    if there:
        raise RefusedError(
            f"{home} holds a tracker already ({there[0].name}): nothing is restored over it",
            "name an empty directory with --home, or move that one away first",
        )


def _refuse_other_file(file: Path) -> None:
    try:
        with file.open("rb") as stream:
            magic = stream.read(len(_MAGIC))
    except OSError as error:
        raise StoreError(f"{file} cannot be read: {error.strerror}") from error
    if magic != _MAGIC:
        raise StoreError(
            f"{file} is no backup: it is not a SQLite database", "tracker db backup makes one"
        )


@contextmanager
def _stage(home: Path) -> Iterator[Path]:
    """Give an empty directory to work in, to one process at a time; it goes away at the end."""
    made, stage = not home.is_dir(), home / STAGE
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        stage.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(stage, os.O_RDONLY)
    except OSError as error:
        message = f"{home} cannot hold a tracker: {error.strerror}"
        raise StoreError(message, "name a directory that is yours with --home") from error
    try:
        _take(handle, home)
        try:
            for left in stage.iterdir():  # by one that was killed
                left.unlink()
            yield stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    finally:
        os.close(handle)
        if made:
            with suppress(OSError):  # it holds a tracker now
                home.rmdir()


def _take(handle: int, home: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        message = f"another restore into {home} is at work"
        raise RefusedError(message, "wait for it, or end it") from None


def _copy(file: Path, stage: Path, progress: Progress) -> None:
    """Copy a database, with what only its write-ahead log holds, if there is one beside it."""
    new = stage / FILE_NAME
    os.close(os.open(new, os.O_CREAT | os.O_RDWR, 0o600))
    try:
        source = sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)
        target = sqlite3.connect(new, isolation_level=None)
        try:
            with progress(100, "percent copied") as step:
                source.backup(target, pages=PAGES, progress=percents(step))
            _refuse_damaged(target, file)
        finally:
            target.close()
            source.close()
    except sqlite3.Error as error:
        raise explain(error, new, str(file)) from error


def _refuse_damaged(copy: sqlite3.Connection, file: Path) -> None:
    (found,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise StoreError(f"{file} is damaged: {found}", "take another backup")


@contextmanager
def _opened(stage: Path, file: Path) -> Iterator[Database]:
    with open_database(Location(stage, None)) as database:
        database.name = str(file)
        if schema.stored_version(database) is None:
            raise StoreError(f"{file} holds no tracker", "tracker db backup makes a backup of one")
        schema.upgrade(database)
        yield database
