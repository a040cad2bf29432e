"""What people write in TOML files, before anything is made of it."""

from collections.abc import Iterable, Mapping
from typing import Any


def place_of_nul(document: Mapping[str, Any]) -> str | None:
    """Return the first place in a document with a NUL character, None without one.

    No server keeps that character in a text: an episode that it gets into could not be listed.
    """
    return _found(document, "")


def _found(value: Any, place: str) -> str | None:
    if isinstance(value, str):
        return place if "\0" in value else None
    parts: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, Mapping):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value, 1)
    for name, part in parts:
        own = f"{place}.{name}" if place else str(name)
        if (found := _found(name, own) or _found(part, own)) is not None:
            return found
    return None
