"""The reconciliation of many episodes, from the log and the outbox alone."""

import datetime
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection

from projections import index
from projections.ranging import JudgeOf, in_all
from projections.views import Judge
from tracker.audit.discrepancy import Finding, Tolerance
from tracker.audit.reconcile import Case, reconcile
from tracker.outbox.messages import Message, messages_of
from tracker.store import log
from tracker.store.database import Database
from tracker.store.failures import trace
from tracker.store.log import History, StoredHistory
from tracker.store.sealing import ERASED
from tracker.store.silences import Silence, silences


class Question(NamedTuple):
    """What is asked of each episode."""

    now: datetime.datetime
    as_known: bool
    since: datetime.datetime | None
    """Only what had not ended by then."""
    tolerance: Tolerance
    silences: list[Silence]


class Reconciled(NamedTuple):
    """One episode of which something was found."""

    episode: str
    reference: str | None
    time_zone: str
    findings: list[Finding]


class Answer(NamedTuple):
    """What was found of some episodes."""

    read: int
    found: list[Reconciled]
    failed: list[tuple[str, str]]
    """Episodes that could not be judged, and why."""
    erased: list[str]
    """Episodes that nobody can judge any more."""

    @property
    def episodes(self) -> int:
        """That the question was about: those of which there is a history."""
        return self.read - len(self.erased)


def question(
    database: Database,
    now: datetime.datetime,
    *,
    as_known: bool = False,
    since: datetime.datetime | None = None,
    tolerance: Tolerance | None = None,
) -> Question:
    """Return a question, with when nobody ticked."""
    with database.reading() as conn:
        silent = silences(conn, now)
    return Question(now, as_known, since, tolerance or Tolerance(), silent)


def of_episode(database: Database, judge: Judge[Any], key: int, asked: Question) -> Answer:
    """Return what is found of one episode."""
    with database.reading() as conn:
        return _answer(conn, judge, log.read_keys(conn, [key]), asked)


def of_all(
    database: Database, judge_of: JudgeOf, asked: Question, processes: int = 1
) -> Iterator[Answer]:
    """Yield what is found of every episode, range by range."""
    return in_all(database, judge_of, partial(_of_range, asked=asked), processes)


def _of_range(
    conn: Connection, judge: Judge[Any], first: int, last: int, asked: Question
) -> Answer:
    return _answer(conn, judge, log.read_range(conn, first, last), asked)


def _answer(
    conn: Connection, judge: Judge[Any], episodes: Iterable[StoredHistory], asked: Question
) -> Answer:
    stored = list(episodes)
    messages: dict[int | None, list[Message]] = {}
    for message in messages_of(conn, [episode.key for episode in stored]):
        messages.setdefault(message.episode_key, []).append(message)
    answer = Answer(len(stored), [], [], [])
    for episode in stored:
        try:
            history = episode.decoded()
            if history.events[-1].topic == ERASED:
                answer.erased.append(index.from_history(history).name)
                continue
            found = _reconciled(judge, history, messages.get(episode.key, []), asked)
        except Exception as error:  # noqa: BLE001 (whatever is wrong with one, the others go on)
            answer.failed.append((str(episode.episode), trace(error)))
            continue
        if found.findings:
            answer.found.append(found)
    return answer


def _reconciled(
    judge: Judge[Any], history: History, messages: list[Message], asked: Question
) -> Reconciled:
    ref = index.from_history(history)
    case = Case(history.events, messages, asked.silences, judge.status, asked.now, asked.tolerance)
    found = reconcile(case, as_known=asked.as_known)
    if asked.since is not None:
        found = [finding for finding in found if finding.until >= asked.since]
    zone = judge.status(history.events, asked.now).time_zone if found else "UTC"
    return Reconciled(ref.name, ref.reference, zone, found)
