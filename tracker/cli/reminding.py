"""Checks of `tracker doctor`: does anybody tick, and do messages get out."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from tracker.cli import deliveries
from tracker.cli.finding import FAILED, OK, WARNING, Finding
from tracker.store.heartbeats import LOST, Heartbeat
from tracker.times import local

if TYPE_CHECKING:
    from tracker.channels.settings import Site
    from tracker.reminders.alarms import Alarm
    from tracker.service import Service


def checks(service: "Service", site: "Site | None", zone: str) -> Iterator[Finding]:
    """Yield what the schedulers and the outbox show; without a configuration by its defaults."""
    from tracker.channels.scheduling import Scheduling

    silence = (Scheduling() if site is None else site.scheduler).silence
    yield from _ticks(service, silence, zone)
    yield from _messages(service, silence, zone)


def _ticks(service: "Service", silence: datetime.timedelta, zone: str) -> Iterator[Finding]:
    from tracker.reminders import alarms

    beats = service.heartbeats()
    if not beats:
        told = "it has never run: no reminder is issued"
        yield Finding(alarms.SCHEDULER, WARNING, told, "tracker scheduler run")
        return
    found = [*_lost(beats, service.now(), zone)]
    found += _failed(alarms.of_schedulers(beats, service.now(), silence, zone))
    last = f"last tick {local(beats[0].last_tick, zone)} by {beats[0].scheduler}"
    yield from found or [Finding(alarms.SCHEDULER, OK, last)]


def _lost(beats: "Sequence[Heartbeat]", now: datetime.datetime, zone: str) -> Iterator[Finding]:
    """Yield that the scheduler which ticked last is lost: no other one stands in for it."""
    from tracker.reminders.alarms import SCHEDULER

    last = beats[0]
    if last.state(now) == LOST:
        told = f"{last.scheduler} is lost: no tick since {local(last.last_tick, zone)}"
        yield Finding(SCHEDULER, WARNING, told, "tracker scheduler run")


def _messages(service: "Service", silence: datetime.timedelta, zone: str) -> Iterator[Finding]:
    from tracker.outbox.standing import overview
    from tracker.reminders import alarms

    now = service.now()
    with service.database.reading() as conn:
        seen = overview(conn, now)
    found = [
        Finding(alarms.OUTBOX, WARNING, deliveries.failing(one, now, zone), deliveries.advice(one))
        for one in seen.channels
    ]
    found += _failed(alarms.of_messages(seen, now, silence, zone))
    yield from found or [Finding(alarms.OUTBOX, OK, deliveries.counted(seen, zone))]


def _failed(found: "Iterable[Alarm]") -> Iterator[Finding]:
    return (Finding(alarm.about, FAILED, alarm.text, alarm.hint) for alarm in found)
