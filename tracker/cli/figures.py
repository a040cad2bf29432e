"""Published figures to compare a cohort with, beside the counts they belong to."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Figure(NamedTuple):
    """What was published of a share of patients."""

    of: str
    """The count that is the whole."""
    published: str
    source: str


FIGURES = {
    "cohort/first-patch-remission": Figure("cohort/patch", "33-91 %", "L57 [2]"),
    "cohort/rebound-after-patch": Figure("cohort/patch", "about 25 %", "L92 [3,1,2]"),
    "cohort/venous-thrombosis": Figure("episodes", "about 2 %", "L112 [2]"),
}
"""By the name of the count."""


def rows(counts: Mapping[str, int], every: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Yield a row for each count; where a figure was published, with the share here beside it.

    `every`: all counts, which hold the wholes.
    """
    for name, number in counts.items():
        row: dict[str, Any] = {"name": name, "episodes": number}
        figure = FIGURES.get(name)
        if figure is not None:
            whole = every.get(figure.of, 0)
            row |= {"of": whole, "percent": round(100 * number / whole, 1) if whole else None}
            row |= {"published": figure.published, "source": figure.source}
        yield row
