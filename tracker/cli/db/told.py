"""What the commands on a database have in common: where files are, and what was done."""

from pathlib import Path
from typing import Any

from tracker.cli.render import Column, emit, plain

COLUMNS = [Column("name", "What"), Column("value", "State")]


def tell(fmt: str, document: dict[str, Any]) -> None:
    """Write what was done: one thing a line, or as one document."""
    rows = [{"name": n.replace("_", " "), "value": plain(v)} for n, v in document.items()]
    if fmt in ("table", "csv"):
        emit(fmt, rows, COLUMNS)
    else:
        emit(fmt, [document], COLUMNS, document=document)


def absolute(path: Path) -> Path:
    """Return a path that does not depend on where the program was started."""
    return path.expanduser().absolute()
