"""Checks of `tracker doctor`: does anybody tick, and do messages get out."""

import datetime
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from tracker.cli import deliveries
from tracker.cli.finding import FAILED, OK, WARNING, Finding
from tracker.errors import TrackerError
from tracker.store.heartbeats import LOST, Heartbeat
from tracker.times import local

if TYPE_CHECKING:
    from tracker.channels.settings import Site
    from tracker.reminders.alarms import Alarm
    from tracker.service import Service


def checks(
    service: "Service", site: "Site | None", zone: str, looked: Callable[..., None]
) -> Iterator[Finding]:
    """Yield what the schedulers and the outbox show; without a configuration by its defaults.

    `looked` is told of the episode that is named.
    """
    from tracker.channels.scheduling import Scheduling

    scheduling = Scheduling() if site is None else site.scheduler
    silence = scheduling.silence
    yield from _clock(service, scheduling.clock_tolerance, zone, looked)
    yield from _ticks(service, silence, zone)
    yield from _messages(service, silence, zone)
    if site is not None:
        yield from _ping(site)


def _clock(
    service: "Service", tolerance: datetime.timedelta, zone: str, looked: Callable[..., None]
) -> Iterator[Finding]:
    """Yield whether a tick would take the clock for right, and what was said of one before."""
    from tracker.reminders import clocks

    now = service.now()
    found = clocks.newest(service)
    if found is None:
        return
    if found.is_ahead(now, tolerance):
        error = clocks.refusal(service, found, now)
        looked(*error.episodes)
        yield Finding("clock", FAILED, error.message, error.hint or "")
    elif (trust := found.trust) is not None and trust.ahead_until > now:
        told = (
            f"events have times until {local(trust.ahead_until, zone)}, by a clock that was ahead"
        )
        yield Finding("clock", OK, f"{told}; since {local(trust.at, zone)} it is right again")


def _ping(site: "Site") -> Iterator[Finding]:
    """Yield whether the address that is told of good turns is known, and anybody is there."""
    from tracker.scheduler.work import reach

    try:
        address = site.scheduler.ping_address(site.directory, os.environ)
        if address is None:
            return
        reach(address)
    except TrackerError as error:
        yield Finding("ping", WARNING, error.message, error.hint or "")
    except OSError as error:
        told = f"nobody answers at the ping address ({type(error).__name__})"
        yield Finding("ping", WARNING, told, "ask whoever watches it; look at scheduler.ping_url")
    else:
        yield Finding("ping", OK, "somebody is at the ping address")


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
