"""One renderer for every read: JSON, JSON Lines, CSV for programs, tables for eyes.

stdout carries data only. JSON holds instants in UTC with `Z`; a table shows them in the episode's
zone. Nothing here writes a control or bidi character as it is.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from tracker.cli.column import Column
from tracker.cli.encoding import encode, plain
from tracker.cli.looks import before_output
from tracker.cli.text import csv_cell, visible

__all__ = [
    "FORMATS",
    "Column",
    "emit",
    "encode",
    "plain",
    "print_line",
    "write",
    "write_csv",
    "write_document",
]

FORMATS = ("table", "json", "ndjson", "csv")


def write(data: bytes, *, newline: bool = True) -> None:
    """Write one piece of data and a newline to stdout, once what is shown is recorded."""
    before_output()
    click.echo(data, nl=newline)


def print_line(line: str) -> None:
    """Write a line of data to stdout, without what a terminal would obey."""
    write(visible(line).encode("utf-8", "backslashreplace"))


def emit(
    fmt: str,
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[Column],
    *,
    document: object = None,
    title: str | None = None,
) -> None:
    """Write rows in the asked format; `document` is what JSON shows instead of the list of rows."""
    if fmt == "json":
        write_document(list(rows) if document is None else document)
    elif fmt == "ndjson":
        for row in rows:
            write(encode(row))
    elif fmt == "csv":
        write_csv(rows, columns)
    else:
        from tracker.cli.tables import table  # rich is for eyes only

        table(rows, columns, title=title)


def write_document(document: object, *, indent: int = 2) -> None:
    """Write one JSON document; what was read from a server's copy says how old it is."""
    if isinstance(document, Mapping):
        document = {**document, **age()}
    write(encode(document, indent=indent))


def age() -> dict[str, Any]:
    """Return the field of a JSON document that says how old it is; none if it is no copy's."""
    ctx = click.get_current_context(silent=True)
    lag = getattr(ctx.find_root().obj, "replica", None) if ctx else None
    if lag is None:
        return {}
    from tracker.cli import copies

    return {"replica": copies.document(lag)}


def write_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[Column]) -> None:
    """Write rows as CSV with a header of keys."""
    _csv_line([column.key for column in columns])
    for row in rows:
        _csv_line([_csv_value(row.get(column.key)) for column in columns])


def _csv_value(value: Any) -> object:
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        value = "; ".join(v if isinstance(v, str) else encode(v).decode() for v in value)
    elif isinstance(value, dict):
        value = encode(value).decode()
    return csv_cell(visible(value)) if isinstance(value, str) else value


def _csv_line(cells: list[object]) -> None:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    write(line.getvalue().encode("utf-8", "backslashreplace"))
