"""A rebuild that dies leaves the live read models as they were."""

from pathlib import Path

import pytest

from projections.rebuild import Builder
from tests.faults import ward
from tests.faults.agreement import disagreements
from tests.faults.apart import apart
from tests.faults.rebuilding import dying, kill_rebuilds
from tracker.errors import StoreError


def test_worker_that_is_killed(home: Path) -> None:
    """A worker that the system ends is told of in words, and nothing has changed."""
    with ward.opened(home) as service:
        builder = Builder(service.database, dying, ward.clock, processes=2)
        with pytest.raises(StoreError, match="ended by the system"):
            builder.rebuild(lambda _: None)
    assert disagreements(home) == []


def test_rebuild_killed_at_its_statements(tmp_path: Path) -> None:
    """Killed before any of its statements, a rebuild leaves rows that are right and complete."""
    kills, found = apart(kill_rebuilds, tmp_path, False)
    assert found == []
    assert kills > 5


def test_twin_that_swaps_piecemeal_is_caught(tmp_path: Path) -> None:
    """Tables that are not swapped in one transaction can be found missing, and it shows."""
    assert apart(kill_rebuilds, tmp_path, True)[1]
