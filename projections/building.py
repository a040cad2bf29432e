"""Evaluating the episodes for a rebuild, range by range."""

import datetime
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection

from projections.counts import Deltas, Row
from projections.models import count
from projections.ranging import JudgeOf, in_ranges
from projections.views import Judge
from projections.writer import MODELS
from tracker.store import log
from tracker.store.database import Database
from tracker.store.failures import trace


class Built(NamedTuple):
    """The rows of a range of episodes."""

    rows: list[list[Row]]
    """For each read model."""
    deltas: list[Deltas]
    """What the rows count for, for each read model."""
    episodes: int
    failed: dict[int, str]
    """Keys of episodes that could not be evaluated, and why."""


def build(
    conn: Connection, judge: Judge[Any], first: int, last: int, now: datetime.datetime
) -> Built:
    """Evaluate the episodes with keys from `first` to `last` and make their rows."""
    rows: list[list[Row]] = [[] for _ in MODELS]
    failed: dict[int, str] = {}
    episodes = 0
    for stored in log.read_range(conn, first, last):
        episodes += 1
        try:
            history = stored.decoded()
            view = judge.view(history.key, history.episode, history.events, now)
            made = [model.rows(view) for model in MODELS]
        except Exception as error:  # noqa: BLE001 (one episode must not stop the others)
            failed[stored.key] = f"it cannot be evaluated: {trace(error)}"
            continue
        for kept, new in zip(rows, made, strict=True):
            kept += new
    deltas: list[Deltas] = [{} for _ in MODELS]
    for model, kept, counted in zip(MODELS, rows, deltas, strict=True):
        count(model, kept, counted)
    return Built(rows, deltas, episodes, failed)


def build_all(
    database: Database, judge_of: JudgeOf, last_key: int, now: datetime.datetime, processes: int
) -> Iterator[Built]:
    """Yield the rows of all episodes up to a key, range by range, in order."""
    return in_ranges(database, judge_of, last_key, partial(build, now=now), processes)
