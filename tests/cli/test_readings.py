"""An episode is read and evaluated no more often than its answer needs."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import Tracker
from tracker import judging
from tracker.store import log


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often a history was read and evaluated."""
    counts = Counter[str]()

    def counting(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def count(*arguments: Any) -> Any:
            counts[name] += 1
            return call(*arguments)

        return count

    monkeypatch.setattr(judging, "evaluate", counting("evaluated", judging.evaluate))
    monkeypatch.setattr(log, "read_episode", counting("read", log.read_episode))
    return counts


@pytest.mark.parametrize("moment", [(), ("--at", "2026-03-04 12:00"), ("--known-at", "now")])
@pytest.mark.parametrize("view", ["show", "next", "timeline"])
def test_a_view_reads_once(
    episode: Tracker, counted: Counter[str], view: str, moment: tuple[str, ...]
) -> None:
    """One history, one evaluation, also when a time is read in the episode's zone."""
    counted.clear()
    episode.ok(view, "case-1", *moment)
    assert counted == {"read": 1, "evaluated": 1}


@pytest.mark.parametrize("when", [(), ("--at", "2026-03-04 12:00")])
def test_a_recording_is_evaluated_before_and_after(
    episode: Tracker, counted: Counter[str], when: tuple[str, ...]
) -> None:
    """The answer tells both; a time needs no third."""
    counted.clear()
    episode.ok("record", "bed-rest-started", "case-1", *when)
    assert counted == {"read": 1 + bool(when), "evaluated": 2}
