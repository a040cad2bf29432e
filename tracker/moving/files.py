"""Files that appear whole, for their owner alone, and never in the place of another."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tracker.errors import RefusedError, StoreError

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK)


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """Give an empty file to write into; when that is done, it takes the name `path`.

    If it is not, nothing is left. Raises RefusedError when there is something of that name,
    StoreError when the directory cannot be written.
    """
    refuse_existing(path)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        message = f"{path.parent} cannot be written: {error.strerror}"
        raise StoreError(message, "name a file in a directory that is yours") from error
    os.close(handle)
    new = Path(name)
    try:
        yield new
        keep(new)
        settle(new, path)
    finally:
        new.unlink(missing_ok=True)


def refuse_existing(path: Path) -> None:
    """Raise RefusedError when there is something of that name."""
    if os.path.lexists(path):
        raise RefusedError(
            f"{path} is there already, and is never overwritten",
            "give another name, or move that one away first",
        )


def keep(path: Path) -> None:
    """Wait until the disk has what was written to a file, or the names in a directory."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def settle(new: Path, path: Path) -> None:
    """Give a finished file its name, for good. Raises RefusedError when the name is taken."""
    with suppress(FileExistsError):
        try:
            os.link(new, path)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            refuse_existing(path)  # a disk without links cannot do both in one step
            new.rename(path)
        keep(path.parent)
        return
    refuse_existing(path)
