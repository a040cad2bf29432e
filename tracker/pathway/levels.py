"""Spinal levels: which interspaces a level covers."""

import functools
import re

_VERTEBRAE = (
    [f"C{n}" for n in range(1, 8)]
    + [f"T{n}" for n in range(1, 13)]
    + [f"L{n}" for n in range(1, 6)]
    + [f"S{n}" for n in range(1, 6)]
)
_PLACE = {name: place for place, name in enumerate(_VERTEBRAE)}
_LEVEL = re.compile(r"^\s*([CTLS])(\d{1,2})\s*[-/]\s*([CTLS]?)(\d{1,2})\s*$", re.IGNORECASE)


@functools.cache
def interspaces(level: str) -> frozenset[int]:
    """Return the interspaces of a level, by the place of the vertebra above each.

    `L4-L5` is one interspace, the span `L3-L5` two; empty when the level cannot be read.
    """
    match = _LEVEL.match(level)
    if match is None:
        return frozenset()
    upper = _PLACE.get(f"{match[1]}{match[2]}".upper())
    lower = _PLACE.get(f"{match[3] or match[1]}{match[4]}".upper())
    if upper is None or lower is None or lower <= upper:
        return frozenset()
    return frozenset(range(upper, lower))
