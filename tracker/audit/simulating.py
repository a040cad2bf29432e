"""What another protocol would change of every episode, range by range; nothing is written."""

import datetime
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from projections import index
from projections.ranging import JudgeOf, in_all
from projections.views import Judge
from tracker.audit.simulate import Difference, simulate
from tracker.events import Recorded
from tracker.pathway import Protocol, Status
from tracker.store import log
from tracker.store.database import Database
from tracker.store.failures import trace
from tracker.store.log import StoredHistory
from tracker.store.sealing import ERASED


class Question(NamedTuple):
    """What is asked of each episode."""

    protocol: Protocol
    now: datetime.datetime
    since: datetime.datetime | None = None
    to_move: bool = False
    """Only of episodes that are in flight and judged by another protocol now."""
    site: str | None = None
    """Only of episodes of this site."""


class Simulated(NamedTuple):
    """One episode, and what would be other."""

    uuid: UUID
    episode: str
    reference: str | None
    time_zone: str
    protocol: str
    """That judges it now."""
    differences: list[Difference]


class Answer(NamedTuple):
    """What was found of some episodes."""

    episodes: int
    """That the question was about."""
    read: int
    found: list[Simulated]
    """Those that would differ; with `to_move` all that were asked about."""
    failed: list[tuple[str, str]]
    """Episodes that could not be judged, and why."""


def of_all(
    database: Database, judge_of: JudgeOf, asked: Question, processes: int = 1
) -> Iterator[Answer]:
    """Yield what would be other, range by range."""
    return in_all(database, judge_of, partial(_of_range, asked=asked), processes)


def _of_range(
    conn: Connection, judge: Judge[Any], first: int, last: int, asked: Question
) -> Answer:
    episodes, read, found, failed = 0, 0, list[Simulated](), list[tuple[str, str]]()
    for stored in log.read_range(conn, first, last):
        read += 1
        try:
            one = _simulated(judge, stored, asked)
        except Exception as error:  # noqa: BLE001 (whatever is wrong with one, the others go on)
            failed.append((str(stored.episode), trace(error)))
            continue
        if one is not None:
            episodes += 1
            if one.differences or asked.to_move:
                found.append(one)
    return Answer(episodes, read, found, failed)


def _simulated(judge: Judge[Any], stored: StoredHistory, asked: Question) -> Simulated | None:
    history = stored.decoded()
    events = history.events
    if events[-1].topic == ERASED:
        return None
    status = judge.status(events, asked.now)
    moved = status.protocol == asked.protocol.name or status.stage == "closed"
    if (asked.to_move and moved) or (asked.site is not None and asked.site != status.site):
        return None
    ref = index.from_history(history)

    def own(events: Sequence[Recorded], at: datetime.datetime) -> Status:
        return status if at == asked.now else judge.status(events, at)

    found = simulate(events, own, asked.protocol, asked.now, asked.since)
    return Simulated(ref.uuid, ref.name, ref.reference, status.time_zone, status.protocol, found)
