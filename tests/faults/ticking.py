"""Several schedulers at once over many owed reminders, some of them killed."""

import datetime
import os
import random
import signal
import time
import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.faults import ward, writers
from tests.faults.agreement import disagreements
from tests.places import Place
from tracker.events.ledger import ReminderIssued, ReminderSkipped
from tracker.pathway.issuing import owed
from tracker.reminders import issuer
from tracker.reminders import tick as ticks
from tracker.service import Service

SCHEDULERS = 4
LONGEST = 0.15
"""Seconds for which a scheduler may work before it is killed."""
TWIN = "issues whatever is due, under a new id"
Issue = tuple[UUID, str | None, str | None]
"""Episode, reminder and phase."""


def make(place: Place, reminders: int) -> Counter[Issue]:
    """Make episodes that owe at least so many reminders; return what they owe."""
    ward.make(place, 4)
    with ward.opened(place) as service:
        each = len(owed_by(service)) // 4
        ward.add(service, range(4, -(-reminders // each)))
        expected = owed_by(service)
    assert len(expected) >= reminders
    return Counter(expected)


def owed_by(service: Service) -> list[Issue]:
    """Return what its episodes owe."""
    found: list[Issue] = []
    for ref in service.all_episodes():
        history = service.history(ref.uuid)
        due = owed(service.judge.status(history, ward.NOW), ward.NOW, history)
        found += [(ref.uuid, item.reminder.id, item.phase) for item in due]
    return found


def issued(service: Service) -> list[Issue]:
    """Return what was issued or skipped on record."""
    return [
        (ref.uuid, event.data.reminder, event.data.phase)
        for ref in service.all_episodes()
        for event in service.history(ref.uuid)
        if isinstance(event.data, ReminderIssued | ReminderSkipped)
    ]


def tick_by_many(
    folder: Path, reminders: int, seed: int, twin: str | None = None
) -> tuple[int, list[str]]:
    """Tick by several processes at once, kill some, until nothing is due.

    Returns how many were killed in the middle of it, and what is wrong in the end.
    """
    home, rng = folder / "home", random.Random(seed)
    expected = make(home, reminders)
    killed, due, deaths = 0, True, [0] if twin else [SCHEDULERS] * 6
    while due:
        killed += _round(home, rng, deaths.pop() if deaths else rng.randrange(SCHEDULERS), twin)
        with ward.opened(home) as service:
            due = bool(service.due(ward.NOW, 1))
            done = Counter(issued(service))
    problems = [f"issued {n} times: {i}" for i, n in done.items() if n > 1]
    problems += [f"never issued: {i}" for i in expected - done]
    problems += [f"not owed: {i}" for i in done.keys() - expected.keys()]
    return killed, problems + disagreements(home)


def _round(home: Path, rng: random.Random, deaths: int, twin: str | None) -> int:
    gate, opener = os.pipe()
    work = [partial(_tick, home, gate, rng.random(), twin) for _ in range(SCHEDULERS)]
    running = [writers.forked(one) for one in work]
    said = [os.read(end, 100) for _, end in running]  # each has asked what is due
    os.write(opener, b"." * SCHEDULERS)
    killed = 0
    for process, _ in running[:deaths]:
        time.sleep(rng.uniform(0, LONGEST / SCHEDULERS))
        os.kill(process, signal.SIGKILL)
    for process, end in running:
        with os.fdopen(end, "rb") as pipe:
            said.append(pipe.read())
        killed += os.WIFSIGNALED(os.waitpid(process, 0)[1])
    os.close(gate)
    os.close(opener)
    if any(b"!" in words for words in said):
        raise RuntimeError(str(said))
    return killed


def _tick(home: Path, gate: int, luck: float, twin: str | None, pipe: writers.Pipe) -> None:
    ticks.BATCH = (1, 5, 100)[int(luck * 3)]
    if twin is not None:
        issuer.Issuer.decide = decide_again
    with ward.opened(home) as service:
        service.due = _waiting(service.due, gate, pipe)
        ticks.tick(service, ward.NOW, scheduler=f"s{os.getpid()}")


def _waiting(due: Callable[..., list[UUID]], gate: int, pipe: writers.Pipe) -> Any:
    """Let everybody hear what is due before anybody issues it."""
    open_gate = False

    def asked(now: datetime.datetime, limit: int) -> list[UUID]:
        nonlocal open_gate
        found = due(now, limit)
        if not open_gate:
            pipe.say(writers.READY)
            open_gate = bool(os.read(gate, 1))
        return found

    return asked


def decide_again(self, history):
    """Issue what the episode would owe if nothing had been issued yet, under a new id."""
    facts = [event for event in history if not isinstance(event.data, ReminderIssued)]
    self._status = self.service.judge.status(facts, self.now)
    items = owed(self._status, self.now, facts)
    issuer.issue_id = lambda *_: str(uuid.uuid4())
    self._notices = None
    self.withdrawn = []
    self.decided = [(item, issuer.issuing(self.episode, item, self.now)) for item in items]
    return [event for _, event in self.decided]
