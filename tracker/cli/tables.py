"""Tables and paragraphs for a terminal's eyes. Imported only when something is to be drawn."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tracker.cli.clocks import in_zone
from tracker.cli.column import Column
from tracker.cli.encoding import plain
from tracker.cli.looks import before_output
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
    "unproven": "yellow",
}
_GAP = 3
"""Columns between two cells."""
_LONGEST_WORD = 32
"""A longer one, such as an id, may be folded."""
_UNBOUNDED = 100_000
"""Width of what is not a terminal: no cell is ever cut or wrapped there."""


def console() -> Console:
    """Return the console of stdout, once what is shown is recorded.

    It is styled on a terminal unless NO_COLOR is set.
    """
    before_output()
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
        text = local(value, row.get("time_zone") or "UTC", precise=False)
    elif column.kind == "told":
        text = in_zone(value, row.get("time_zone") or "UTC")
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
    """Draw rows as a table, or nothing without rows; columns without any value are left out.

    On a terminal long cells fold between words. One too narrow for that gets a block of lines per
    row instead, so that nothing is ever cut off.
    """
    columns = [column for column in columns if not column.csv_only]
    cells = [[cell(row, column) for column in columns] for row in rows]
    used = [i for i in range(len(columns)) if any(line[i].plain for line in cells)]
    columns = [columns[i] for i in used]
    cells = [[line[i] for i in used] for line in cells]
    out = console()
    if title:
        out.print(Text(visible(title), style="bold"))
    if not cells:
        return
    widths = _widths(columns, cells, out.width - _GAP * (len(columns) - 1))
    if widths is None:
        _blocks(out, columns, cells)
    else:
        out.print(_grid(columns, cells, widths))


def _widths(
    columns: Sequence[Column], cells: Sequence[Sequence[Text]], room: int
) -> list[int] | None:
    """Share the room out: what a column needs at least, then by what it would like; or None."""
    least, wanted = [], []
    for i, column in enumerate(columns):
        texts = [column.heading, *(line[i].plain for line in cells)]
        wanted.append(max(map(cell_len, texts)))
        least.append(_least(column, texts))
    spare, missing = room - sum(least), sum(wanted) - sum(least)
    if spare < 0:
        return None
    if spare >= missing:
        return wanted
    return [a + (b - a) * spare // missing for a, b in zip(least, wanted, strict=True)]


def _least(column: Column, texts: Sequence[str]) -> int:
    """Return the width below which a word, or an instant, would be torn apart."""
    if column.kind in ("time", "state"):
        return max(cell_len(text) for text in texts)
    longest = max(cell_len(word) for text in texts for word in text.split() or [""])
    return min(longest, _LONGEST_WORD)


def _grid(columns: Sequence[Column], cells: Sequence[Sequence[Text]], widths: list[int]) -> Table:
    drawn = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column, width in zip(columns, widths, strict=True):
        justify: Any = "right" if column.kind == "number" else "left"
        drawn.add_column(column.heading, overflow="fold", justify=justify, width=width)
    for line in cells:
        drawn.add_row(*line)
    return drawn


def _blocks(out: Console, columns: Sequence[Column], cells: Sequence[Sequence[Text]]) -> None:
    """Draw each row as lines that are filled, below a head that names the columns in order."""
    _fill(out, [Text(column.heading, style="bold") for column in columns])
    for line in cells:
        out.print()
        named = zip(columns, line, strict=True)
        _fill(out, [_told(column, text) for column, text in named if text.plain])


def _told(column: Column, text: Text) -> Text:
    """Return a cell that says by itself what it is: a bare number, time, yes or no would not."""
    if column.kind in ("number", "time") or text.plain in ("yes", "no"):
        return Text.assemble((f"{column.heading} ", "dim"), text)
    return text


_BETWEEN = "  "


def _fill(out: Console, pieces: Sequence[Text]) -> None:
    """Write pieces side by side; what has no room begins the next line, a bit to the right."""
    line = Text()
    for piece in pieces:
        if line.plain.strip() and line.cell_len + len(_BETWEEN) + piece.cell_len > out.width:
            out.print(line)
            line = Text(_BETWEEN)
        elif line.plain:
            line.append(_BETWEEN)
        line.append_text(piece)
    out.print(line)


def paragraph(text: str, style: str = "") -> None:
    """Write a line of text; a terminal folds it, a pipe gets it whole."""
    console().print(Text(visible(text), style=style))
