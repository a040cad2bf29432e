"""A tick on a database puts on record what a scheduler that only thinks does, at the same time."""

import datetime
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pathway.observing import LONG, sleepy
from tests.pathway.strategies import histories, instants
from tests.pathway.test_properties import found_out
from tracker import judging
from tracker.channels.settings import Site
from tracker.config import Location
from tracker.events import NewEvent, Recorded
from tracker.events.ledger import ReminderIssued, ReminderSkipped
from tracker.pathway.issuing import next_action_at
from tracker.reminders.issuer import ACTOR
from tracker.reminders.tick import tick
from tracker.service import Service

START = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
SOME = settings(max_examples=settings.default.max_examples // 10)
"""Each of them makes a database and ticks through a month or more."""
Case = tuple[list[Recorded], list[datetime.datetime]]
Key = tuple[str | None, str | None, datetime.datetime]
"""Reminder, phase, and when it was put on record."""


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Return a history with late entries, corrections and voidings, and when somebody ticks."""
    history = draw(histories())
    return history, draw(st.lists(instants(history), max_size=8))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with nothing in it, to be copied."""
    home = tmp_path_factory.mktemp("empty")
    Service.open(Location(home, None), lambda: START, create=True).close()
    return home


@dataclass
class Ward:
    """A database to which people record, and a scheduler that ticks on it."""

    service: Service
    arriving: list[Recorded]
    episode: UUID | None = None

    def tick(self, now: datetime.datetime, site: Site) -> None:
        """Record what people have recorded by now, and tick."""
        while self.arriving and self.arriving[0].recorded_at <= now:
            said = [_new(self.arriving.pop(0))]
            self.episode = self.service.append(self.episode, lambda _, s=said: s).episode.uuid
        done = tick(self.service, now, site=site, trust_clock=True)
        assert (done.failed, done.still_due) == ([], 0)

    def ledger(self) -> Iterator[Key]:
        """Yield what the scheduler put on record."""
        assert self.episode is not None
        for event in self.service.history(self.episode):
            if event.actor == ACTOR:
                yield _key(event)


def _new(event: Recorded) -> NewEvent:
    names = NewEvent.__struct_fields__
    return NewEvent(**{name: getattr(event, name) for name in names})


def _key(event: Recorded) -> Key:
    assert isinstance(event.data, ReminderIssued | ReminderSkipped)
    return event.data.reminder, event.data.phase, event.recorded_at


def _agrees_with_thinking(empty: Path, case: Case) -> None:
    history, awake = case
    start, end = history[0].recorded_at, history[-1].recorded_at + LONG
    now = start
    with tempfile.TemporaryDirectory() as folder:
        home = Path(shutil.copytree(empty, folder, dirs_exist_ok=True))
        site = Site(directory=home, time_zone="UTC")
        with Service.open(Location(home, None), lambda: now, durability="OFF") as service:
            ward = Ward(service, list(history))
            for now in sorted({*awake, end}):
                if start <= now <= end:
                    ward.tick(now, site)
            found = sorted(ward.ledger(), key=str)
    assert found == sorted(map(_key, sleepy(history, awake).issued), key=str)


@SOME
@given(case=cases())
def test_ticks_on_a_database_issue_what_thinking_does(empty: Path, case: Case) -> None:
    """No row hides what is owed, nothing comes twice, and no tick leaves anything to the next."""
    _agrees_with_thinking(empty, case)


def test_rows_that_ask_back_too_late_are_found_out(empty: Path, monkeypatch) -> None:
    """What is due later than it is owed is missed."""

    def late(status):
        at = next_action_at(status)
        return at and at + datetime.timedelta(hours=1)

    monkeypatch.setattr(judging, "next_action_at", late)
    assert found_out(lambda case: _agrees_with_thinking(empty, case), cases())
