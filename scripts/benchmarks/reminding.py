"""What the scheduler costs: issuing what is owed, having nothing to do, and a job per reminder."""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from uuid import UUID

import msgspec
from sqlalchemy import func, insert, literal, select

from projections.tables import reminders, worklist
from scripts.benchmarks.databases import Bench, put
from scripts.benchmarks.histories import NOW, history
from scripts.benchmarks.jobs import Jobs
from scripts.benchmarks.measuring import Outcome, Times, agreed, in_turn, seconds_of
from scripts.benchmarks.space import bytes_of, index_bytes
from tracker.channels.base import Message
from tracker.channels.configured import Channels
from tracker.channels.people import Recipient
from tracker.channels.scheduling import Scheduling
from tracker.channels.settings import Site
from tracker.outbox.deliver import Delivered, deliver
from tracker.outbox.entries import DELIVERED
from tracker.outbox.tables import outbox
from tracker.reminders.issuer import Issuer
from tracker.reminders.recipients import Addressing, site_of
from tracker.reminders.tick import BATCH, Ticked, tick
from tracker.service import Service
from tracker.store.database import FILE_NAME, Database

STORED = 1_000_000
"""Reminders stored in the large database."""
FEW = 1_000
OWED = 10_000
"""Reminders owed at once."""
COLUMN = 9
"""Bytes of an instant in a row at most: eight, and one that says so."""
ROUNDS = 2
"""How often all of them are issued."""


def measure_idle(bench: Bench) -> Iterator[Outcome]:
    """Tick and deliver when nothing is owed, with few and with many reminders stored."""
    many = STORED if bench.episodes >= 10_000 else STORED // 10
    small, large = (_stored(bench, count) for count in (FEW, many))
    with small, large:
        sides = {"large": lambda _: _turn(large), "small": lambda _: _turn(small)}
        times = in_turn(sides, bench.rounds, times=5)
    yield Outcome(
        "idle",
        f"tick and delivery with nothing to do, {many:,} reminders stored against {FEW:,}",
        times.ratio("large", "small"),
        1.5,
        "x",
        detail=times.milliseconds(),
    )


def _turn(service: Service) -> None:
    done, sent = tick(service, NOW, site=_site(service)), _delivered(service)
    agreed((done.issued, done.skipped, sent.sent), ([], [], 0))


def _delivered(service: Service) -> Delivered:
    return deliver(service, _Nowhere(_site(service), clock=service.now, write=print), "bench")


class _Nowhere(Channels):
    """Channels that take everything and send nothing."""

    def get(self, _name: str) -> "_Nowhere":
        return self

    def send(self, message: Message) -> None:
        """Drop a message."""


def _site(service: Service) -> Site:
    """Return a configuration with one recipient, who gets every message by itself."""
    site, alone = site_of(service.database.location), Scheduling(bundle_above=1_000_000)
    return msgspec.structs.replace(site, recipients=(Recipient("file"),), scheduler=alone)


