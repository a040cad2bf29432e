"""Timing several sides in turn, so that what else the machine does falls on all of them alike."""

import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Outcome:
    """One figure with the limit it is held to."""

    measure: str
    what: str
    value: float
    limit: float | None
    """None: the figure is reported and not judged."""
    unit: str
    """`x` for a ratio of two sides, else `ms`, `events/s`."""
    at_most: bool = True
    """Whether the limit is an upper one."""
    detail: str = ""
    """The sides of a ratio, as they were measured."""

    @property
    def met(self) -> bool | None:
        """Whether the limit is kept; None without one."""
        if self.limit is None:
            return None
        return self.value <= self.limit if self.at_most else self.value >= self.limit

    @property
    def said(self) -> str:
        """The figure with its unit."""
        digits = f"{self.value:,.0f}" if self.value >= 1000 else f"{self.value:.3g}"
        return f"{digits} {self.unit}"

    @property
    def bound(self) -> str:
        """The limit with its sign; empty without one."""
        sign = "<=" if self.at_most else ">="
        return "" if self.limit is None else f"{sign} {self.limit:,g}"


@dataclass
class Times:
    """Seconds each side took, round by round."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    def add(self, side: str, seconds: float) -> None:
        """Note a round of one side."""
        self.seconds.setdefault(side, []).append(seconds)

    def median(self, side: str) -> float:
        """Return the median of a side, in seconds."""
        return statistics.median(self.seconds[side])

    def ratio(self, side: str, other: str) -> float:
        """Return the median of the ratios of two sides, each taken within one round."""
        pairs = zip(self.seconds[side], self.seconds[other], strict=True)
        return statistics.median(one / two for one, two in pairs)

    def milliseconds(self, *sides: str) -> str:
        """Say the medians of some sides in milliseconds (default: of all)."""
        named = sides or tuple(self.seconds)
        return ", ".join(f"{side} {self.median(side) * 1000:.3g} ms" for side in named)


def in_turn(sides: Mapping[str, Callable[[int], object]], rounds: int, times: int = 1) -> Times:
    """Call every side `times` a round with a running number; each begins a round once in a while.

    What is noted is seconds per call.
    """
    measured = Times()
    names = list(sides)
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            call = sides[name]
            begun = time.perf_counter()
            for number in range(turn * times, (turn + 1) * times):
                call(number)
            measured.add(name, (time.perf_counter() - begun) / times)
    return measured


def seconds_of(call: Callable[[], object]) -> float:
    """Return how long a call takes."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def processor_seconds() -> float:
    """Return the processor time this process and those it started and saw end have used."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def agreed(one: object, other: object) -> None:
    """Raise ValueError unless two sides have the same result: else there is nothing to compare."""
    if one != other:
        raise ValueError(f"the sides disagree: {one!r} and {other!r}")
