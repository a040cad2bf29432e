"""An episode as it is finally known: each fact at the time at which it was true.

Somebody who had known everything at once would have had this history. What the scheduler did stands
in it at the time at which it did it.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from tracker.audit.owing import Due, Key, Moment, Turn, is_issue, issue_of, key_of
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


def turns(moments: Iterable[Moment], found: list[Turn]) -> Iterator[Moment]:
    """Pass on a walk through what was known, and find when what was said lost its ground.

    From then on a scheduler says it anew. What loses its ground and regains it before that was put
    on record counts again.
    """
    stands: dict[str, bool] = {}
    for moment in moments:
        _turn(moment.status, moment.due, moment.at, stands, found)
        for issue in moment.issues:
            name, withdrawn = key_of(issue.event)
            if withdrawn:
                stands.pop(name, None)
            else:
                stands[name] = True
        _turn(moment.after, moment.left, moment.at, stands, found)
        yield moment


def _turn(
    status: Status,
    due: Mapping[Key, Due],
    at: datetime.datetime,
    stands: dict[str, bool],
    found: list[Turn],
) -> None:
    there = {reminder.id for reminder in status.reminders}
    for name, stood in stands.items():
        stands[name] = name in there and (name, True) not in due
        if stands[name] != stood:
            found.append(Turn(at, name, back=stands[name]))
