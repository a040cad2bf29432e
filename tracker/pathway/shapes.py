"""What is wrong with a protocol file, in words: the shape of a name, the key that was meant."""

import re

import msgspec
from msgspec import inspect

from tracker.nearest import did_you_mean

_SHAPES = {
    "id": "an id has small letters, digits and dashes, such as csf-leak",
    "version": "a version begins with a digit, such as 1-site",
}


def in_words(problem: str) -> str:
    """Return what is wrong with a file, with the shape of a name in place of its pattern."""
    what, _, place = problem.partition(" - at ")
    shape = _SHAPES.get(place.strip("`").removeprefix("$."))
    return f"{shape} - at {place}" if shape and "regex" in what else problem


_UNKNOWN_KEY = re.compile(r"unknown field `([^`]+)`(?: - at `\$\.(\w+))?")


def nearest_key(message: str, file: type[msgspec.Struct]) -> str | None:
    """Return a hint for a message about an unknown key of a file: the key that looks like it.

    Keys at the top of the file, and of its tables.
    """
    found = _UNKNOWN_KEY.search(message)
    if found is None:
        return None
    place = inspect.type_info(file)
    if found[2] and isinstance(place, inspect.StructType):
        place = next(f.type for f in place.fields if f.encode_name == found[2])
    if isinstance(place, inspect.DictType):
        place = place.value_type
    keys = place.fields if isinstance(place, inspect.StructType) else ()
    return did_you_mean(found[1], [key.encode_name for key in keys])
