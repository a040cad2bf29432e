"""Tables and paragraphs for a terminal's eyes. Imported only when something is to be drawn."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tracker.cli.render import Column, plain
from tracker.cli.text import visible
from tracker.times import local

_STYLES = {
    "urgent": "bold red",
    "overdue": "red",
    "warning": "yellow",
    "open": "yellow",
    "done": "green",
    "ok": "green",
    "failed": "bold red",
}
_UNBOUNDED = 100_000
"""Width of what is not a terminal: no cell is ever cut or wrapped there."""


def console() -> Console:
    """Return the console of stdout: styled on a terminal unless NO_COLOR is set."""
    terminal = sys.stdout.isatty()
    styled = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Console(
        file=sys.stdout,
        force_terminal=styled,
        color_system="auto" if styled else None,
        width=None if terminal else _UNBOUNDED,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
    )


def cell(row: Mapping[str, Any], column: Column) -> Text:
    """Return one cell: instants in the row's zone, lists with commas, nothing for None."""
    value = row.get(column.key)
    if value is None or value == "":
        text = ""
    elif column.kind == "time":
        text = local(value, row.get("time_zone") or "UTC")
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    elif isinstance(value, list | tuple):
        text = ", ".join(str(plain(v)) for v in value)
    else:
        text = str(value)
    return Text(visible(text), style=_STYLES.get(text, "") if column.kind == "state" else "")


def table(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[Column], *, title: str | None = None
) -> None:
    """Draw a table, or nothing without rows; a narrow terminal folds cells and cuts nothing off."""
    columns = [column for column in columns if not column.csv_only]
    rows = list(rows)
    if not rows:
        return
    drawn = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in columns:
        justify: Any = "right" if column.kind == "number" else "left"
        drawn.add_column(column.heading, overflow="fold", justify=justify)
    for row in rows:
        drawn.add_row(*(cell(row, column) for column in columns))
    out = console()
    if title:
        out.print(Text(title, style="bold"))
    out.print(drawn)


def paragraph(text: str, style: str = "") -> None:
    """Write a line of text; a terminal folds it, a pipe gets it whole."""
    console().print(Text(visible(text), style=style))
