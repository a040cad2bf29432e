"""Whether what a database holds stands up: its log by the chain, its read models by the log."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Literal, NamedTuple, TypeVar

from tracker import access
from tracker.audit.structure.check import faults
from tracker.encryption.opening import Locked
from tracker.errors import AuditError
from tracker.service import Service
from tracker.store import sequence
from tracker.store.chain import Broken, first_broken
from tracker.store.database import Database

Step = Callable[[int], None]
Progress = Callable[[int | None, str], AbstractContextManager[Step]]
"""Shows how far something is: told how much there is of what, it gives what counts it."""
_TOLD = 1_000
"""Rows between two steps of progress."""
_REFUSED = (
    "take an earlier backup, and find out what changed this one: a copy of it, named tracker.sqlite"
    " in a directory of its own, can be looked at and asked by tracker audit verify"
)


class Head(NamedTuple):
    """The end of a log."""

    position: int
    hash: bytes


def check_tables(database: Database, name: str) -> None:
    """Check that the tables of the logs are made as they are to be, and nothing is planted there.

    A trigger could swallow what is recorded from now on. `name` as below. Raises AuditError naming
    what is wrong.
    """
    with database.reading() as conn:
        found = faults(conn)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise AuditError(f"{name}: {found[0].text}{more}", _REFUSED)


def check_log(database: Database, name: str, progress: Progress) -> Head:
    """Check both chains, of events and of looks, and return the end of the log.

    `name` is what a message calls the database. Raises AuditError naming the first position that
    is wrong.
    """
    with database.reading() as conn:
        head, looks = Head(*sequence.head(conn)), Head(*access.head(conn))
        with progress(head.position + looks.position, "rows checked") as step:
            found = first_broken(_counted(sequence.links(conn), step))
            _refuse_broken(f"{name}: ", found, head, sequence.end(conn)[0])
            found = access.first_broken(_counted(access.links(conn), step))
            _refuse_broken(f"{name}: access log: ", found, looks, access.end(conn)[0])
    return head


def _refuse_broken(name: str, broken: Broken | None, head: Head, end: int) -> None:
    if broken is not None:
        raise AuditError(f"{name}position {broken.position}: {broken.reason}", _REFUSED)
    if end > head.position:
        raise AuditError(
            f"{name}positions {head.position + 1} to {end} are gone from its end", _REFUSED
        )


_T = TypeVar("_T")


def _counted(links: Iterable[_T], step: Step) -> Iterator[_T]:
    for number, link in enumerate(links, 1):
        yield link
        if number % _TOLD == 0:
            step(_TOLD)


class Lists(NamedTuple):
    """What became of the read models."""

    outcome: Literal["same", "rebuilt", "sealed"]
    """As the log says; built anew; or left as they are, since there are no keys to read it."""
    differences: int | None = None
    """Places in which they differed from the log; None: they could not be compared."""


def mend_lists(service: Service, progress: Progress) -> Lists:
    """Compare the read models with what the log gives; build them anew if they differ.

    Those of another version are built anew without being compared.
    """
    if isinstance(service.database.seals, Locked):
        return Lists("sealed")
    state, found = service.projections(), None
    if state.version == state.expected_version:
        with progress(state.episodes, "episodes compared") as step:
            found = len(service.verify(step))
    if found == 0:
        return Lists("same", found)
    with progress(state.episodes, "episodes rebuilt") as step:
        service.rebuild(step)
    return Lists("rebuilt", found)
