"""What reading costs before it begins: nothing heavy is imported for a list."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.store.recording import opening, saying
from tracker.service import Service

READ = """
import datetime, pathlib, sys
from tracker.config import Location
home, url = pathlib.Path(sys.argv[1]), (sys.argv[2:] or [None])[0]
from tracker.service import Service
now = lambda: datetime.datetime(2026, 2, 10, 8, tzinfo=datetime.UTC)
with Service.open(Location(home, url), now) as service:
    [row] = service.worklist().rows
    {more}
print(*sys.modules, sep="\\n")
"""
HEAVY = ("alembic", "apscheduler", "eventsourcing", "multiprocessing", "rich")


def imported(service: Service, more: str) -> set[str]:
    """Return the modules of a process that read the worklist."""
    where = service.database.location
    arguments = [str(where.home), *filter(None, [where.database_url])]
    code = READ.replace("{more}", more)
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", code, *arguments]
    found = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    return set(found.stdout.splitlines())


@pytest.mark.parametrize("more", ["pass", "service.history(service.resolve('case-1').uuid)"])
def test_reading_imports_nothing_heavy(service: Service, more: str) -> None:
    """A list and a history need neither migrations nor the framework that appends."""
    service.append(None, saying(opening()))
    assert imported(service, more).isdisjoint(HEAVY)


def test_a_fresh_list_needs_no_rules(service: Service) -> None:
    """The pathway is imported when an episode has to be evaluated, and not before."""
    service.append(None, saying(opening()))
    assert "tracker.pathway" not in imported(service, "pass")
    assert "tracker.pathway" in imported(service, "service.status(service.resolve('case-1').uuid)")
