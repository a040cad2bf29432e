"""The library's own test cases for recorders, run on ours with every backend."""

import threading
from collections.abc import Iterator
from unittest import TestCase

import pytest
from eventsourcing.tests import persistence as library

from tracker.store.database import Database
from tracker.store.recorder import EpisodeRecorder, LogRecorder

CASES = (
    (library.AggregateRecorderTestCase, EpisodeRecorder),
    (library.ApplicationRecorderTestCase, LogRecorder),
    (library.NonInterleavingNotificationIDsBaseCase, LogRecorder),
)


def _cases() -> Iterator[object]:
    for case, recorder in CASES:
        for name in sorted(n for n in dir(case) if n.startswith("test")):
            yield pytest.param(case, recorder, name, id=f"{case.__name__}-{name}")


@pytest.mark.parametrize(("case", "recorder", "name"), list(_cases()))
def test_the_library_accepts_the_recorder(
    database: Database, case: type[TestCase], recorder: type[EpisodeRecorder], name: str
) -> None:
    """What the library asks of a recorder holds for ours."""
    ours = type("Ours", (case,), {"create_recorder": lambda self: recorder(database)})
    before = set(threading.enumerate())
    ours(name).debug()
    for reader in set(threading.enumerate()) - before:  # which the library tells to stop, no more
        reader.join(30)
