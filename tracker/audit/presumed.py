"""Events that the log lacks although what follows only makes sense with them.

When the event of an issue is gone, what was said later was said as if it had been there. Put back
for the walk, it leaves one finding, where each of its consequences would be another.
"""

from collections.abc import Iterable, Sequence

from tracker.audit.gaps import Gap, Gaps
from tracker.audit.owing import Due, issue_of
from tracker.events import Recorded, data_from
from tracker.pathway.issuing import WITHDRAWN
from tracker.pathway.phases import OPEN
from tracker.reminders.issuer import ACTOR, stands_for

MOST = 50
"""So many are put back at most; a history that lacks more is past explaining."""


def forgotten(gap: Gap) -> str | None:
    """Return the phase that was owed where a later one was issued as if it had been said."""
    owed = gap.first.phases[-1]
    if gap.event is None or gap.skipped:
        return None
    data = issue_of(gap.event)
    return None if (data.phase or OPEN) == owed or stands_for(data.reason, owed) else owed


def lacking(found: Gaps) -> Gap | None:
    """Return the first gap in which something was put on record that is there no more."""
    strays = [stray.event for stray in found.strays]
    gone = [gap for gap in found.gaps if forgotten(gap) or _contradicted(gap, strays)]
    return min(gone, key=lambda gap: gap.since, default=None)


def _contradicted(gap: Gap, strays: Iterable[Recorded]) -> bool:
    """Whether nothing was put on record in a gap, and what came later was not owed."""
    if gap.event is not None or not gap.length:
        return False
    mine = [event for event in strays if issue_of(event).reminder == gap.first.reminder]
    return any(event.recorded_at >= gap.since for event in mine)


def put_back(history: Sequence[Recorded], gap: Gap) -> list[Recorded]:
    """Return the history with what a gap lacks put on record at its beginning."""
    place = next((n for n, e in enumerate(history) if e.recorded_at > gap.since), len(history))
    before = history[place - 1]
    return [*history[:place], _issue(gap.first, gap, before), *history[place:]]


def _issue(due: Due, gap: Gap, before: Recorded) -> Recorded:
    phase = due.phases[-1]
    topic = "reminder-skipped" if phase == WITHDRAWN else "reminder-issued"
    fields = {"reminder": due.reminder, "kind": due.kind, "phase": phase}
    return Recorded(
        id=f"presumed:{due.reminder}:{phase}:{gap.since.isoformat()}",
        occurred_at=gap.since,
        recorded_at=gap.since,
        actor=ACTOR,
        source=ACTOR,
        data=data_from(topic, fields),
        episode=before.episode,
        version=before.version,
    )
