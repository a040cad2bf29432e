"""The tracker of the scheduler's tests: a patched patient; and a record to audit."""

from pathlib import Path

import pytest

from tests.audit.records import Record, make_record
from tests.scheduler.conftest import Tracker, clock, patched, tracker

__all__ = ["Tracker", "clock", "patched", "tracker"]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Return a record; it is not to be hurt."""
    return make_record(tmp_path_factory.mktemp("record"), 30)


@pytest.fixture
def record(original: Record, tmp_path: Path) -> Record:
    """Return a record to hurt."""
    return original.copied(tmp_path / "home")
