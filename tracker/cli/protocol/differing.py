"""What another protocol would change, as rows, in words and in numbers."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tracker.cli.clocks import in_zone
from tracker.cli.failures import say
from tracker.cli.render import Column, plain
from tracker.times import local

if TYPE_CHECKING:
    from tracker.audit.simulate import Difference
    from tracker.audit.simulating import Answer, Simulated

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
class Tally:
    """What would be other so far, in numbers."""

    episodes: int = 0
    """That were asked about."""
    differing: int = 0
    differing_now: int = 0
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    now: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    failed: list[tuple[str, str]] = field(default_factory=list)

    def count(self, answers: "Iterable[Answer]") -> "Iterator[Simulated]":
        """Yield each episode, counting."""
        for answer in answers:
            self.episodes += answer.episodes
            self.failed += answer.failed
            for one in answer.found:
                self._add(one.differences)
                yield one

    def _add(self, differences: "Iterable[Difference]") -> None:
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
            "failed": [{"episode": where, "what": what} for where, what in self.failed],
        }

    def say_failed(self) -> None:
        """Name the episodes that could not be judged."""
        for where, what in self.failed:
            say(f"{where} could not be judged: {what}")


def rows(found: "Iterable[Simulated]") -> Iterator[dict[str, Any]]:
    """Yield a row for each difference."""
    for one in found:
        named = {"episode": one.episode, "reference": one.reference, "protocol": one.protocol}
        for difference in one.differences:
            yield named | plain(difference)


def tell(found: "Iterable[Simulated]", limit: int) -> None:
    """Write what would be other of up to `limit` episodes, and how many more there are."""
    from tracker.cli.render import print_line

    shown = more = 0
    for one in found:
        if not one.differences:
            continue
        if shown == limit:
            more += 1
            continue
        shown += 1
        for line in _lines(one):
            print_line(line)
    if more:
        print_line(f"and {more} more episodes; --format ndjson shows them all")
    if shown:
        print_line("")


def _lines(one: "Simulated") -> Iterator[str]:
    yield "  ".join(filter(None, [one.episode, one.reference]))
    for difference in one.differences:
        name = difference.name if difference.subject in ("reminder", "alert") else ""
        head = " ".join(filter(None, [difference.subject, name, difference.how]))
        values = [v for v in (difference.before, difference.after) if v is not None]
        text = in_zone(" -> ".join(values), one.time_zone)
        yield f"  {head}: {text}{_when(difference, one.time_zone)}"


def _when(difference: "Difference", zone: str) -> str:
    if difference.now or difference.at is None:
        return ""
    return f" (first at {local(difference.at, zone, precise=False)}, not now)"
