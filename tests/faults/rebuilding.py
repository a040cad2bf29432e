"""Rebuilds that die: before a statement, or by the end of a process that helps."""

import multiprocessing
import os
import shutil
import signal
from pathlib import Path
from typing import Any

from projections import swapping
from projections.views import Judge
from tests.faults import ward, writers
from tests.faults.agreement import disagreements
from tracker.errors import TrackerError
from tracker.judging import judge_for
from tracker.pathway import Protocol
from tracker.store.database import Database

EACH = 3
"""A rebuild is killed before every so manieth statement."""


def dying(database: Database) -> Judge[Protocol]:
    """Return what judges, but end any process other than the first."""
    if multiprocessing.parent_process() is not None:
        os.kill(os.getpid(), signal.SIGKILL)
    return judge_for(database)


def rebuild_until(home: Path, fatal: int, *, twin: bool) -> bool:
    """Rebuild in a fork, killed before a statement; return whether it lived."""

    def work(_: writers.Pipe) -> None:
        if twin:
            swapping.swap = _swap_piecemeal
        with ward.opened(home) as service:
            writers.die_before(service, fatal)
            service.rebuild()

    process, end = writers.forked(work)
    _, status = os.waitpid(process, 0)
    os.close(end)
    return not os.WIFSIGNALED(status)


_swap = swapping.swap


def _swap_piecemeal(conn: Any, models: Any) -> None:
    conn.connection.dbapi_connection.execute("COMMIT")
    _swap(conn, models)


def kill_rebuilds(folder: Path, twin: bool) -> tuple[int, list[str]]:
    """Kill rebuilds until one lives or something is wrong; return how many, and what it was."""
    ward.make(folder / "template")
    kills, found = 0, list[str]()
    while not found:
        home = Path(shutil.copytree(folder / "template", folder / f"home {kills}"))
        lived = rebuild_until(home, 1 + kills * EACH, twin=twin)
        try:
            found += disagreements(home)
        except TrackerError as error:
            found.append(error.message)
        if lived:
            break
        kills += 1
    return kills, found
