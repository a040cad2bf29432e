"""A writer that is killed loses nothing that it acknowledged and leaves nothing half done."""

from pathlib import Path

import pytest

from tests.faults import settings
from tests.faults.apart import apart
from tests.faults.killing import kill_at_each_statement, kill_writers
from tests.faults.writers import TWINS


def test_killed_writers_lose_nothing(tmp_path: Path) -> None:
    """However a writer is killed: acknowledged events, chain, head and rows all agree."""
    toll = apart(kill_writers, tmp_path, settings.KILLS, settings.SEED)
    assert toll.problems == []
    assert toll.kills == settings.KILLS
    assert min(toll.midway, toll.acknowledged) > settings.KILLS / 3


def test_killed_before_each_statement(tmp_path: Path) -> None:
    """Killed before any statement of a recording, all of it is there or nothing is."""
    toll = apart(kill_at_each_statement, tmp_path)
    assert toll.problems == []
    assert toll.kills > 20


@pytest.mark.parametrize("twin", TWINS)
def test_twin_that_records_wrongly_is_caught(twin: str, tmp_path: Path) -> None:
    """Rows in a transaction of their own, no transaction, or early acknowledgement: it shows."""
    assert apart(kill_writers, tmp_path, 200, settings.SEED, twin).problems
