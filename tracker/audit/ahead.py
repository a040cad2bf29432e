"""Times of recording, in both logs: what steps back, and what is still to come.

Where a row has a time that is still to come the one after it seems to step back: the former is
named. A time that is past tells of no wrong clock by itself.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence

from tracker.access.chain import Link
from tracker.audit.faults import Fault, Part
from tracker.audit.instants import TOLERANCE, step_back
from tracker.audit.walk import SHOWN, remarked
from tracker.store.instants import instant

TimeOf = Callable[[int], datetime.datetime | None]
"""When the row at a position says that it was recorded, None if it does not."""


def named(
    part: Part, steps_back: Sequence[Fault], time_of: TimeOf, last: int, now: datetime.datetime
) -> list[Fault]:
    """Return remarks on steps back, on the row before where its time is still to come.

    The last row has none after it, and is asked too.
    """
    found = []
    for remark in steps_back:
        at = remark.position
        ahead = None if at is None else _ahead(part, at - 1, time_of, now)
        found.append(ahead or remark)
    end = _ahead(part, last, time_of, now)
    return [*found, *([end] if end else [])]


def _ahead(part: Part, position: int, time_of: TimeOf, now: datetime.datetime) -> Fault | None:
    time = time_of(position)
    if time is None or time - now <= TOLERANCE:
        return None
    told = f"recorded at {time:%Y-%m-%d %H:%M:%S}Z, which is still to come"
    return Fault(part, position, "clock", told)


class LookTimes:
    """The times of looks, noted as they are gone through."""

    def __init__(self) -> None:
        self._before: datetime.datetime | None = None
        self._first: list[Fault] = []
        self._number = 0

    def noting(self, links: Iterable[Link]) -> Iterator[Link]:
        """Yield looks; one is noted once the next is asked for, since it stood up then."""
        for link in links:
            yield link
            time = instant(link.at)
            if self._before is not None and self._before - time > TOLERANCE:
                self._step_back(link.position, self._before, time)
            self._before = time

    def _step_back(self, position: int, before: datetime.datetime, time: datetime.datetime) -> None:
        self._number += 1
        if len(self._first) < SHOWN:
            told = step_back(before.isoformat().encode(), time.isoformat().encode(), "look")
            self._first.append(Fault("access", position, "clock", told))

    @property
    def steps_back(self) -> list[Fault]:
        """Remarks on the first, and how many more there are."""
        return remarked(self._first, self._number, "access", "look")
