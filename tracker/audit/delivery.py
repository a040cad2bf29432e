"""Whether what was issued was delivered, and in time."""

import datetime
from collections.abc import Iterable, Iterator, Sequence

from tracker.audit.discrepancy import Finding, How, Reason, Tolerance
from tracker.audit.owing import issue_of
from tracker.audit.reasons import of_system
from tracker.events import Recorded
from tracker.outbox.entries import DEAD, DELIVERED, DROPPED, READDRESSED, SUPERSEDED
from tracker.outbox.messages import Message
from tracker.outbox.overtaking import OVERTAKEN
from tracker.outbox.queue import HOLD
from tracker.pathway.phases import OPEN
from tracker.pathway.wording import elapsed
from tracker.store.silences import Silence

_BY_ITSELF = ("withdrawn: ", READDRESSED, SUPERSEDED)
"""How the reasons begin for which the program drops a message that may be owed still."""
_Verdict = tuple[How, Reason, str]


class Deliveries:
    """The messages of one episode, held against what was issued."""

    def __init__(
        self,
        messages: Iterable[Message],
        silences: Sequence[Silence],
        tolerance: Tolerance,
        now: datetime.datetime,
    ) -> None:
        self._of: dict[str, list[Message]] = {}
        for message in messages:
            if message.event is not None:
                self._of.setdefault(message.event, []).append(message)
        self._silences = silences
        self._tolerance = tolerance
        self._now = now

    def without_event(self, history: Iterable[Recorded]) -> list[Message]:
        """Return the messages of which the log does not have the event that issued them."""
        there = {event.id for event in history}
        return [m for id_, of in self._of.items() if id_ not in there for m in of]

    def findings(self, event: Recorded) -> Iterator[Finding]:
        """Yield what is wrong with the messages of an issue."""
        messages = self._of.get(event.id, [])
        if not messages:
            why = "there is no message of it in the outbox"
            yield self._finding(event, None, ("not-delivered", "fault", why))
        for message in messages:
            verdict = self._verdict(message)
            if verdict is not None:
                yield self._finding(event, message, verdict)

    def _verdict(self, message: Message) -> _Verdict | None:
        ripe = _ripe(message)
        ended = message.ended_at or self._now
        late = ended - ripe > self._tolerance.delivery
        tries = f"{message.attempts} {'try' if message.attempts == 1 else 'tries'}"
        if message.state == DEAD:
            return "not-delivered", "fault", f"given up after {tries}: {message.last_error}"
        if message.state == DROPPED:
            return _dropped(message, ended - ripe if late else None)
        if not late:
            return None
        reason, why = of_system(self._silences, ripe, ended, self._tolerance.delivery)
        if reason == "fault":
            why = f"{tries}: {message.last_error}" if message.last_error else f"after {tries}"
        how: How = "delivered-late" if message.state == DELIVERED else "not-delivered"
        return how, reason, why

    def _finding(self, event: Recorded, message: Message | None, verdict: _Verdict) -> Finding:
        data, (how, reason, why) = issue_of(event), verdict
        ended = message.ended_at if message else None
        return Finding(
            how=how,
            reason=reason,
            why=why,
            reminder=data.reminder,
            kind=data.kind or data.reminder.partition(":")[0],
            phases=(data.phase or OPEN,),
            owed_at=event.recorded_at if message is None else _ripe(message),
            told_at=ended if how == "delivered-late" else None,
            until=ended or self._now,
            lasts=message is not None and ended is None,
            event=event.id,
            message=message.id if message else None,
            channel=message.channel if message else None,
            recipient=message.recipient if message else None,
        )


def _ripe(message: Message) -> datetime.datetime:
    """Return from when a message could have gone out: not in quiet hours, not before its bundle."""
    ripe = max(message.not_before, message.created_at)
    return ripe + HOLD if message.bundled else ripe


def _dropped(message: Message, waited: datetime.timedelta | None) -> _Verdict | None:
    """Judge a message that was dropped; `waited`: how long it could have gone out, if too long."""
    by_itself = message.reason in OVERTAKEN or (message.reason or "").startswith(_BY_ITSELF)
    if not by_itself:
        return "not-delivered", "policy", f"dropped by {message.ended_by}: {message.reason}"
    if waited is None:
        return None
    why = f"it waited {elapsed(waited)} and was dropped: {message.reason}"
    return "not-delivered", "fault", why
