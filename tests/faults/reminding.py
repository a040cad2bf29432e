"""Several schedulers that issue and deliver at once, killed at the named points of their work."""

import datetime
import json
import os
import random
import signal
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from tests.faults import settings, ticking, ward, writers
from tests.faults.agreement import disagreements
from tests.faults.heedless import become
from tracker.channels.configured import Channels
from tracker.config import Location
from tracker.events.ledger import ReminderIssued
from tracker.outbox import deliver as delivery
from tracker.outbox import queue, sending
from tracker.outbox.entries import DELIVERED
from tracker.outbox.items import Parcel
from tracker.outbox.tables import outbox
from tracker.reminders import points
from tracker.reminders import tick as ticks
from tracker.reminders.recipients import site_of
from tracker.service import Service

SCHEDULERS = 8
CHANNEL, SENT = "log", "sent.jsonl"
CONFIG = f"""\
[channels.{CHANNEL}]
kind = "file"
path = "{SENT}"
[[recipients]]
channel = "{CHANNEL}"
[scheduler]
bundle_above = {{above}}
"""
ONE_BY_ONE = 1_000_000
"""So that there are many messages to lose or to repeat."""


class Fate(NamedTuple):
    """How far a scheduler gets."""

    point: str | None = None
    """Where it is killed; None: it lives."""
    passes: int = 1
    """So often it passes the point before that."""
    batches: int = 1_000_000
    """After so many it ticks no more in this turn."""
    size: int = 100
    """Episodes that it takes at once."""


class Deaths(NamedTuple):
    """Which schedulers are killed."""

    number: int
    seed: int = settings.SEED
    where: Sequence[str] = points.POINTS
    """Each of these has its turn."""
    passes: int = 3
    """At most so often a scheduler comes to the point at which it dies."""


@dataclass
class Toll:
    """What came of it."""

    kills: Counter[str] = field(default_factory=Counter)
    """By the point at which they were."""
    sent_unrecorded: list[str] = field(default_factory=list)
    """Messages that were sent by schedulers that died before they could record it."""
    repeats: int = 0
    bundles: int = 0
    """Messages with more than one reminder."""
    problems: list[str] = field(default_factory=list)


def remind_by_many(
    place: Location,
    reminders: int,
    deaths: Deaths,
    twin: str | None = None,
    above: int = ONE_BY_ONE,
) -> Toll:
    """Let schedulers work and die until so many were killed and nothing is left to do.

    `above`: more messages than this that are free at once go as one.
    """
    toll = Toll()
    expected = ticking.make(place, reminders)
    (place.home / "config.toml").write_text(CONFIG.format(above=above))
    doomed, turn = _doomed(deaths), 0
    while doomed and turn < 4 * deaths.number:
        fates, doomed = doomed[:SCHEDULERS], doomed[SCHEDULERS:]
        doomed += _turn(place, turn, fates, toll, twin)
        turn += 1
    while turn < 4 * deaths.number + 20 and _unfinished(place, _time(turn)):
        _turn(place, turn, [Fate()] * SCHEDULERS, toll, twin)
        turn += 1
    toll.problems += _ledger(place, expected) + _messages(place, toll)
    return toll


def _doomed(deaths: Deaths) -> list[Fate]:
    """Return who dies where, so that every point has its turn; each does little before."""
    rng = random.Random(deaths.seed)
    where = [deaths.where[n % len(deaths.where)] for n in range(deaths.number)]
    rng.shuffle(where)
    doomed = []
    for point in where:
        passes = 1 if point == points.CLAIMED else rng.randint(1, deaths.passes)
        doomed.append(Fate(point, passes, passes, rng.choice((1, 2))))
    return doomed


APART = datetime.timedelta(minutes=1)
"""So far the clocks of two schedulers are apart at most."""


def _time(turn: int) -> datetime.datetime:
    """Return when a turn is: what the dead of the one before had claimed is free again."""
    return ward.NOW + turn * (queue.LEASE + APART + datetime.timedelta(seconds=1))


def _clocks(turn: int) -> list[datetime.datetime]:
    """Return the times by the clocks of the schedulers: from milliseconds to a minute apart."""
    return [_time(turn) + APART / 4**number for number in range(SCHEDULERS)]


def _open(place: Location, now: datetime.datetime) -> Service:
    return Service.open(place, lambda: now)


