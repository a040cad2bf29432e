"""What a database says when something is wrong, in words a user can act on."""

import os
import shutil
from pathlib import Path

from tracker.errors import StoreError, UnreadableError

_LOCKED = ("locked", "busy")
_FULL = ("disk is full", "no space left")
_READ_ONLY = ("readonly", "read-only")
_ABSENT = ("unable to open",)
_DAMAGED = ("malformed", "not a database")
_FAILED = ("disk i/o error",)
_LEAST_ROOM = 256 * 1024
"""Free bytes below which a disk counts as full: SQLite calls it an I/O error at times."""


class LockedError(StoreError):
    """The database stayed locked by somebody else for as long as we waited."""


class RowsError(Exception):
    """The read models' rows could not be written; the transaction was rolled back."""


class VersionConflictError(Exception):
    """An episode already has an event of that version: somebody else was faster."""


def of_all(error: Exception) -> bool:
    """Whether it is the database that fails, and no single episode."""
    return isinstance(error, StoreError) and not isinstance(error, UnreadableError)


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


def explain(error: Exception, path: Path | None, name: str) -> StoreError:
    """Return the error for a user: what is wrong with the database `name`, and what to do.

    `path` is its file, if it is one.
    """
    # A statement and its parameters, which may hold patient text, come after the first line.
    text = str(getattr(error, "orig", None) or error).partition("\n")[0].lower()
    if any(word in text for word in _LOCKED):
        return _locked(path, name)
    failed = any(word in text for word in _FAILED)
    if any(word in text for word in _FULL) or (failed and path is not None and _no_room(path)):
        return StoreError(f"the disk that holds {name} is full", "free some space and try again")
    if any(word in text for word in _READ_ONLY):
        return StoreError(
            f"the database in {name} cannot be written: it is read-only",
            "check the rights on the directory and on the files in it",
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
