"""The difference between two points in time, each on both axes."""

from collections.abc import Sequence

import msgspec

from tracker.audit.changes import Change, StageSource, changes, unsourced
from tracker.audit.replay import Judge
from tracker.errors import NotFoundError
from tracker.events import Recorded
from tracker.events.fields import Instant
from tracker.history import erasure
from tracker.pathway.status import Status
from tracker.pathway.wording import moment


class Point(msgspec.Struct, frozen=True):
    """How it was at `at`, by what was known at `known_at`."""

    at: Instant
    known_at: Instant


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What is other at the second point."""

    first: Status
    second: Status
    changes: tuple[Change, ...]
    learned: tuple[Recorded, ...]
    """Events known at one of the two points and not at the other, in recorded order."""


def diff(
    history: Sequence[Recorded],
    judge: Judge,
    first: Point,
    second: Point,
    stage_source: StageSource = unsourced,
) -> Difference:
    """Compare two points.

    Raises NotFoundError when nothing was known at one of them, or an erasure has taken it since.
    """
    one, other = _known(history, first), _known(history, second)
    low, high = sorted((one, other), key=len)
    shared = {event.id for event in low}
    before, after = judge(one, first.at), judge(other, second.at)
    return Difference(
        first=before,
        second=after,
        changes=tuple(changes(before, after, stage_source)),
        learned=tuple(event for event in high if event.id not in shared),
    )


def _known(history: Sequence[Recorded], point: Point) -> list[Recorded]:
    erased = erasure(history)
    gone = min(point.at, point.known_at)
    if erased is not None and gone < erased.recorded_at:
        raise NotFoundError(
            f"what there was of this episode at {moment(gone)} can no longer be read",
            f"it was erased at {moment(erased.recorded_at)}",
        )
    known = [event for event in history if event.recorded_at <= point.known_at]
    if not known:
        raise NotFoundError(
            f"nothing was known of this episode at {moment(point.known_at)}",
            f"it was first recorded at {moment(history[0].recorded_at)}" if history else None,
        )
    return known
