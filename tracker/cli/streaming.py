"""JSON documents with a list too long to be held: its items are written as they come."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tracker.cli.render import Column, age, emit, encode, write


def emit_streamed(
    fmt: str,
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[Column],
    *,
    name: str,
    head: Mapping[str, Any],
    tail: Callable[[], Mapping[str, Any]],
) -> None:
    """Write rows for programs as they come; JSON shows them as the list `name` of one object.

    `head` and `tail`: what stands before and after that list.
    """
    if fmt == "json":
        stream_document(head, name, rows, tail)
    else:
        emit(fmt, rows, columns)


def stream_document(
    head: Mapping[str, Any],
    name: str,
    rows: Iterable[Mapping[str, Any]],
    tail: Callable[[], Mapping[str, Any]],
) -> None:
    """Write one JSON object: the fields of `head`, the list `name`, then the fields of `tail`.

    `tail` is asked when all rows are written. What was read from a server's copy says how old it
    is, like every other document.
    """
    write(b"{")
    for key, value in head.items():
        write(_field(key, value) + b",")
    write(b"  " + encode(name) + b": [")
    before = None
    for row in rows:
        if before is not None:
            write(before + b",")
        before = b"    " + encode(row)
    if before is not None:
        write(before)
    write(b"  ],")
    write(b",\n".join(_field(key, value) for key, value in {**tail(), **age()}.items()))
    write(b"}")


def _field(key: str, value: Any) -> bytes:
    return b"  " + encode(key) + b": " + encode(value)
