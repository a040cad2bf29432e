"""What must not be left as it is: nobody ticks, what is due stays due, messages do not get out."""

import datetime
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tracker.outbox.entries import DEAD
from tracker.outbox.standing import FAILING, Overview
from tracker.pathway.wording import counted, elapsed
from tracker.reminders.clocks import TRUST, ClockError
from tracker.store.heartbeats import Heartbeat
from tracker.times import local

URGENT_WITHIN = datetime.timedelta(minutes=5)
"""So long an urgent message may take to get out."""

SCHEDULER, OUTBOX = "scheduler", "outbox"
NO_TICK, CLOCK_AHEAD, EVENT_AHEAD, STILL_DUE = (
    "no-tick", "clock-ahead", "event-ahead", "still-due",
)  # fmt: skip
URGENT_LATE, URGENT_DEAD, WAITING_LONG, GIVEN_UP = (
    "urgent-late", "urgent-dead", "waiting-long", "given-up",
)  # fmt: skip
ALARMS = (
    NO_TICK, CLOCK_AHEAD, EVENT_AHEAD, STILL_DUE, URGENT_DEAD, URGENT_LATE, WAITING_LONG, GIVEN_UP,
)  # fmt: skip

PROMPT = datetime.timedelta(minutes=1)
"""What waits for no longer than this says nothing yet."""
IF_RIGHT = f"set the clock right, then once {TRUST} (what the wrong one told is told in its time)"
_TELL = "tell them yourself (tracker worklist --urgent)"


class Alarm(NamedTuple):
    """Something that needs somebody now."""

    alarm: str
    """One of ALARMS."""
    about: str
    """The scheduler or the outbox."""
    text: str
    hint: str
    """What to do."""


def of_clock(error: ClockError | None) -> Iterator[Alarm]:
    """Yield that every tick is refused, since an event has a time that is still to come."""
    if error is not None:
        yield Alarm(EVENT_AHEAD, SCHEDULER, error.message, error.hint or "")


def of_schedulers(
    beats: Sequence[Heartbeat], now: datetime.datetime, silence: datetime.timedelta, zone: str
) -> Iterator[Alarm]:
    """Yield what is wrong with the schedulers that have ticked, the latest first.

    `silence`: for so long nobody needs to tick.
    """
    if not beats:
        return
    last = beats[0]
    when = f"{local(last.last_tick, zone)} ({last.scheduler})"
    if last.ahead(now):
        told = f"the last tick is at {when}, in the future: the clock had gone ahead"
        yield Alarm(CLOCK_AHEAD, SCHEDULER, told, IF_RIGHT)
    elif now - last.last_tick > silence:
        told = f"nobody has ticked for {elapsed(now - last.last_tick)}, since {when}"
        yield Alarm(NO_TICK, SCHEDULER, told, "tracker scheduler run")
    if last.still_due:
        told = f"{counted(last.still_due, 'episode')} still due when the last tick was over"
        hint = "tracker scheduler tick tries again, and names what fails"
        yield Alarm(STILL_DUE, SCHEDULER, told, hint)


def of_messages(
    seen: Overview, now: datetime.datetime, silence: datetime.timedelta, zone: str
) -> Iterator[Alarm]:
    """Yield what is wrong with messages. `silence`: for so long any but urgent ones may wait."""
    if seen.urgent_dead:
        told = f"given up: {counted(seen.urgent_dead, 'urgent message')}"
        hint = f"{_TELL}, then tracker outbox list --state dead"
        yield Alarm(URGENT_DEAD, OUTBOX, told, hint)
    since = seen.urgent_since
    if since is not None and now - since > URGENT_WITHIN:
        told = f"an urgent message has not got out since {local(since, zone)}"
        yield Alarm(URGENT_LATE, OUTBOX, told, f"{_TELL}, then tracker outbox list")
    since = seen.waiting_since
    if since is not None and now - since > silence:
        told = f"a message has not got out since {local(since, zone)}"
        yield Alarm(WAITING_LONG, OUTBOX, told, "tracker outbox list")
    if given_up := seen.counts[DEAD] - seen.urgent_dead:
        told = f"given up: {counted(given_up, 'message')}"
        yield Alarm(GIVEN_UP, OUTBOX, told, "tracker outbox list --state dead")


def get_out(seen: Overview, now: datetime.datetime, *, sent: bool) -> bool:
    """Whether messages get out: none fails, none was given up, and what is due is on its way.

    `sent`: whether any was sent lately.
    """
    if seen.counts[FAILING] or seen.counts[DEAD]:
        return False
    since = seen.waiting_since
    return sent or since is None or now - since <= PROMPT
