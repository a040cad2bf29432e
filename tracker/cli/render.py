"""One renderer for every read: JSON, JSON Lines, CSV for programs, tables for eyes.

stdout carries data only. JSON holds instants in UTC with `Z`; a table shows them in the episode's
zone. Nothing here writes a control or bidi character as it is.
"""

import csv
import datetime
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import click
import msgspec

from tracker.cli.text import csv_cell, visible
from tracker.events import real_instant

FORMATS = ("table", "json", "ndjson", "csv")
Kind = Literal["text", "time", "list", "number", "state"]


@dataclass(frozen=True)
class Column:
    """A column of a table or of a CSV file."""

    key: str
    heading: str
    kind: Kind = "text"
    csv_only: bool = False
    """Left out of tables."""


def _plain(value: object) -> object:
    if isinstance(value, datetime.datetime):
        return real_instant(value)
    if isinstance(value, str):
        return str(value)  # a name that a library marked
    raise NotImplementedError(f"{type(value).__name__} has no JSON form")


# What a terminal might act on although JSON allows it as it is.
_UNSAFE = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def _escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def encode(value: object, *, indent: int = 0) -> bytes:
    """Return a value as JSON: UTF-8, instants with `Z`, nothing a terminal would obey."""
    raw = msgspec.json.encode(value, enc_hook=_plain)
    if indent:
        raw = msgspec.json.format(raw, indent=indent)
    return _UNSAFE.sub(_escaped, raw.decode()).encode()


def plain(value: Any) -> Any:
    """Return a value as JSON would hold it."""
    return msgspec.to_builtins(value, enc_hook=_plain)


def write(data: bytes) -> None:
    """Write one piece of data and a newline to stdout."""
    click.echo(data)


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
        write(encode(list(rows) if document is None else document, indent=2))
    elif fmt == "ndjson":
        for row in rows:
            write(encode(row))
    elif fmt == "csv":
        write_csv(rows, columns)
    else:
        from tracker.cli.tables import table  # rich is for eyes only

        table(rows, columns, title=title)


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
