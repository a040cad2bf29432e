"""Whenever a scheduler ticks, it issues what one that never sleeps would have issued."""

import datetime
from collections.abc import Callable, Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pathway.histories import at
from tests.pathway.observing import LONG, Observer, naive, perfect, sleepy
from tests.pathway.strategies import as_recorded, facts, histories, instants
from tests.pathway.test_properties import found_out
from tracker.events import Recorded
from tracker.pathway import phases
from tracker.pathway.phases import unsaid

HOUR, SECOND = datetime.timedelta(hours=1), datetime.timedelta(seconds=1)
KINDS = ("early-review", "patch-decision", "complication-review", "imaging", "wound-examination")
SOME = settings(max_examples=settings.default.max_examples // 5)
"""Each of them ticks through two months."""
Case = tuple[list[Recorded], list[datetime.datetime]]
"""A history, and instants at which a scheduler ticks."""
Run = Callable[[Sequence[Recorded], Iterable[datetime.datetime]], Observer]


@st.composite
def _minded(draw: st.DrawFn, amended: bool = True) -> list[Recorded]:
    """Return a history in which people also snooze and acknowledge what is owed."""
    history = draw(histories()) if amended else as_recorded(draw(facts()))
    for number in range(draw(st.integers(0, 4))):
        now = draw(instants(history)) + datetime.timedelta(milliseconds=number + 1)
        if draw(st.booleans()):
            until = now + HOUR * draw(st.integers(1, 100))
            fields = {"topic": "reminder-snoozed", "until": until.isoformat()}
        else:
            fields = {"topic": "reminder-acknowledged"}
        kind = draw(st.sampled_from(KINDS))
        history += at(now, **fields, id=f"minded{number}", reminder=kind)
    return as_recorded(history)


@st.composite
def _awake(draw: st.DrawFn, amended: bool = True) -> Case:
    """Return a history and some instants."""
    history = draw(_minded(amended))
    return history, draw(st.lists(instants(history), max_size=12))


def _further_ticks_add_nothing(run: Run, case: Case) -> None:
    history, awake = case
    once = [event.id for event in run(history, ()).issued]
    assert len(once) == len(set(once))
    assert once == [event.id for event in perfect(history, awake).issued]


@SOME
@given(_awake())
def test_to_tick_more_often_than_asked_issues_nothing_more(case):
    """The next action misses nothing, no tick issues twice, and each leaves nothing to do."""
    _further_ticks_add_nothing(perfect, case)


def test_a_scheduler_that_is_asked_back_late_is_found_out():
    """One that ticks a second after the next action issues other keys: levels run from later."""

    def late(history, _):
        known = perfect(history)
        return sleepy(history, [event.recorded_at + SECOND for event in known.issued])

    assert found_out(lambda case: _further_ticks_add_nothing(late, case), _awake())


def _said(observer: Observer) -> set[tuple[str, str]]:
    return {key for key in observer.covered if not key[1].startswith(phases.ESCALATED)}


def _sleep_loses_nothing(run: Run, case: Case) -> None:
    history, awake = case
    before = [event.recorded_at - datetime.timedelta(microseconds=1) for event in history]
    never, now_and_then = perfect(history), run(history, [*awake, *before])
    assert _said(now_and_then) == _said(never)
    assert now_and_then.covered <= never.covered


@SOME
@given(_awake(amended=False))
def test_random_ticks_issue_what_a_perfect_observer_does(case):
    """What was owed while nothing new was recorded is issued, or stood for by what came later.

    Levels run from when overdue was said: there are none that the observer did not climb.
    """
    _sleep_loses_nothing(sleepy, case)


def test_random_ticks_that_forget_what_they_stand_for_are_found_out():
    """Without what later phases stand for, the sets differ."""

    def forgetful(history, awake):
        observer = sleepy(history, awake)
        observer.covered = {(e.data.reminder, e.data.phase or "") for e in observer.issued}
        return observer

    assert found_out(lambda case: _sleep_loses_nothing(forgetful, case), _awake(amended=False))


def _left_unsaid(observer: Observer, now: datetime.datetime) -> dict[str, list[str]]:
    return {
        reminder.id: [p.name for p in unsaid(reminder) if not p.name.startswith(phases.ESCALATED)]
        for reminder in observer.status(now).reminders
        if reminder.live
    }


@SOME
@given(_awake())
def test_in_the_end_the_same_is_said_whatever_was_corrected(case):
    """However seldom it ticked, what is still to be said is what is still to come."""
    history, awake = case
    end = history[-1].recorded_at + LONG
    assert _left_unsaid(sleepy(history, awake), end) == _left_unsaid(perfect(history), end)


def _agrees_with_naive_reasoning(run: Run, history: Sequence[Recorded]) -> None:
    start, end = history[0].recorded_at, history[-1].recorded_at + LONG
    grid = [start + HOUR * 6 * n for n in range((end - start) // (HOUR * 6) + 1)]
    expected = naive(history, [*grid, end])
    found = run(history, grid).covered
    assert {key for key in found if key[1] != phases.RENEWED} == expected


@st.composite
def _plain(draw: st.DrawFn) -> list[Recorded]:
    history = [e for e in draw(facts()) if not e.topic.startswith("reminder-")]
    return as_recorded(history)


@SOME
@given(_plain())
def test_ticks_on_a_grid_agree_with_naive_reasoning(history):
    """Looking at every reminder every six hours, and comparing times by hand, finds the same."""
    _agrees_with_naive_reasoning(sleepy, history)


@pytest.mark.parametrize("phase", ["open", "overdue", "escalated-1"])
def test_a_scheduler_that_forgets_a_phase_is_found_out(phase):
    """Naive reasoning misses it."""
    history = at("2026-02-02 08:00", "blood-patch-performed", id="patch")

    def forgetful(history, grid):
        observer = sleepy(history, grid)
        observer.covered = {key for key in observer.covered if key[1] != phase}
        return observer

    with pytest.raises(AssertionError):
        _agrees_with_naive_reasoning(forgetful, history)
