"""`tracker protocol list`, `show`, `diff`, `add`: the versions, and what differs between them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli import rights
from tracker.cli.failures import say
from tracker.cli.options import format_option
from tracker.cli.render import Column, emit, plain, write
from tracker.cli.session import Session, pass_session
from tracker.cli.text import visible
from tracker.errors import UsageError

if TYPE_CHECKING:
    from tracker.pathway.protocol import Protocol

LIST = [
    Column("name", "Protocol"),
    Column("title", "Title"),
    Column("origin", "From"),
    Column("base", "Based on"),
    Column("hash", "SHA-256"),
]
VALUES = [Column("name", "Name"), Column("value", "Value")]
DIFFERENCES = [Column("name", "Name"), Column("first", "First"), Column("second", "Second")]
_LARGEST = 1_000_000
"""Bytes of a protocol file; the one that comes with the program has a few thousand."""


@click.command("list")
@format_option
@pass_session
def list_(session: Session, fmt: str) -> None:
    """List the protocol versions that are known here."""
    from tracker.pathway import builtin_names
    from tracker.pathway.protocol import ProtocolError

    service = session.service()
    rows, unread = [], []
    for name in service.protocols.names():
        origin = "the program" if name in builtin_names() else "this database"
        row: dict[str, Any] = {"name": name, "title": None, "base": None, "hash": None}
        try:
            found = service.protocol(name)
        except ProtocolError as error:
            unread.append(f"{name} cannot be read by this program: {error.message}")
        else:
            row |= {"title": found.title, "base": found.base, "hash": found.hash}
        rows.append(row | {"origin": origin})
    emit(fmt, rows, LIST)
    for line in unread:
        say(line)


@click.command()
@click.argument("name", metavar="ID@VERSION")
@format_option
@pass_session
def show(session: Session, name: str, fmt: str) -> None:
    """Show a protocol: as a table the file it was read from, else every value in it."""
    found = session.service().protocol(name)
    if fmt == "table":
        for line in found.text.splitlines():
            write(visible(line).encode())
        return
    rows = [{"name": key, "value": value} for key, value in _values(found)]
    emit(fmt, rows, VALUES, document=_fields(found))


@click.command()
@click.argument("first", metavar="FIRST")
@click.argument("second", metavar="SECOND")
@format_option
@pass_session
def diff(session: Session, first: str, second: str, fmt: str) -> None:
    """Show in which values two protocol versions differ."""
    service = session.service()
    one, two = dict(_values(service.protocol(first))), dict(_values(service.protocol(second)))
    rows = [
        {"name": key, "first": one.get(key), "second": two.get(key)}
        for key in dict.fromkeys([*one, *two])
        if one.get(key) != two.get(key)
    ]
    emit(fmt, rows, DIFFERENCES)
    if not rows:
        say(f"{first} and {second} hold the same values.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@format_option
@pass_session
def add(session: Session, file: Path, fmt: str) -> None:
    """Keep a site's protocol file in the database, so that every machine judges alike."""
    text = read_file(file)
    added = session.service().protocols.add(text, session.actor, session.now())
    rights.require_for_nothing(session.service())
    if fmt == "table":
        told = f"Added {added.name}; adopt with: tracker protocol adopt EPISODE {added.name}"
        write(visible(told).encode())
        return
    row = {"name": added.name, "title": added.title, "base": added.base, "hash": added.hash}
    emit(fmt, [row | {"origin": "this database"}], LIST, document=row)


def read_file(file: Path) -> str:
    """Return the text of a protocol file. Raises UsageError for what can be none."""
    with file.open("rb") as stream:
        raw = stream.read(_LARGEST + 1)
    if len(raw) > _LARGEST:
        raise UsageError(f"{file} is too large to be a protocol file")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 text (byte {error.start})") from None


def _fields(found: "Protocol") -> dict[str, Any]:
    fields: dict[str, Any] = plain(found)
    del fields["text"]
    return fields


def _values(found: "Protocol") -> Iterator[tuple[str, Any]]:
    fields = _fields(found)
    for key in ("title", "base", "settings", "stages", "reminders", "rules"):
        yield from _flattened(key, fields[key])


def _flattened(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flattened(f"{name}.{key}", inner)
    else:
        yield name, value
