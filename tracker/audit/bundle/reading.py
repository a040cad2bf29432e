"""The files of a bundle, line by line."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

_Read = TypeVar("_Read")


def lines(file: Path, read: Callable[[bytes], _Read | None]) -> Iterator[_Read | None]:
    """Yield what each line of a file says; None, and no more, for one that is not in the form."""
    with file.open("rb") as stream:
        for line in stream:
            found = read(line[:-1]) if line.endswith(b"\n") else None
            yield found
            if found is None:
                return