def _stored(bench: Bench, count: int) -> Service:
    """Return a database with so many live reminders, and as many messages that were delivered."""
    name = f"stored-{count}"
    with bench.service(name, "OFF") as service:
        put(service, (history(number) for number in range(FEW // 2)))
        service.rebuild()
        _multiply(service.database, count)
        _fill_outbox(service.database, count)
    return bench.service(name)


def _multiply(database: Database, count: int) -> None:
    """Copy the rows of the scheduler under other keys until there are enough."""
    with database.writing() as conn:
        first = conn.scalar(select(func.max(worklist.c.episode_key))) or 0
        there = conn.scalar(select(func.count()).select_from(reminders)) or 0
    for copy in range(1, -(-count // there)):
        # A transaction for each: one that is larger than the cache takes ever longer.
        with database.writing() as conn:
            for table in (worklist, reminders):
                columns = [literal(copy * first) + table.c.episode_key, *list(table.c)[1:]]
                rows = select(*columns).where(table.c.episode_key <= first)
                conn.execute(insert(table).from_select(list(table.c), rows))


def _fill_outbox(database: Database, count: int) -> None:
    at = int(NOW.timestamp()) * 1_000_000
    row = {
        "level": 0, "channel": "file", "priority": 1, "form": "notice", "content": b"{}",
        "bundled": False, "due_at": at, "created_at": at, "not_before": at, "next_attempt_at": at,
        "attempts": 1, "state": DELIVERED, "ended_at": at,
    }  # fmt: skip
    for first in range(0, count, 10_000):
        numbers = range(first, min(first + 10_000, count))
        with database.writing() as conn:
            conn.execute(insert(outbox), [{**row, "id": f"{n:036}"} for n in numbers])


def measure_owed(bench: Bench) -> Iterator[Outcome]:
    """Issue and deliver the same reminders as APScheduler with a persisted job for each."""
    owed = OWED if bench.episodes >= 10_000 else OWED // 10
    sides: dict[str, Callable[[Bench, int, int], dict[str, float]]] = {
        "tracker": _issue,
        "jobs": partial(_run, tuned=False),
        "WAL": partial(_run, tuned=True),
        "working": _work,
    }
    times = Times()
    for turn in range(ROUNDS):
        for side in sides if turn % 2 else reversed(sides):
            for part, seconds in sides[side](bench, turn, owed).items():
                times.add(part, seconds / owed)
    yield Outcome(
        "remind", f"{owed:,} owed reminders, issued by one tick", 1 / times.median("issued"),
        None, "reminders/s", at_most=False, detail=times.milliseconds("issued", "delivered"),
    )  # fmt: skip
    yield from _cheaper(times)
    yield Outcome(
        "remind",
        "a reminder found due, against a job that is found, fired and removed",
        times.ratio("WAL", "found"),
        None,
        "x",
        at_most=False,
        detail=times.milliseconds("found", "WAL"),
    )
    yield from _smaller(bench, owed)


def _cheaper(times: Times) -> Iterator[Outcome]:
    for side, said, limit in (
        ("jobs", "APScheduler with a job for each, as it comes", 10.0),
        ("WAL", "the same with a write-ahead log and no threads", None),
        ("working", "the latter, where each job evaluates and appends as a tick does", None),
    ):
        yield Outcome(
            "remind",
            f"a reminder issued, against {said}",
            times.ratio(side, "issued"),
            limit,
            "x",
            at_most=False,
            detail=times.milliseconds("issued", side, f"{side} added"),
        )


def _smaller(bench: Bench, owed: int) -> Iterator[Outcome]:
    """Compare bytes: what finds what is owed, and that with the rows that show it to people."""
    path = bench.home("owed-0") / FILE_NAME
    with bench.service("owed-0") as service, service.database.reading() as conn:
        live = conn.scalar(select(func.count()).select_from(reminders)) or 0
    index = index_bytes(path, "worklist", "next_action_at") + COLUMN * owed
    rows = bytes_of(path, ("reminders",))
    job = bytes_of(bench.home("stored-jobs.sqlite"), ("apscheduler_jobs",)) / owed
    for what, ours, limit in (
        ("when to act", index, 10.0),
        ("that and its row", index + rows, None),
    ):
        yield Outcome(
            "remind",
            f"bytes stored of a reminder, {what}, against a job",
            job / (ours / live),
            limit,
            "x",
            at_most=False,
            detail=f"tracker {ours / live:.0f} bytes, job {job:.0f} bytes",
        )


def _owing(bench: Bench, name: str, owed: int) -> str:
    with bench.service(name, "OFF") as service:
        put(service, (history(number, "owing") for number in range(owed)))
        service.rebuild()
    return name


def _issue(bench: Bench, turn: int, owed: int) -> dict[str, float]:
    name = _owing(bench, f"owed-{turn}", owed)
    with bench.service(name) as service:
        site = _site(service)
        found: list[int] = []
        done: list[Ticked] = []
        sent: list[Delivered] = []
        finding = seconds_of(lambda: found.extend(_found(service, owed)))
        ticking = seconds_of(lambda: done.append(tick(service, NOW, site=site)))
        spent = seconds_of(lambda: sent.append(_delivered(service)))
        agreed((sum(found), len(done[0].issued), sent[0].sent), (owed, owed, owed))
    return {"found": finding, "issued": ticking, "delivered": spent}


def _found(service: Service, owed: int) -> Iterator[int]:
    """Ask for what is due as often as a tick does, by itself: what schedules without the work."""
    for _ in range(0, owed, BATCH):
        yield len(service.due(NOW, BATCH))


def _run(bench: Bench, turn: int, owed: int, *, tuned: bool) -> dict[str, float]:
    """Return seconds of scheduling, and of scheduling and firing."""
    side = "WAL" if tuned else "jobs"
    path = bench.home(f"{side}-{turn}.sqlite")
    jobs = Jobs(path, tuned=tuned)
    added = jobs.add([f"E-{number:05}" for number in range(owed)])
    if not tuned and turn == 0:
        shutil.copy(path, bench.home("stored-jobs.sqlite"))
    return {f"{side} added": added, side: added + jobs.run(owed)}


def _work(bench: Bench, turn: int, owed: int) -> dict[str, float]:
    """Return seconds of scheduling, and of that and firing jobs that do what a tick does."""
    name = _owing(bench, f"working-{turn}", owed)
    with bench.service(name) as service:
        addressing = Addressing(_site(service), NOW)
        jobs = Jobs(bench.home(f"working-{turn}.sqlite"), tuned=True)
        added = jobs.add([str(uuid) for uuid in service.due(NOW, owed)])
        spent = jobs.run(owed, lambda episode: _act(service, addressing, UUID(episode)))
        agreed(service.count_due(NOW), 0)
    return {"working added": added, "working": added + spent}


def _act(service: Service, addressing: Addressing, episode: UUID) -> None:
    issuer = Issuer(service, episode, NOW)
    service.append(episode, issuer.decide, lambda conn, keys: issuer.write(conn, keys, addressing))
