"""What another protocol would change, as rows, in words and in numbers."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tracker.cli import every_episode
from tracker.cli.clocks import in_zone
from tracker.cli.render import Column, plain
from tracker.times import local

if TYPE_CHECKING:
    from tracker.audit.simulate import Difference
    from tracker.audit.simulating import Simulated

COLUMNS = [
    Column(key, key)
    for key in (
        "episode", "reference", "protocol", "subject", "how", "name", "before", "after", "at",
        "now", "id",
    )
]  # fmt: skip
COUNTS = [
    Column("subject", "What"),
    Column("name", "Which"),
    Column("how", "Would be"),
    Column("episodes", "Episodes", "number"),
    Column("now", "Now", "number"),
]


@dataclass
class Tally(every_episode.Tally["Simulated"]):
    """What would be other so far, in numbers."""

    differing: int = 0
    differing_now: int = 0
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    now: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, one: "Simulated") -> None:
        """Count what would be other of an episode."""
        differences = one.differences
        every = {(d.subject, d.name, d.how): False for d in differences}
        every |= {(d.subject, d.name, d.how): True for d in differences if d.now}
        self.counts.update(every.keys())
        self.now.update(key for key, now in every.items() if now)
        self.differing += bool(every)
        self.differing_now += any(every.values())

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Of how many episodes what would be other, and of how many it would be now."""
        return [
            {"subject": key[0], "name": key[1], "how": key[2], "episodes": n, "now": self.now[key]}
            for key, n in sorted(self.counts.items())
        ]

    def document(self) -> dict[str, Any]:
        """Return the numbers as JSON shows them."""
        return {
            "episodes": self.episodes,
            "differing": self.differing,
            "differing_now": self.differing_now,
            "counts": self.rows,
            "failed": self.failures,
        }


def rows(found: "Iterable[Simulated]") -> Iterator[dict[str, Any]]:
    """Yield a row for each difference."""
    for one in found:
        named = {"episode": one.episode, "reference": one.reference, "protocol": one.protocol}
        for difference in one.differences:
            yield named | plain(difference)


def tell(found: "Iterable[Simulated]", limit: int) -> None:
    """Write what would be other of up to `limit` episodes, and how many more there are."""
    every_episode.tell((one for one in found if one.differences), limit, _lines)


def _lines(one: "Simulated") -> Iterator[str]:
    yield "  ".join(filter(None, [one.episode, one.reference]))
    yield from in_words(one.differences, one.time_zone)


def in_words(differences: "Iterable[Difference]", zone: str) -> Iterator[str]:
    """Yield a line for each difference of one episode, in its zone."""
    for difference in differences:
        name = difference.name if difference.subject in ("reminder", "alert") else ""
        head = " ".join(filter(None, [difference.subject, name, difference.how]))
        values = [v for v in (difference.before, difference.after) if v is not None]
        text = in_zone(" -> ".join(values), zone)
        yield f"  {head}: {text}{_when(difference, zone)}"


def _when(difference: "Difference", zone: str) -> str:
    if difference.now or difference.at is None:
        return ""
    return f" (first at {local(difference.at, zone, precise=False)}, not now)"
