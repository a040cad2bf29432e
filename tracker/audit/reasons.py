"""Why something was not as it should have been: who knew what too late, or what failed."""

import datetime
from collections.abc import Callable, Iterable, Sequence

from tracker.audit.discrepancy import Reason
from tracker.audit.owing import is_issue
from tracker.events import Recorded
from tracker.events.ledger import EventCorrected, EventVoided
from tracker.pathway.wording import moment
from tracker.store.silences import Silence

IMPORTED = "import"
Holds = Callable[[Sequence[Recorded]], bool]
"""Whether something is so by what is known."""


def turning(history: Sequence[Recorded], at: datetime.datetime, holds: Holds) -> Recorded | None:
    """Return the fact, recorded after `at`, since which something about `at` is known to be so.

    None: it was known by then, or is not so. What a scheduler did after `at` counts for nothing.
    """
    known = [e for e in history if not is_issue(e) or e.recorded_at < at]
    later = [e for e in known if e.recorded_at > at]
    if not later or not holds(known):
        return None
    for event in reversed(later):
        known = [e for e in known if e is not event]
        if not holds(known):
            return event
    return None


def latest(history: Sequence[Recorded], at: datetime.datetime) -> Recorded:
    """Return the fact that was recorded last at an instant."""
    return [e for e in history if e.recorded_at <= at and not is_issue(e)][-1]


def of_fact(event: Recorded, history: Sequence[Recorded]) -> tuple[Reason, str]:
    """Return what a fact that became known too late is, and that in words."""
    recorded = moment(event.recorded_at)
    if isinstance(event.data, EventCorrected | EventVoided):
        target = event.data.target
        topic = next((e.topic for e in history if e.id == target), "event")
        if isinstance(event.data, EventVoided):
            return "void", f"{topic} {target} was voided at {recorded}: {event.data.reason}"
        return "correction", f"{topic} {target} was corrected at {recorded}: {event.data.reason}"
    true = f", true at {moment(event.occurred_at)}, was"
    what = f"{event.topic} {event.id}{'' if event.occurred_at == event.recorded_at else true}"
    if event.source.startswith(IMPORTED):
        return "imported-history", f"{what} imported at {recorded}"
    return "late-entry", f"{what} recorded at {recorded}"


def of_system(
    silences: Iterable[Silence],
    since: datetime.datetime,
    until: datetime.datetime,
    tolerance: datetime.timedelta,
) -> tuple[Reason, str]:
    """Return outage if no scheduler ticked for all of a stretch but the tolerance, else fault."""
    within = _within(silences, since, until)
    if within and until - since - _length(within, since, until) <= tolerance:
        return "outage", "; ".join(map(_told, within))
    return "fault", "schedulers ticked meanwhile"


def standing(
    silences: Iterable[Silence],
    since: datetime.datetime,
    until: datetime.datetime,
    tolerance: datetime.timedelta,
) -> str | None:
    """Return in words that no scheduler ticked for more of a stretch than the tolerance, if so."""
    within = _within(silences, since, until)
    if _length(within, since, until) <= tolerance:
        return None
    return "; ".join(map(_told, within))


def _within(
    silences: Iterable[Silence], since: datetime.datetime, until: datetime.datetime
) -> list[Silence]:
    return [s for s in silences if s.until > since and (s.since is None or s.since < until)]


def _length(
    within: Iterable[Silence], since: datetime.datetime, until: datetime.datetime
) -> datetime.timedelta:
    parts = (min(s.until, until) - max(s.since or since, since) for s in within)
    return sum(parts, datetime.timedelta())


def _told(silence: Silence) -> str:
    if silence.lasts:
        since = f"since {moment(silence.since)}" if silence.since else "yet"
        return f"no scheduler has ticked {since}"
    if silence.since is None:
        return f"no scheduler had ever ticked before {moment(silence.until)}"
    return f"no scheduler ticked from {moment(silence.since)} to {moment(silence.until)}"
