"""Replay: a fold over the log that keeps every state in between.

Along the recorded axis each step is what was known then; along the occurred axis each step is how
the patient was then, by all that is known now. Between events time alone changes things, and those
changes are steps too.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Literal

import msgspec

from tracker.audit.changes import Change, StageSource, changes, unsourced
from tracker.events import Recorded
from tracker.events.fields import Instant
from tracker.events.lifecycle import EpisodeOpened
from tracker.history import timeline
from tracker.pathway.status import Status

Judge = Callable[[Sequence[Recorded], Instant], Status]
"""Evaluates a history at an instant."""
Axis = Literal["recorded", "occurred"]

QUIET_STEPS = 1_000
"""Changes by time alone that are shown between two events at most."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One state of the episode, and how it differs from the one before."""

    number: int
    at: Instant
    """When it was recorded, or was true; of a change by time alone, when that came."""
    event: Recorded | None
    """What brought it about; None: time alone."""
    status: Status
    changes: tuple[Change, ...]
    cut: bool = False
    """Further changes by time alone, up to the next event, are left out."""


def replay(
    history: Sequence[Recorded],
    judge: Judge,
    until: Instant,
    axis: Axis = "recorded",
    stage_source: StageSource = unsourced,
) -> Iterator[Step]:
    """Yield every state of the episode up to `until`, in order."""
    number, before, known = 0, None, list[Recorded]()
    compared = partial(changes, stage_source=stage_source)
    for event in _ordered(history, axis):
        at = event.recorded_at if axis == "recorded" else event.occurred_at
        if at > until:
            break
        if before is not None:
            for step in _quiet(known, judge, compared, before, at, number):
                number, before = step.number, step.status
                yield step
        known.append(event)
        status = judge(known, at)
        number += 1
        yield Step(
            number=number,
            at=at,
            event=event,
            status=status,
            changes=tuple(compared(before, status)),
        )
        before = status
    if before is not None:
        yield from _quiet(known, judge, compared, before, until, number)


def _ordered(history: Sequence[Recorded], axis: Axis) -> Sequence[Recorded]:
    if axis == "recorded":
        return history
    # The opening tells zone and protocol also of what happened before it.
    return sorted(timeline(history), key=lambda e: not isinstance(e.data, EpisodeOpened))


def _quiet(
    known: Sequence[Recorded],
    judge: Judge,
    compared: Callable[[Status, Status], list[Change]],
    before: Status,
    until: Instant,
    number: int,
) -> Iterator[Step]:
    """Yield the changes that time alone brings up to `until`."""
    now = before.at
    for count in range(1, QUIET_STEPS + 1):
        at = before.changes_at
        if at is None or not now < at <= until:
            return
        status = judge(known, at)
        found = compared(before, status)
        now, before = at, status
        if found:
            number += 1
            yield Step(
                number=number,
                at=at,
                event=None,
                status=status,
                changes=tuple(found),
                cut=count == QUIET_STEPS,
            )
