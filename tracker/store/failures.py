"""What a database says when something is wrong, in words a user can act on."""

import logging
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from tracker.errors import StoreError, UnreadableError
from tracker.store.errors import ConstraintError, LockedError, ReadOnlyError, UnkeepableError

_LOCKED = ("locked", "busy")
_FULL = ("disk is full", "no space left")
_READ_ONLY = ("readonly", "read-only")
_ABSENT = ("unable to open",)
_DAMAGED = ("malformed", "not a database")
_NO_TEXT = "could not decode to utf-8"
_FAILED = ("disk i/o error",)
_THERE = " has that row already"
_LEAST_ROOM = 256 * 1024
"""Free bytes below which a disk counts as full: SQLite calls it an I/O error at times."""


def of_all(error: Exception) -> bool:
    """Whether it is the database that fails, and no single episode."""
    of_one = UnreadableError | UnkeepableError
    return isinstance(error, StoreError) and not isinstance(error, of_one)


def silence(*libraries: str) -> None:
    """Keep what libraries warn of off stderr: it comes after something else that is told anyway.

    SQLAlchemy's pool prints a traceback when Ctrl-C meets it while it closes a connection.
    """
    for library in libraries:
        logging.getLogger(library).addHandler(logging.NullHandler())


def trace(error: BaseException) -> str:
    """Return what an error is and where it comes from, without its words.

    They may quote what was recorded of a patient, and this is kept.
    """
    while error.__cause__ is not None:
        error = error.__cause__
    code = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None)
    told = type(error).__name__ + (f" ({code})" if code else "")
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    if step is None:
        return told
    return f"{told} at {Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}"


def holders(path: Path) -> list[str]:
    """Name other processes that have the database file open, as far as /proc tells."""
    try:
        wanted = path.stat()
        processes = [p for p in Path("/proc").iterdir() if p.name.isdigit()]
    except OSError:
        return []
    return [
        f"{process.name} ({_command(process)})"
        for process in processes
        if int(process.name) != os.getpid() and _has_open(process, wanted)
    ]


def _has_open(process: Path, wanted: os.stat_result) -> bool:
    try:
        return any(_same(entry, wanted) for entry in (process / "fd").iterdir())
    except OSError:
        return False


def _same(entry: Path, wanted: os.stat_result) -> bool:
    try:
        return os.path.samestat(entry.stat(), wanted)
    except OSError:
        return False


def _command(process: Path) -> str:
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return "?"
    return " ".join(Path(word.decode("utf-8", "replace")).name for word in words[:3] if word)


@contextmanager
def explained(path: Path | None, name: str) -> Iterator[None]:
    """Put what the database `name` refuses into words; `path` is its file, if it is one.

    Raises ConstraintError for a key that is there already, StoreError for everything else.
    """
    from tracker.store import refusals

    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        raise explain(error, path, name) from error
    except UnicodeDecodeError as error:  # of SQLite's own words, which name what it cannot read
        told = f"the database in {name} is damaged: a name in it is no text"
        raise StoreError(told, "restore it from a backup") from error
    except SQLAlchemyError as error:
        raise StoreError(f"the database in {name} failed: {type(error).__name__}") from error
    except Exception as error:
        if not refusals.is_of_server(error):
            raise
        raise explain(error, path, name) from error


def unkept() -> StoreError:
    """Return the error for a row that was inserted and is not there: a trigger may do that."""
    return StoreError(
        "the database does not keep what is recorded, so nothing is recorded",
        "tracker doctor says what keeps it from that",
    )


def _locked(path: Path | None, name: str) -> LockedError:
    who = holders(path) if path is not None else []
    hint = "try again, or look for another tracker that is still writing"
    if who:
        hint = f"open in process {', '.join(who)}; wait for it or end it"
    return LockedError(f"the database in {name} is locked by somebody else", hint)


def _no_room(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _LEAST_ROOM
    except OSError:
        return False


def explain(error: BaseException, path: Path | None, name: str) -> StoreError:
    """Return the error for a user: what is wrong with the database `name`, and what to do.

    `path` is its file, if it is one.
    """
    from tracker.store import refusals

    said: Any = getattr(error, "orig", None) or error
    if refusals.is_of_server(said):
        return refusals.explain(said, name)
    # A statement and its parameters, which may hold patient text, come after the first line.
    text = str(said).partition("\n")[0]
    if isinstance(said, sqlite3.IntegrityError):
        return _constraint(said, text, name)
    return _explain_file(text.lower(), path, name)


def _constraint(error: sqlite3.IntegrityError, text: str, name: str) -> StoreError:
    if text.endswith(_THERE):  # the trigger that refuses to replace comes before the key itself
        return ConstraintError(text.removesuffix(_THERE).rpartition(" ")[2])
    if getattr(error, "sqlite_errorname", None) == "SQLITE_CONSTRAINT_TRIGGER":
        return StoreError(
            f"the database in {name} refused: {text}", "the log is only ever added to"
        )
    return ConstraintError(text.rpartition(": ")[2].partition(".")[0])


def _explain_file(text: str, path: Path | None, name: str) -> StoreError:
    if text.startswith(_NO_TEXT):  # first, and not in its words: they quote what is stored
        return StoreError(
            f"the database in {name} was changed: a value is stored as text and is none",
            "tracker audit verify says where; find out what changed it, and restore a backup",
        )
    if any(word in text for word in _LOCKED):
        return _locked(path, name)
    failed = any(word in text for word in _FAILED)
    if any(word in text for word in _FULL) or (failed and path is not None and _no_room(path)):
        return StoreError(f"the disk that holds {name} is full", "free some space and try again")
    if any(word in text for word in _READ_ONLY):
        return ReadOnlyError(
            f"the database in {name} cannot be written: it is read-only",
            "check the rights on the directory and on the files in it; where they must stay as"
            " they are, copy the directory to a place that can be written and use that",
        )
    if any(word in text for word in _ABSENT):
        return StoreError(
            f"the database in {name} cannot be opened",
            "check that the directory exists, is yours and can be written",
        )
    if any(word in text for word in _DAMAGED):
        return StoreError(f"the database in {name} is damaged: {text}", "restore it from a backup")
    if failed:
        return StoreError(
            f"the disk that holds {name} failed: {text}", "check the disk, then tracker doctor"
        )
    return StoreError(f"the database in {name} refused: {text}", "tracker doctor says more")
