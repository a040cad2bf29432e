"""A column of a table or of a CSV file."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "time", "list", "number", "state", "told"]
"""Told: words of the pathway, in which a table shows instants in the zone of its row."""


@dataclass(frozen=True)
class Column:
    """A column of a table or of a CSV file."""

    key: str
    heading: str
    kind: Kind = "text"
    csv_only: bool = False
    """Left out of tables."""