def _turn(
    place: Location, turn: int, fates: Sequence[Fate], toll: Toll, twin: str | None
) -> list[Fate]:
    """Let schedulers with these fates work at once; return the fates that did not come true."""
    gate, opener = os.pipe()
    clocks = _clocks(turn)
    work = [
        partial(_work, place, now, gate, fate, twin)
        for now, fate in zip(clocks, fates, strict=False)
    ]
    running = [writers.forked(one) for one in work]
    for _, end in running:
        os.read(end, len(f"{writers.READY}\n"))
    os.write(opener, b"." * len(fates))
    spared = []
    for fate, (process, end) in zip(fates, running, strict=True):
        with os.fdopen(end) as pipe:
            lines = pipe.read().splitlines()
        died = os.WIFSIGNALED(os.waitpid(process, 0)[1])
        toll.problems += [line for line in lines if line.startswith("!")]
        if died:
            point, message = lines[-1].split()
            toll.kills[point] += 1
            toll.sent_unrecorded += [message] if point == points.SENT else []
        else:
            spared.append(fate)
    os.close(gate)
    os.close(opener)
    return spared


def _work(
    place: Location,
    now: datetime.datetime,
    gate: int,
    fate: Fate,
    twin: str | None,
    pipe: writers.Pipe,
) -> None:
    ticks.BATCH = fate.size
    become(twin)
    with _open(place, now) as service:
        at = _Mortal(fate, pipe)
        pipe.say(writers.READY)
        os.read(gate, 1)
        name = f"s{os.getpid()}"
        ticks.tick(service, ward.NOW, scheduler=name, stopping=at.had_enough, at=at)
        channels = Channels(
            site_of(service.database.location), clock=service.now, write=lambda _: None
        )
        delivery.deliver(service, channels, name, at=at)


class _Mortal:
    """Kills this process at a point, and says where and with which message in hand."""

    def __init__(self, fate: Fate, pipe: writers.Pipe) -> None:
        self._fate, self._pipe = fate, pipe
        self._passed: Counter[str] = Counter()
        self._message = "-"
        send = sending.Sender.send

        def sent(sender: sending.Sender, parcel: Parcel) -> None:
            self._message = parcel.message
            send(sender, parcel)

        sending.Sender.send = sent  # type: ignore[method-assign]

    def __call__(self, point: str) -> None:
        """Pass a point, or die there."""
        self._passed[point] += 1
        if (point, self._passed[point]) == (self._fate.point, self._fate.passes):
            self._pipe.say(f"{point} {self._message}")
            os.kill(os.getpid(), signal.SIGKILL)

    def had_enough(self) -> bool:
        """Whether it is time to stop ticking."""
        return self._passed[points.DECIDED] >= self._fate.batches


def _unfinished(place: Location, now: datetime.datetime) -> bool:
    with _open(place, now) as service, service.database.reading() as conn:
        undone = conn.execute(select(outbox.c.id).where(outbox.c.state != DELIVERED)).first()
        return undone is not None or bool(service.due(ward.NOW, 1))


def _ledger(place: Location, expected: Counter[ticking.Issue]) -> list[str]:
    with ward.opened(place) as service:
        done = Counter(ticking.issued(service))
    problems = [f"issued {n} times: {i}" for i, n in done.items() if n > 1]
    problems += [f"never issued: {i}" for i in expected - done]
    problems += [f"not owed: {i}" for i in done.keys() - expected.keys()]
    return problems + disagreements(place)


def _messages(place: Location, toll: Toll) -> list[str]:
    lines = [json.loads(line) for line in (place.home / SENT).read_bytes().splitlines()]
    sent, told = Counter(line["id"] for line in lines), defaultdict[str, set[str]](set)
    for line in lines:
        for notice in line.get("reminders", [{"id": line.get("event")}]):
            told[notice["id"]].add(line["id"])
    toll.repeats = sent.total() - len(sent)
    toll.bundles = len({line["id"] for line in lines if len(line.get("reminders", ())) > 1})
    with ward.opened(place) as service:
        due = set(_issued(service))
    excused = Counter(toll.sent_unrecorded)
    problems = [f"never delivered: {event}" for event in due - told.keys()]
    problems += [f"of nothing that was issued: {event}" for event in told.keys() - due]
    problems += [f"under {len(ids)} ids: {e}" for e, ids in told.items() if len(ids) > 1]
    return problems + [
        f"sent {n} times, {excused[m]} of them unrecorded: {m}"
        for m, n in sent.items()
        if n > 1 + excused[m]
    ]


def _issued(service: Service) -> list[str]:
    """Return the ids of what was issued."""
    episodes: list[UUID] = [ref.uuid for ref in service.all_episodes()]
    return [
        event.id
        for episode in episodes
        for event in service.history(episode)
        if isinstance(event.data, ReminderIssued)
    ]
