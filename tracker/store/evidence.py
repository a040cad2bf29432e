"""A file on a medium that cannot be written: what SQLite would need beside it cannot be made."""

import os
from pathlib import Path

from tracker.errors import StoreError

_BESIDE = ("-wal", "-journal")
"""What SQLite keeps beside a file while it holds what the file itself does not."""


def only_readable(path: Path) -> bool:
    """Whether nothing can be made in the directory of a file."""
    return not os.access(path.parent, os.W_OK)


def refuse_part(path: Path) -> None:
    """Raise StoreError for a file that is not all there is: what is beside it belongs to it."""
    for suffix in _BESIDE:
        beside = path.with_name(path.name + suffix)
        try:
            held = beside.stat().st_size
        except FileNotFoundError:
            continue
        except OSError:
            held = 1  # nobody knows what is in it
        if held:
            raise StoreError(
                f"{path} cannot be read where it is: {beside.name} holds a part of it, which only"
                " a place that can be written lets anybody read",
                f"copy both, {path.name} and {beside.name}, to such a place and name that",
            )
