"""Checkpoints in files: read and verified, and written so that none is ever overwritten."""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tracker.audit.checkpoint import Checkpoint, Signed, read
from tracker.audit.faults import Fault
from tracker.audit.note import LONGEST, NoteError, PublicKey, UntrustedError
from tracker.errors import ConflictError, NotFoundError, StoreError

SUFFIX = ".checkpoint"
_SEVERAL = re.compile(r"(.+Z)[-_]([0-9]{1,9})")
"""The name of one that is not the first of its second; earlier versions wrote `-2`."""


def load(paths: Iterable[Path], keys: Sequence[PublicKey]) -> tuple[list[Signed], list[Fault]]:
    """Read checkpoints from files and directories, the oldest first, and say which are none.

    Of a directory the files that end in `.checkpoint` are read. Raises NotFoundError for a path
    with nothing there, StoreError for what cannot be read.
    """
    signed: list[Signed] = []
    faults: list[Fault] = []
    for file in _files(paths):
        try:
            signed.append(read(file.name, _content(file), keys))
        except UntrustedError as error:
            faults.append(Fault("checkpoint", None, "signature", f"{file.name}: {error}"))
        except NoteError as error:
            told = f"{file.name}: {error}; it is damaged, or holds more than the note"
            faults.append(Fault("checkpoint", None, "note", told))
    return in_order(signed), faults


def named(paths: Iterable[str]) -> list[Path]:
    """Return the paths by which somebody names checkpoints.

    Raises NotFoundError for a directory that holds none: verifying against nothing shows nothing;
    StoreError for one that cannot be read.
    """
    found = [Path(path) for path in paths]
    for path in found:
        if path.is_dir() and not files(path):
            raise NotFoundError(
                f"{path} holds no checkpoint", f"name a file, or a directory of *{SUFFIX}"
            )
    return found


def in_order(signed: Iterable[Signed]) -> list[Signed]:
    """Return checkpoints from the oldest to the newest."""
    return sorted(
        signed, key=lambda s: (s.checkpoint.events.size, s.checkpoint.time, *_place_of(s.name))
    )


def files(directory: Path) -> list[Path]:
    """Return the checkpoints in a directory; the newest is the last.

    Raises StoreError for a directory that cannot be read: that is not one that holds none.
    """
    try:
        found = [file for file in directory.iterdir() if file.name.endswith(SUFFIX)]
    except OSError as error:
        raise StoreError(f"{directory} cannot be read: {error.strerror}") from error
    return sorted(found, key=lambda file: _place_of(file.name))


def _place_of(name: str) -> tuple[str, int]:
    """Return what orders names as the files were made; of one second the first has no number."""
    stem = name.removesuffix(SUFFIX)
    several = _SEVERAL.fullmatch(stem)
    return (several[1], int(several[2])) if several else (stem, 1)


def _files(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += files(path)
        elif path.exists():
            found.append(path)
        else:
            raise NotFoundError(f"there is no checkpoint {path}", "name a file or a directory")
    return found


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            # A mail ends its lines so, and so does what was saved of it.
            return stream.read(LONGEST + 1).replace(b"\r\n", b"\n")
    except OSError as error:
        raise StoreError(f"{file} cannot be read: {error.strerror}") from error


def file_name(checkpoint: Checkpoint) -> str:
    """Return the name of a checkpoint's file: names sort by size, then by time."""
    return f"{checkpoint.events.size:012}-{checkpoint.time:%Y%m%dT%H%M%SZ}{SUFFIX}"


def keep(note: bytes, checkpoint: Checkpoint, path: Path) -> Path:
    """Write a checkpoint into a directory, or into a file that is not there yet; return the file.

    On disk when it returns, whole or not at all. Raises ConflictError for a file that is there,
    StoreError when it cannot be written.
    """
    file = _free(path / file_name(checkpoint)) if path.is_dir() else path
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(note)
                stream.flush()
                os.fsync(handle)
            _place(beside, file)
        finally:
            beside.unlink(missing_ok=True)
    except FileExistsError as error:
        raise ConflictError(f"{file} is there already", "name another file") from error
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror}") from error
    return file


def _free(file: Path) -> Path:
    """Return a name that no file has: several checkpoints may be of one second."""
    stem, number = file.stem, 2
    while file.exists():
        file = file.with_name(f"{stem}_{number:03}{SUFFIX}")  # `_` sorts after `.`, `-` before
        number += 1
    return file


def _place(beside: Path, file: Path) -> None:
    """Give a file its name, unless another has it."""
    try:
        os.link(beside, file)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if file.exists():
            raise FileExistsError(file) from None
        beside.rename(file)
