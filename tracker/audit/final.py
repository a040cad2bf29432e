"""An episode as it is finally known: each fact at the time at which it was true.

Somebody who had known everything at once would have had this history. What the scheduler did stands
in it at the time at which it did it.
"""

from collections.abc import Sequence

import msgspec

from tracker.audit.owing import is_issue, issue_of
from tracker.events import Recorded
from tracker.events.lifecycle import EpisodeOpened
from tracker.history import timeline
from tracker.pathway.issuing import WITHDRAWN
from tracker.pathway.status import Status


def finally_known(history: Sequence[Recorded]) -> list[Recorded]:
    """Return the history as if each fact, corrected, had been recorded when it was true.

    Facts come before what the scheduler did in the same instant. The opening comes first: it tells
    zone and protocol also of what happened before it.
    """
    held = timeline(history)
    if not held:
        return held
    first = min(event.occurred_at for event in held)
    known = [_known_at_once(event, first) for event in held]
    return sorted(known, key=lambda e: (e.recorded_at, is_issue(e)))


def _known_at_once(event: Recorded, first: object) -> Recorded:
    if is_issue(event):
        return event
    when = first if isinstance(event.data, EpisodeOpened) else event.occurred_at
    return msgspec.structs.replace(event, recorded_at=when)


def addressed(event: Recorded, status: Status) -> Recorded | None:
    """Return what an issue counts as where a reminder of that kind rests on another event.

    People are told of a task, not of what it rests on; of what is withdrawn they are told nothing.
    None: nothing of the kind was there.
    """
    data = issue_of(event)
    if data.phase == WITHDRAWN:
        return None
    if any(reminder.id == data.reminder for reminder in status.reminders):
        return event
    kind = data.kind or data.reminder.partition(":")[0]
    same = next((r for r in status.reminders if r.kind == kind and r.live), None)
    if same is None:
        return None
    meant = msgspec.structs.replace(data, reminder=same.id)
    return msgspec.structs.replace(event, data=meant)
