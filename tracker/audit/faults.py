"""What an audit found: the first place of each part that does not stand up, and why."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

Part = Literal["events", "protocols", "access", "checkpoint", "bundle", "schema", "read-models"]
PARTS: tuple[Part, ...] = (
    "bundle",
    "schema",
    "events",
    "protocols",
    "access",
    "checkpoint",
    "read-models",
)


NO_PROOF = "no-proof"
"""Code of what cannot be checked by what a bundle holds: it tells of no change, and proves nothing.
"""


class Fault(NamedTuple):
    """Something that does not stand up, or a remark on what an auditor should look at."""

    part: Part
    position: int | None
    """Position in the log, or in the access log; None for what has none."""
    code: str
    """Stable, for programs."""
    text: str
    """For people; quotes nothing that is stored but times, topics, numbers, names of files and
    protocols, and who added one of these."""

    def __str__(self) -> str:
        """Say where and what."""
        place = "" if self.position is None else f"position {self.position}: "
        return f"{place}{self.text}"


def in_order(faults: Iterable[Fault]) -> list[Fault]:
    """Return faults by part, in each by position, what has none last."""
    return sorted(
        faults, key=lambda f: (PARTS.index(f.part), f.position is None, f.position or 0, f.text)
    )
