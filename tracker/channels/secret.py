"""Secrets by reference: a variable of the environment, or a file closed to all but its group."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tracker.errors import UsageError

_LONGEST = 10_000
_OTHERS = 0o037
"""A group may read it: those who record what is urgent send it too."""


class Reference(NamedTuple):
    """Where a secret is; one of the two is named."""

    place: str
    """The setting it is for, such as `channels.ward.password`; without `_env` and `_file`."""
    env: str | None
    file: str | None

    def read(self, directory: Path, environ: Mapping[str, str]) -> str:
        """Return the secret. Raises UsageError that names the place and never what is in it."""
        if self.env is not None:
            found = environ.get(self.env)
            if not found:
                raise UsageError(
                    f"{self.place}_env: the environment has no {self.env}",
                    hint=f"set {self.env} for the process that sends",
                )
            return found
        return read_file(f"{self.place}_file", directory / Path(self.file or "").expanduser())


def read_file(place: str, path: Path) -> str:
    """Return the secret in a file.

    Raises UsageError that names the place, for one that cannot be read, or that others can.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        hint = f"put it there, for its owner alone: chmod 600 {path}"
        raise UsageError(f"{place}: {path} cannot be read: {reason}", hint=hint) from error
    try:
        _check(place, path, os.fstat(handle).st_mode)
        raw = os.read(handle, _LONGEST + 1)
    finally:
        os.close(handle)
    try:
        text = raw.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise UsageError(f"{place}: {path} is not UTF-8 text") from None
    if not text or len(raw) > _LONGEST:
        raise UsageError(f"{place}: {path} is {'too long' if text else 'empty'}")
    return text


def _check(place: str, path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise UsageError(f"{place}: {path} is not a file")
    if mode & _OTHERS:
        raise UsageError(
            f"{place}: {path} has mode {stat.S_IMODE(mode):o}: others can get at it",
            hint=f"chmod 600 {path}",
        )
