"""Whether what a database holds stands up: its log by the chain, its read models by the log."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection

from projections import writer
from tracker import access
from tracker.errors import AuditError
from tracker.service import Service
from tracker.store import log
from tracker.store.chain import Broken, first_broken
from tracker.store.database import Database

Step = Callable[[int], None]
Progress = Callable[[int | None, str], AbstractContextManager[Step]]
"""Shows how far something is: told how much there is of what, it gives what counts it."""
_TOLD = 1_000
"""Rows between two steps of progress."""


class Head(NamedTuple):
    """The end of a log."""

    position: int
    hash: bytes


def check_log(database: Database, name: str, progress: Progress) -> Head:
    """Check both chains, of events and of looks, and return the end of the log.

    `name` is what a message calls the database. Raises AuditError naming the first position that
    is wrong.
    """
    with database.reading() as conn:
        head, looks = Head(*log.head(conn)), Head(*access.head(conn))
        with progress(head.position + looks.position, "rows checked") as step:
            found = first_broken(_counted(log.links(conn), step))
            _refuse_broken(f"{name}: ", found, head, log.end(conn)[0])
            found = access.first_broken(_counted(access.links(conn), step))
            _refuse_broken(f"{name}: access log: ", found, looks, access.end(conn)[0])
    return head


def _refuse_broken(name: str, broken: Broken | None, head: Head, end: int) -> None:
    hint = "take an earlier backup, and find out what changed this one"
    if broken is not None:
        raise AuditError(f"{name}position {broken.position}: {broken.reason}", hint)
    if end > head.position:
        raise AuditError(
            f"{name}positions {head.position + 1} to {end} are gone from its end", hint
        )


_T = TypeVar("_T")


def _counted(links: Iterable[_T], step: Step) -> Iterator[_T]:
    for number, link in enumerate(links, 1):
        yield link
        if number % _TOLD == 0:
            step(_TOLD)


def hash_at(conn: Connection, position: int) -> bytes | None:
    """Return the hash of the event at a position, None if there is none."""
    return next((link.hash for link in log.links(conn, position - 1, 1)), None)


def mend_lists(service: Service, progress: Progress) -> int | None:
    """Compare the read models with what the log gives; build them anew if they differ.

    Returns in how many places they differed; None: they were of another version, so that nothing
    could be compared.
    """
    with service.database.reading() as conn:
        version, _ = writer.state(conn)
    total, found = service.projections().episodes, None
    if version == service.projections().expected_version:
        with progress(total, "episodes compared") as step:
            found = len(service.verify(step))
    if found != 0:
        with progress(total, "episodes rebuilt") as step:
            service.rebuild(step)
    return found
