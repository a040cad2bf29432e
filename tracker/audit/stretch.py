"""A stretch of the log, and what a walk along it found.

A process that helps to verify loads this and little more, so that it is at work soon.
"""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from tracker.audit.faults import Fault
from tracker.audit.walk import Met, Walk
from tracker.store.chain import GENESIS
from tracker.store.errors import DamagedError

if TYPE_CHECKING:
    from tracker.store.scan import Row


class Stretch(NamedTuple):
    """What a walk along a stretch found."""

    last: int
    """The last position that stands up."""
    stands: bool
    """Whether all of it stands up."""
    damaged: bool
    """Whether it ends where the file cannot be read."""
    sealed: int | None
    """The first position that is sealed."""
    plain: int | None
    """The first position that is not, and may not be if one before it is."""
    met: Mapping[int, Met]
    versions: Mapping[int, int]
    doubtful: set[int]
    remarks: Sequence[Fault]
    steps_back: int


def along(
    uuids: Mapping[Any, str],
    before: "Row | None",
    batches: Iterable[Sequence["Row"]],
    first: int,
    last: int,
) -> Stretch:
    """Walk from one position to another, from the hash and the time that are stored `before`."""
    last_known = (GENESIS, None, None) if first == 1 else (before or (None,) * 6)[5:2:-1]
    walk = Walk(uuids, first - 1, *last_known)
    with _nothing_collected():
        damaged = _follow(walk, batches)
        return Stretch(
            last=walk.position,
            stands=walk.position == last and not damaged,
            damaged=damaged,
            sealed=walk.sealed,
            plain=walk.plain,
            met=walk.met(),
            versions=walk.versions(),
            doubtful=walk.doubtful(),
            remarks=walk.remarks,
            steps_back=walk.steps_back,
        )


def _follow(walk: Walk, batches: Iterable[Sequence["Row"]]) -> bool:
    """Walk as far as everything stands up; return whether the file is damaged there."""
    try:
        all(map(walk.follow, batches))
    except DamagedError:
        return True
    return False


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Keep Python from looking for circles again and again: a walk makes none."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
