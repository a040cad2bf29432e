"""Any number of schedulers, however they end: every reminder is issued exactly once."""

from pathlib import Path

from tests.faults import settings
from tests.faults.apart import apart
from tests.faults.ticking import TWIN, tick_by_many


def test_each_reminder_is_issued_once(tmp_path: Path) -> None:
    """Four schedulers at once, some killed, issue every owed reminder once and no other."""
    killed, problems = apart(tick_by_many, tmp_path, settings.REMINDERS, settings.SEED)
    assert problems == []
    assert killed > 10


def test_twin_that_issues_again_is_caught(tmp_path: Path) -> None:
    """A tick that does not look at what was issued sends reminders twice, and it shows."""
    _, problems = apart(tick_by_many, tmp_path, 200, settings.SEED, TWIN)
    assert any(problem.startswith("issued ") for problem in problems)
