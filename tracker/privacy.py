"""Who can look into a data directory: its owner alone, as far as that is ours to say."""

import stat
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path

from tracker.config import CONFIG_FILE, DEMONSTRATION, KEYS_FILE, REMINDERS
from tracker.store.database import FILE_NAME as DATABASE

OURS = (f"{DATABASE}*", f"{KEYS_FILE}*", CONFIG_FILE, f".{CONFIG_FILE}.*", REMINDERS, DEMONSTRATION)
"""What tracker puts into a data directory."""
_OTHERS = 0o077


def close(home: Path) -> None:
    """Close a directory to others if it is tracker's own: nothing else is in it.

    In one that holds other things people may have a reason to look; `exposed` tells of it.
    """
    with suppress(OSError):  # somebody else's directory stays as it is, and is told of
        ours = all(any(fnmatch(path.name, name) for name in OURS) for path in home.iterdir())
        if ours and mode(home) & _OTHERS:
            home.chmod(0o700)


def mode(path: Path) -> int:
    """Return the permissions of a path. Raises OSError."""
    return stat.S_IMODE(path.stat().st_mode)


def is_exposed(path: Path) -> bool:
    """Whether others may do anything with a path; False if there is none. Raises OSError."""
    try:
        return bool(mode(path) & _OTHERS)
    except FileNotFoundError:
        return False


def wanted(path: Path) -> str:
    """Return the command that closes a path to others."""
    return f"chmod {700 if path.is_dir() else 600} {path}"


def paths(home: Path) -> Iterator[Path]:
    """Yield a data directory and tracker's own files in it."""
    yield home
    if home.is_dir():
        for name in OURS:
            yield from sorted(home.glob(name))
