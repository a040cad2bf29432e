"""What one episode owes now becomes events and entries for the outbox."""

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence, Set
from uuid import UUID

import msgspec

from tracker.events import NewEvent, Recorded, data_from, real_instant
from tracker.events.ledger import MISTIMED, ReminderIssued, ReminderSkipped
from tracker.history import taken_back
from tracker.outbox import entries
from tracker.outbox.entries import Entry
from tracker.pathway import Protocol, Status
from tracker.pathway.issuing import WITHDRAWN, Owed, Withdrawal, owed, withdrawals
from tracker.reminders.message import NO_GROUNDS, Grounds, Notice, grounds_of, notice, repeated
from tracker.reminders.recipients import Addressing
from tracker.service import Service
from tracker.store import restores as marks
from tracker.store.restores import Restore
from tracker.store.statements import Session

ACTOR = "scheduler"
_KEYS = uuid.UUID("5b0a4b6e-7c0f-4a2b-9d53-0c8f5f2f6a11")
_STANDS_FOR = "stands for"
TAKEN_BACK = "taken back: a clock that was ahead had put it on record"
AGAIN = "may have been told before, by a clock that was ahead"


def issue_id(episode: UUID, item: Owed) -> str:
    """Return the id of the event for a phase of a window: whoever issues it, it is the same."""
    since = _iso(item.since)
    key = f"{episode}|{item.reminder.id}|{item.phase}|{_window(item)}|{since}"
    return str(uuid.uuid5(_KEYS, key))


def _fresh_id(id_: str, void: Set[str]) -> str:
    """Return an id, or as often as what had it was taken back the one that follows on it."""
    while id_ in void:
        id_ = str(uuid.uuid5(_KEYS, f"{id_}|again"))
    return id_


def _iso(instant: datetime.datetime) -> str:
    text: str = msgspec.to_builtins(real_instant(instant))
    return text


def _window(item: Owed) -> str:
    return f"{_iso(item.reminder.opens_at)}/{_iso(item.reminder.due_at)}"


def issuing(
    episode: UUID,
    item: Owed,
    now: datetime.datetime,
    restored_from: datetime.datetime | None = None,
    void: Set[str] = frozenset(),
) -> NewEvent:
    """Return the event that issues what is owed, or skips it with a reason.

    `restored_from`: time of the backup restored since it may have been issued before. `void`: ids
    of events that were taken back, since a clock that was ahead had dated them.
    """
    same = issue_id(episode, item)
    id_ = _fresh_id(same, void)
    fields = {
        "reminder": item.reminder.id,
        "kind": item.reminder.kind,
        "phase": item.phase,
        "window": _window(item),
    }
    reasons = [] if item.skip_reason is None else [item.skip_reason]
    if item.stands_for:
        reasons.append(f"{_STANDS_FOR} {' and '.join(item.stands_for)} too")
    if restored_from is not None and item.skip_reason is None:
        reasons.append(repeated(restored_from))
    if id_ != same and item.skip_reason is None:
        reasons.append(AGAIN)
    if reasons:
        fields["reason"] = "; ".join(reasons)
    topic = "reminder-issued" if item.skip_reason is None else "reminder-skipped"
    return _event(id_, topic, fields, now)


def stands_for(reason: str | None, phase: str) -> bool:
    """Whether the reason that an issue gives says that it stands for an earlier phase too."""
    _, _, earlier = (reason or "").partition(f"{_STANDS_FOR} ")
    return phase in earlier.partition(" too")[0].split(" and ")


def withdrawing(
    episode: UUID, gone: Withdrawal, now: datetime.datetime, void: Set[str] = frozenset()
) -> NewEvent:
    """Return the event that withdraws what was issued."""
    same = str(uuid.uuid5(_KEYS, f"{episode}|{gone.reminder}|{WITHDRAWN}|{gone.issue.event}"))
    id_ = _fresh_id(same, void)
    fields = {
        "reminder": gone.reminder,
        "kind": gone.kind,
        "phase": WITHDRAWN,
        "reason": gone.reason,
    }
    return _event(id_, "reminder-skipped", fields, now)


def mistimed(
    history: Iterable[Recorded], now: datetime.datetime, tolerance: datetime.timedelta
) -> list[tuple[str, Recorded]]:
    """Return what a clock ahead of `now` by more than that put on record, by its reminder."""
    return [
        (event.data.reminder, event)
        for event in history
        if isinstance(event.data, ReminderIssued | ReminderSkipped)
        and event.recorded_at > now + tolerance
    ]


def taking_back(episode: UUID, reminder: str, last: Recorded, now: datetime.datetime) -> NewEvent:
    """Return the event that takes back what a clock that was ahead put on record of a reminder.

    `last`: the last of that.
    """
    id_ = str(uuid.uuid5(_KEYS, f"{episode}|{reminder}|{MISTIMED}|{last.id}"))
    reason = f"a clock that was ahead had dated it {last.recorded_at:%Y-%m-%d %H:%M:%S}Z"
    fields = {"reminder": reminder, "phase": MISTIMED, "reason": reason}
    return _event(id_, "reminder-skipped", fields, now)


