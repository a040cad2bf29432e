"""A clock that was ahead and is set right: what it said too early is said again in its time."""

import datetime
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.faults import ward
from tracker.audit.discrepancy import Tolerance
from tracker.audit.reconciling import of_all, question
from tracker.config import Location
from tracker.judging import judge_for
from tracker.reminders import issuer, righting
from tracker.reminders.clocks import ClockError
from tracker.reminders.issuer import AGAIN
from tracker.reminders.tick import Ticked, tick
from tracker.service import Service
from tracker.store import silences

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
JUMPS = [DAY, 5 * DAY, 365 * DAY]
WEEK = [ward.NOW + n * 4 * HOUR for n in range(1, 6 * 6)]
Said = dict[tuple[str, str], datetime.datetime]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with one patient, who lies in bed since now."""
    with ward.opened(tmp_path / "home", create=True) as service:
        uuid = ward.add(service, [1])[0]
        topic, fields = ward.FACTS[3]
        service.append(uuid, ward.Fact(service, "rest", ward.data_from(topic, dict(fields)), 0))
    return tmp_path / "home"


def ticked(home: Path, now: datetime.datetime, *, trust: bool = False) -> Ticked:
    """Tick once; nothing may fail or stay due."""
    with Service.open(Location(home, None), lambda: now) as service:
        done = tick(service, now, trust_clock=trust)
    assert (done.failed, done.still_due) == ([], 0)
    return done


def said(home: Path, ticks: Iterable[datetime.datetime]) -> Said:
    """Tick at these times; return when each phase of each kind was said."""
    found: Said = {}
    now = ward.NOW
    with Service.open(Location(home, None), lambda: now) as service:
        for now in ticks:
            for told in tick(service, now).issued:
                assert (told.kind, told.phase) not in found, "said twice"
                found[told.kind, told.phase] = now
    return found


def ahead(home: Path, jump: datetime.timedelta) -> None:
    """Tick once by a clock that is ahead, and then by the right one, which is said to be right."""
    assert ticked(home, ward.NOW + jump).issued
    with pytest.raises(ClockError):
        ticked(home, WEEK[0])
    ticked(home, WEEK[0], trust=True)


def with_and_without(home: Path, jump: datetime.timedelta, other: Path) -> tuple[Said, Said]:
    """Return what is said in a week after a clock was ahead, and what if it never was."""
    ticked(home, ward.NOW)
    shutil.copytree(home, other)
    ahead(home, jump)
    ticked(other, WEEK[0])
    return said(home, WEEK[1:]), said(other, WEEK[1:])


@pytest.mark.parametrize("jump", JUMPS)
def test_what_was_said_too_early_is_said_in_its_time(home: Path, tmp_path: Path, jump) -> None:
    """Each phase is said once and when it would have been, had the clock always been right."""
    found, right = with_and_without(home, jump, tmp_path / "other")
    assert found == right
    assert ("patch-decision", "overdue") in found


@pytest.mark.parametrize("jump", JUMPS[1:])
def test_twin_with_nothing_taken_back_it_is_lost(
    home: Path, tmp_path: Path, jump, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were what is on record believed, whatever time it has, nobody would be told again."""
    monkeypatch.setattr(issuer, "mistimed", lambda *_: [])
    monkeypatch.setattr(righting, "misjudged", lambda *_, **__: iter(()))
    found, right = with_and_without(home, jump, tmp_path / "other")
    assert ("patch-decision", "overdue") in right
    assert ("patch-decision", "overdue") not in found


@pytest.mark.parametrize("jump", JUMPS[1:])
def test_it_is_said_after_an_outage_too(home: Path, jump) -> None:
    """Also when nobody ticks until the time has come that the wrong clock had shown."""
    ahead(home, jump)
    late = ticked(home, ward.NOW + jump + DAY)
    assert "patch-decision" in {told.kind for told in late.issued}


def test_it_says_that_it_may_have_been_told_before(home: Path) -> None:
    """The reason of what is issued again names the clock that was ahead."""
    ahead(home, 5 * DAY)
    said(home, WEEK[1:])
    with ward.opened(home) as service:
        (ref,) = service.all_episodes()
        again = [e.data for e in service.history(ref.uuid) if AGAIN in str(e.data)]
    assert "patch-decision" in {data.kind for data in again}


def test_it_is_enough_to_say_once_that_the_clock_is_right(home: Path) -> None:
    """For all the time that the other one was ahead; not if one goes ahead once more."""
    ahead(home, 365 * DAY)
    said(home, WEEK[1:3])
    ticked(home, ward.NOW + 30 * DAY)
    with pytest.raises(ClockError):
        ticked(home, WEEK[3])
    ticked(home, WEEK[3], trust=True)
    assert ("patch-decision", "overdue") in said(home, WEEK[4:])


def test_a_clock_that_goes_back_behind_that_is_refused(home: Path) -> None:
    """It was right then, so an earlier time is wrong."""
    ahead(home, 365 * DAY)
    with pytest.raises(ClockError):
        ticked(home, WEEK[0] - HOUR / 2)


@pytest.mark.parametrize("as_known", [True, False])
def test_looking_back_finds_nothing_missing(home: Path, *, as_known: bool) -> None:
    """What was said in its time is found, and no silence is left of the wrong clock's ticks."""
    ticked(home, ward.NOW)
    ahead(home, 5 * DAY)
    said(home, WEEK[1:])
    with Service.open(Location(home, None), lambda: WEEK[-1]) as service:
        tolerance = Tolerance(issue=5 * HOUR)
        asked = question(service.database, WEEK[-1], as_known=as_known, tolerance=tolerance)
        answers = list(of_all(service.database, judge_for, asked))
    found = [f for answer in answers for one in answer.found for f in one.findings]
    left = [f for f in found if f.how != "not-delivered" and f.reason != "late-entry"]
    assert left == []


def test_it_stays_on_record_when_nobody_ticked(home: Path) -> None:
    """The stretch that only the wrong clock saw is none; what was before it is remembered."""
    ticked(home, ward.NOW)
    ahead(home, 5 * DAY)
    late = ward.NOW + 9 * DAY
    with (
        Service.open(Location(home, None), lambda: late) as service,
        service.database.reading() as c,
    ):
        found = [(one.since, one.until) for one in silences.silences(c, late)]
    assert found == [(None, ward.NOW), (ward.NOW, WEEK[0]), (WEEK[0], late)]


def test_a_fact_of_the_wrong_clock_is_heeded_when_its_time_comes(home: Path) -> None:
    """What a person recorded by it is kept, and reminded of from the time that it has."""
    later = ward.NOW + 5 * DAY
    with Service.open(Location(home, None), lambda: later) as service:
        (ref,) = service.all_episodes()
        meta = ward.episode.Meta(now=later, actor="ward", id="patch")
        data = ward.data_from("blood-patch-performed", {})
        judge = service.judge
        service.append(ref.uuid, lambda h: ward.episode.record(
            h, data, meta, judge=lambda known: judge.status(known, later)))  # fmt: skip
    ticked(home, WEEK[0], trust=True)
    assert "early-review" in {told.kind for told in ticked(home, later + 2 * DAY).issued}
