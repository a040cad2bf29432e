"""A process that records and acknowledges until it is killed; and the twins that do it wrongly."""

import os
import random
import signal
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import event

from tests.faults import ward
from tracker.service import Service
from tracker.store.recorder import EpisodeRecorder, TakenVersionError

READY = "ready"
TWINS = ("rows-apart", "no-transaction", "acknowledged-early")


class Pipe:
    """Where a writer says what it has recorded; a line is written whole or not at all."""

    def __init__(self, end: int) -> None:
        self._end = end

    def say(self, line: str) -> None:
        """Write a line."""
        os.write(self._end, f"{line}\n".encode())


def become(twin: str | None) -> None:
    """Make this process record in one of the wrong ways."""
    if twin == "rows-apart":
        EpisodeRecorder._append = append_in_two  # type: ignore[method-assign]
    elif twin == "no-transaction":
        sqlite3.connect = partial(sqlite3.connect, factory=_Heedless)


class _HeedlessCursor(sqlite3.Cursor):
    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        return super().execute("SELECT 1" if sql.startswith("BEGIN") else sql, parameters)


class _Heedless(sqlite3.Connection):
    def cursor(self, *_: Any) -> Any:
        return _HeedlessCursor(self)

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        return self.cursor().execute(sql, *parameters)


def append_in_two(self: EpisodeRecorder, stored: Sequence[Any], rows: Any) -> list[int]:
    """Append events in one transaction and write their rows in another."""
    try:
        with self.database.writing() as conn:
            placed = self._write(conn, stored, None)
    except sqlite3.IntegrityError as error:
        raise TakenVersionError from error
    with self.database.writing() as conn:
        rows.write(conn, placed.keys)
        rows.settle(conn, placed.positions)
    return placed.positions


def write_until_killed(home: Path, name: str, pipe: Pipe, twin: str | None) -> None:
    """Record facts, batches and openings, and say the ids of each when it is recorded."""
    become(twin)
    rng = random.Random(name)
    with ward.opened(home) as service:
        _checkpoint_often(service, rng)
        uuids = [ref.uuid for ref in service.all_episodes()]
        pipe.say(READY)
        number = 0
        while True:
            number += 1
            _record(service, uuids, f"{name}.{number}", rng, pipe, early=twin == TWINS[2])


def _checkpoint_often(service: Service, rng: random.Random) -> None:
    pages = rng.choice((4, 40, 1000))
    event.listen(
        service.database.engine,
        "connect",
        lambda raw, _: raw.execute(f"PRAGMA wal_autocheckpoint={pages}"),
    )
    service.database.engine.dispose()


def _record(
    service: Service, uuids: list[UUID], name: str, rng: random.Random, pipe: Pipe, *, early: bool
) -> None:
    kind = rng.choice(("fact", "fact", "fact", "batch", "opening"))
    chosen = rng.sample(uuids, 3) if kind == "batch" else [rng.choice(uuids)]
    ids = [f"{name}/{n}" for n in range(len(chosen))]
    pipe.say(f"? {' '.join(ids)}")
    if early:
        pipe.say(f"+ {' '.join(ids)}")
    if kind == "opening":
        service.append(None, ward.Opening(service, ids[0]))
    else:
        decisions = [ward.some_fact(service, i, rng) for i in ids]
        service.append_many(zip(chosen, decisions, strict=True))
    if not early:
        pipe.say(f"+ {' '.join(ids)}")


def record_until_statement(home: Path, name: str, pipe: Pipe, fatal: int) -> None:
    """Record a batch, dying before the statement of that number; say so if it was recorded."""
    with ward.opened(home) as service:
        uuids = [ref.uuid for ref in service.all_episodes()][:2]
        ids = [f"{name}/{n}" for n in range(3)]
        items = [
            (u, ward.some_fact(service, i, random.Random(i)))
            for u, i in zip(uuids, ids, strict=False)
        ]
        pipe.say(f"? {' '.join(ids)}")
        die_before(service, fatal)
        service.append_many([*items, (None, ward.Opening(service, ids[2]))])
        pipe.say(f"+ {' '.join(ids)}")


def die_before(service: Service, fatal: int) -> None:
    """Kill this process before the statement of that number that the service runs from now on."""
    left = fatal

    def count(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(service.database.engine, "connect", lambda raw, _: raw.set_trace_callback(count))
    service.database.engine.dispose()


def forked(work: Callable[[Pipe], None]) -> tuple[int, int]:
    """Run `work` in a fork of this process; return its id and the end of the pipe to read."""
    readable, writable = os.pipe()
    process = os.fork()
    if process:
        os.close(writable)
        return process, readable
    os.close(readable)
    pipe = Pipe(writable)
    try:
        work(pipe)
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 (told to the parent)
        pipe.say(f"! {type(error).__name__}: {error}")
    finally:
        os._exit(1)