def _event(id_: str, topic: str, fields: dict[str, str], now: datetime.datetime) -> NewEvent:
    return NewEvent(
        id=id_,
        occurred_at=now,
        recorded_at=now,
        actor=ACTOR,
        source="scheduler",
        data=data_from(topic, fields),
    )


class Issuer:
    """Decides what one episode owes now, and what is sent for it."""

    def __init__(
        self,
        service: Service,
        episode: UUID,
        now: datetime.datetime,
        restores: Sequence[Restore] = (),
        tolerance: datetime.timedelta | None = None,
    ) -> None:
        """Take the episode and the time.

        `tolerance`: what has a later time than `now` by more than this is taken back, since this
        clock is known to be right; None: it is not known.
        """
        self.service = service
        self._tolerance = tolerance
        self._void: Set[str] = frozenset()
        self._mistimed: list[tuple[str, Recorded]] = []
        self._restores = restores
        self.episode = episode
        self.now = now
        self.decided: list[tuple[Owed, NewEvent]] = []
        self.withdrawn: list[tuple[Withdrawal, NewEvent]] = []
        self._grounds: Mapping[str, Grounds] = {}
        self._status: Status | None = None
        self._notices: list[tuple[Owed, Notice]] | None = None

    def decide(self, history: Sequence[Recorded]) -> list[NewEvent]:
        """Evaluate the history; return the events that issue, skip or withdraw."""
        status = self._status = self.service.judge.status(history, self.now)
        self._notices = None
        there = {event.id for event in history}
        back = [self._signed(event) for event in self._take_back(history)]
        gone = [
            (w, self._signed(withdrawing(self.episode, w, self.now, self._void)))
            for w in withdrawals(status)
        ]
        due = [(item, self._issuing(item)) for item in owed(status, self.now, history)]
        self.withdrawn = [(item, event) for item, event in gone if event.id not in there]
        self.decided = [(item, event) for item, event in due if event.id not in there]
        self._grounds = {e.id: grounds_of(item, status, history) for item, e in self.decided}
        return [*back, *(event for _, event in (*self.withdrawn, *self.decided))]

    def _take_back(self, history: Sequence[Recorded]) -> list[NewEvent]:
        """Return what takes back what was dated wrongly; from then on none of it counts."""
        before = taken_back(history)
        late = [] if self._tolerance is None else mistimed(history, self.now, self._tolerance)
        self._mistimed = [(of, event) for of, event in late if event.id not in before]
        self._void = before | {event.id for _, event in self._mistimed}
        last = dict(self._mistimed)
        return [taking_back(self.episode, of, event, self.now) for of, event in last.items()]

    def _issuing(self, item: Owed) -> NewEvent:
        restored_from = marks.restored_from(self._restores, item.since)
        return self._signed(issuing(self.episode, item, self.now, restored_from, self._void))

    def _signed(self, event: NewEvent) -> NewEvent:
        """On a server the actor is the login of the scheduler; what it is, the source says."""
        login = self.service.database.login
        return event if login is None else msgspec.structs.replace(event, actor=login)

    @property
    def name(self) -> str:
        """What the episode is called where anybody may read it; never the client's reference."""
        return (self._status and self._status.short_id) or str(self.episode)

    def notices(self) -> list[tuple[Owed, Notice]]:
        """Return what is to be told of what was issued, made once for each decision."""
        if self._notices is None:
            self._notices = [] if self._status is None else self._told(self._status)
        return self._notices

    def _told(self, status: Status) -> list[tuple[Owed, Notice]]:
        protocol = self.service.protocol(status.protocol)
        return [
            (item, self._notice(item, event, status.time_zone, protocol))
            for item, event in self.decided
            if item.skip_reason is None
        ]

    def _notice(self, item: Owed, event: NewEvent, time_zone: str, protocol: Protocol) -> Notice:
        restored_from = marks.restored_from(self._restores, item.since)
        return notice(
            event,
            self.name,
            time_zone,
            item,
            protocol,
            self._grounds.get(event.id, NO_GROUNDS),
            restored_from,
        )

    def skipped(self) -> list[tuple[str, str, str]]:
        """Return episode, kind and reason of what was skipped or withdrawn."""
        left = [(i.reminder.kind, i.skip_reason) for i, _ in self.decided if i.skip_reason]
        gone = [(w.kind, f"withdrawn: {w.reason}") for w, _ in self.withdrawn]
        back = [(of.partition(":")[0], TAKEN_BACK) for of in dict(self._mistimed)]
        return [(self.name, kind, reason) for kind, reason in (*back, *left, *gone)]

    def write(self, conn: Session, keys: Mapping[UUID, int], addressing: Addressing) -> None:
        """Write what is to be sent, and drop what was withdrawn and nobody sent yet."""
        for _, event in self._mistimed:
            entries.take_back(conn, event.id, self.now, ACTOR, TAKEN_BACK)
        for gone, _ in self.withdrawn:
            entries.withdraw(conn, gone.issue.event, self.now, ACTOR, f"withdrawn: {gone.reason}")
        if self._status is None:
            return
        found: list[Entry] = []
        for item, told in self.notices():
            found += addressing.entries(self._status, keys[self.episode], item, told)
        entries.put(conn, found)
