"""Both verifiers on one record: what each finds, in a form in which they can be compared."""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from scripts import verify_audit as independent
from tests.audit.records import KEY, silent
from tracker.audit.bundle.check import verify as verify_bundle
from tracker.audit.checkpoint import Signed
from tracker.audit.note import PublicKey
from tracker.audit.verify import part_of, verify
from tracker.config import Location
from tracker.errors import StoreError
from tracker.store.database import open_database

Found = tuple[str, int | None, str]


class Verdict(NamedTuple):
    """What a verifier says: faults and remarks by part, position and code."""

    faults: list[Found]
    remarks: list[Found]

    @property
    def stands(self) -> bool:
        """Whether it found nothing."""
        return not self.faults


UNREADABLE = Verdict([("source", None, "unreadable")], [])


def found_in(some: Iterable[Any]) -> list[Found]:
    """Return part, position and code of faults or remarks, in an order that both have."""
    return sorted(((f[0], f[1], f[2]) for f in some), key=repr)


def ours(home: Path, checkpoints: Sequence[Signed] = (), *bounds: int | None) -> Verdict:
    """Return what `audit verify` finds in a data directory."""
    first, last = bounds or (None, None)
    try:
        with open_database(Location(home, None)) as database:
            part = part_of(database, first, last)
            report = verify(database, part, checkpoints, silent)
    except StoreError:
        return UNREADABLE
    return Verdict(found_in(report.faults), found_in(report.remarks))


def theirs(home: Path, checkpoints: Sequence[Signed] = (), *bounds: int | None) -> Verdict:
    """Return what the independent verifier finds."""
    first, last = bounds or (None, None)
    try:
        found = independent.verify_database(str(home), own(checkpoints), first or 1, last)
    except (independent.UnreadableError, sqlite3.Error):
        return UNREADABLE
    return Verdict(*map(found_in, found[:2]))


def own(checkpoints: Sequence[Signed]) -> list[independent.Checkpoint]:
    """Return checkpoints as the independent verifier reads them."""
    return [
        independent.read_checkpoint(s.name, s.note, [their_key(KEY.public)]) for s in checkpoints
    ]


def their_key(key: PublicKey) -> independent.PublicKey:
    """Return a key as the independent verifier reads it."""
    found = independent.read_key(str(key))
    assert found is not None
    return found


def agreed(home: Path, checkpoints: Sequence[Signed] = (), *bounds: int | None) -> Verdict:
    """Return what both find; they must find the same."""
    one, other = ours(home, checkpoints, *bounds), theirs(home, checkpoints, *bounds)
    assert one == other
    return one


def agreed_on_bundle(
    folder: Path, keys: Sequence[PublicKey] = (), outside: Sequence[Signed] = ()
) -> Verdict:
    """Return what both find in a bundle; they must find the same."""
    report = verify_bundle(folder, keys, outside)
    one = Verdict(found_in(report.faults), found_in(report.remarks))
    found = independent.verify_bundle(folder, [their_key(key) for key in keys], own(outside))
    other = Verdict(*map(found_in, found[:2]))
    assert one == other
    return one
