"""Recording until there is no room left, at every place where the room can run out."""

import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy import event, text

from tests.faults import ward
from tests.faults.agreement import disagreements
from tracker.appending import Appender
from tracker.errors import StoreError
from tracker.events import data_from
from tracker.service import Service
from tracker.step import Step

MOST = 400
"""Recordings after which the room must have run out."""


def leave_room(service: Service, pages: int) -> None:
    """Let the database grow by so many pages and no further."""
    with service.database.reading() as conn:
        most = conn.execute(text("PRAGMA page_count")).scalar_one() + pages
    event.listen(
        service.database.engine,
        "connect",
        lambda raw, _: raw.execute(f"PRAGMA max_page_count={most}"),
    )
    service.database.engine.dispose()


def fill(service: Service, what: Callable[[Service, int], object]) -> tuple[list[str], list[str]]:
    """Record until that fails; return the ids acknowledged, and what was wrong about it."""
    done: list[str] = []
    for number in range(MOST):
        try:
            what(service, number)
        except StoreError as error:
            told = f"{error.message}; {error.hint}"
            return done, [] if "full" in told and "free some space" in told else [told]
        done.append(f"n{number}")
    return done, ["the room never ran out"]


def record_long_note(service: Service, number: int) -> None:
    """Record a fact that takes room in the log."""
    uuid = next(service.all_episodes()).uuid
    data = data_from("headache-assessed", {"note": "x" * 1500, "severity_nrs": 3.0})
    service.append(uuid, ward.Fact(service, f"n{number}", data, number / 10))


def open_episode(service: Service, number: int) -> None:
    """Open an episode, which takes room in the rows above all."""
    service.append(None, ward.Opening(service, f"n{number}"))


def filled(ward_home: Path, home: Path, pages: int, what: Callable[[Service, int], object]) -> str:
    """Fill a copy of a home with so much room; return what is wrong with it afterwards."""
    shutil.copytree(ward_home, home)
    with ward.opened(home) as service:
        leave_room(service, pages)
        acknowledged, found = fill(service, what)
    found += disagreements(home, acknowledged, parked=MOST)
    with ward.opened(home) as service:
        service.catch_up()
    return "; ".join(found + disagreements(home, acknowledged))


_write = Appender._write


def careless(self: Appender, steps: Sequence[Step], beside: None) -> None:
    """Write events and rows, and go on when there is no room for them."""
    with suppress(StoreError):
        _write(self, steps, beside)
