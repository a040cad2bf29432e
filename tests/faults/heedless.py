"""Schedulers that leave out one of the things that make reminding safe."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_

from tests.faults import ticking
from tracker.channels.configured import Channels
from tracker.outbox import bundling, entries, queue
from tracker.outbox.tables import outbox as t
from tracker.reminders import issuer
from tracker.reminders import tick as ticks
from tracker.reminders.issuer import Issuer
from tracker.reminders.recipients import site_of

GUARD, LEASE, ORDER = "no unique guard", "no lease", "send before append"
CLOCKS = "clocks that agree"
NAMES = "a bundle of what was tried"
TWINS = {GUARD: "issued ", LEASE: "sent ", ORDER: "sent ", CLOCKS: "sent "}
"""How what they do wrong begins when it is told."""


def become(twin: str | None) -> None:
    """Make the schedulers of this process work in one of the wrong ways."""
    if twin == GUARD:
        issuer.Issuer.decide = ticking.decide_again  # type: ignore[method-assign]
    elif twin == LEASE:
        queue._free = lambda now: and_(t.c.state == entries.PENDING, t.c.next_attempt_at <= now)
    elif twin == CLOCKS:
        queue.unclaimed = unclaimed_by_own_clock
    elif twin == ORDER:
        ticks._Work._appended = _send_first  # type: ignore[method-assign]
        Issuer.write = lambda *_: None  # type: ignore[method-assign]
    elif twin == NAMES:
        bundling.fresh = lambda: and_(t.c.form == entries.NOTICE, t.c.priority == entries.ROUTINE)
        bundling.message_of = lambda: t.c.id  # type: ignore[assignment,return-value]


def unclaimed_by_own_clock(now: int) -> ColumnElement[bool]:
    """Whether no process holds a row, if all looked at one clock at one time."""
    until = t.c.claimed_until
    return or_(until.is_(None), until <= now, until > now + queue._micros(queue.LEASE))


_append = ticks._Work._appended


def _send_first(self: ticks._Work, issuers: Sequence[Issuer]) -> None:
    """Send what a batch issues, and then append that it was issued."""
    service = self._service
    channels = Channels(site_of(service.database.location), clock=service.now, write=lambda _: None)
    for one in issuers:
        one.decide(service.history(one.episode))
        for item, told in one.notices():
            assert one._status is not None
            for entry in self._addressing.entries(one._status, 0, item, told):
                channels.get(entry.channel).send(told.message(id=entry.id))
    _append(self, issuers)
