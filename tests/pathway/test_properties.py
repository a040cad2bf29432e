"""What holds of every history, whatever happened in it. Each check has a twin that breaks it."""

import copy
import datetime
import random
from collections.abc import Callable, Sequence

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.pathway.histories import MICROSECOND, in_order
from tests.pathway.observing import issues, to_do
from tests.pathway.prefix import standing
from tests.pathway.strategies import amendments, facts, instants, looks
from tracker.events import Recorded
from tracker.history import timeline
from tracker.pathway import Status, builtin_protocol, evaluate
from tracker.pathway.issuing import next_action_at

Look = tuple[list[Recorded], datetime.datetime]
Judge = Callable[[Sequence[Recorded], datetime.datetime], Status]
Line = Callable[..., Sequence[Recorded]]
PROTOCOL = builtin_protocol()
SITE = msgspec.structs.replace(
    PROTOCOL,
    settings=msgspec.structs.replace(
        PROTOCOL.settings,
        patch_earliest_hours=50,
        patch_decision_grace_hours=5,
        failed_patch_hours=13,
        early_review_opens_hours=20,
        early_review_due_hours=55,
        intermediate_review_opens_days=9,
        observation_min_hours=3,
        observation_max_hours=17,
        bed_rest_max_hours=61,
    ),
)
"""A site of which no two windows open or close together."""
AGES_AGO = datetime.datetime.min.replace(tzinfo=datetime.UTC)
AHEAD = [datetime.timedelta(hours=1), datetime.timedelta(days=3), datetime.timedelta(days=400)]


def judged(line: Sequence[Recorded], now: datetime.datetime) -> Status:
    """Evaluate a timeline at `now`."""
    return evaluate(line, PROTOCOL, now)


def judged_at_site(line: Sequence[Recorded], now: datetime.datetime) -> Status:
    """Evaluate a timeline by the protocol of the site."""
    return evaluate(line, SITE, now)


def answer(status: Status) -> Status:
    """Return what a status says, apart from when it was asked for and until when it holds."""
    return msgspec.structs.replace(status, at=AGES_AGO, changes_at=None, arises_at=None)


def found_out(check: Callable[..., None], *examples: st.SearchStrategy[object]) -> bool:
    """Whether a check of something broken fails, as it must."""
    run = settings(phases=[Phase.generate], max_examples=500)(given(*examples)(check))
    with pytest.raises(AssertionError):
        run()
    return True


@st.composite
def _arrivals(draw: st.DrawFn) -> tuple[list[Recorded], list[Recorded], datetime.datetime]:
    """Return one history in two orders of arrival; amendments come after what they amend."""
    events = draw(facts())
    amended = draw(amendments(events))
    one = in_order([*events, *amended])
    other = in_order([*draw(st.permutations(events)), *amended])
    return one, other, draw(instants(one))


def _arrival(line: Line, case: tuple[list[Recorded], list[Recorded], datetime.datetime]) -> None:
    one, other, now = case
    assert judged(line(one, at=now), now) == judged(line(other, at=now), now)


@given(_arrivals())
def test_any_order_of_arrival_gives_the_same_status(case):
    """Late entry gives the same final state as timely entry (section 5)."""
    _arrival(timeline, case)


def test_the_order_of_arrival_would_show_in_a_timeline_in_recorded_order():
    """A timeline that keeps recorded order is found out."""

    def as_recorded(history, at):
        return sorted(timeline(history, at=at), key=lambda e: e.version)

    assert found_out(lambda case: _arrival(as_recorded, case), _arrivals())


def _prefix(line: Line, history: list[Recorded], now: datetime.datetime, known: object) -> None:
    expected = judged(timeline(standing(history, now, known)), now)
    assert judged(line(history, at=now, known_at=known), now) == expected


@st.composite
def _looks_back(draw: st.DrawFn) -> tuple[list[Recorded], datetime.datetime, datetime.datetime]:
    history, now = draw(looks(ties=draw(st.booleans())))
    known = draw(st.sampled_from([e.recorded_at for e in history]) | instants(history))
    return history, now, known


@given(_looks_back())
def test_looking_back_equals_what_a_naive_prefix_says(case):
    """How it was at T by what was known at K: only what stood then, and nothing else."""
    _prefix(timeline, *case)


def test_a_timeline_that_ignores_amendments_is_found_out():
    """Without corrections and voidings the naive prefix says something else."""

    def unamended(history, at, known_at):
        facts_alone = [e for e in history if e.topic not in ("event-corrected", "event-voided")]
        return timeline(facts_alone, at=at, known_at=known_at)

    assert found_out(lambda case: _prefix(unamended, *case), _looks_back())


@given(_looks_back())
def test_events_after_now_are_ignored(case):
    """Evaluating a whole timeline at T equals evaluating what had occurred by T."""
    history, now, _ = case
    assert judged(timeline(history), now) == judged(timeline(history, at=now), now)


def _constant_until_it_changes(judge: Judge, look: Look, chance: random.Random) -> None:
    history, now = look
    line = timeline(history, at=now)
    status = judge(line, now)
    if status.changes_at is None:
        probes = [now + step for step in AHEAD]
    else:
        assert status.changes_at > now
        assert answer(judge(line, status.changes_at)) != answer(status)
        wide = (status.changes_at - now) // MICROSECOND
        probes = [now + MICROSECOND * chance.randrange(wide) for _ in range(3)]
        probes.append(status.changes_at - MICROSECOND)
    for probe in probes:
        assert answer(judge(line, probe)) == answer(status), probe


@pytest.mark.parametrize("judge", [judged, judged_at_site])
@given(looks(), st.randoms(use_true_random=False))
def test_the_status_is_constant_until_it_changes(judge, look, chance):
    """changes_at is the next instant at which the answer differs without a new event."""
    _constant_until_it_changes(judge, look, chance)


@pytest.mark.parametrize("off", [-MICROSECOND, MICROSECOND])
def test_a_change_announced_early_or_late_is_found_out(off):
    """One microsecond to either side is noticed."""

    def shifted(line, now):
        status = judged(line, now)
        changes = status.changes_at and status.changes_at + off
        return msgspec.structs.replace(status, changes_at=changes)

    def check(look, chance):
        _constant_until_it_changes(shifted, look, chance)

    assert found_out(check, looks(), st.randoms(use_true_random=False))


def _after_a_tick(judge: Judge, look: Look) -> list[Recorded]:
    """Return the history once everything owed has been issued, and what is gone withdrawn."""
    history, now = look
    return in_order([*history, *issues(judge(timeline(history, at=now), now), now, history)])


def _announced(
    judge: Judge,
    announce: Callable[[Status], datetime.datetime | None],
    look: Look,
    chance: random.Random,
) -> None:
    now = look[1]
    line = timeline(_after_a_tick(judge, look), at=now)

    def asked(instant: datetime.datetime) -> list[object]:
        return to_do(judge(line, instant), instant)

    action = announce(judge(line, now))
    if action is None:
        probes = [now, *(now + step for step in AHEAD)]
    else:
        assert action > now
        assert asked(action)
        wide = (action - now) // MICROSECOND
        probes = [now, action - MICROSECOND, now + MICROSECOND * chance.randrange(wide)]
    for probe in probes:
        assert not asked(probe), probe


@pytest.mark.parametrize("judge", [judged, judged_at_site])
@given(looks(), st.randoms(use_true_random=False))
def test_the_next_action_is_when_something_is_owed(judge, look, chance):
    """Once all is issued, next_action_at is the first instant at which there is more to issue."""
    _announced(judge, next_action_at, look, chance)


@given(looks())
def test_what_is_owed_is_due_for_action(look):
    """Something is owed or to be withdrawn exactly when the next action is not in the future."""
    history, now = look
    status = judged(timeline(history, at=now), now)
    action = next_action_at(status)
    assert bool(to_do(status, now, history)) == (action is not None and action <= now)


def test_a_next_action_that_forgets_what_is_overdue_is_found_out():
    """Announcing openings alone leaves overdue reminders unissued."""

    def openings(status):
        return min((r.opens_at for r in status.reminders if r.status == "scheduled"), default=None)

    def check(look, chance):
        _announced(judged, openings, look, chance)

    assert found_out(check, looks(), st.randoms(use_true_random=False))


def _at_most_one(of: Callable[[Status], list[str]], look: Look) -> None:
    history, now = look
    names = of(judged(timeline(history, at=now), now))
    assert len(names) == len(set(names))


@given(looks())
def test_of_each_kind_at_most_one_reminder_is_live(look):
    """Scheduled, open or overdue: one of a kind at a time (section 5)."""
    _at_most_one(lambda status: [r.kind for r in status.reminders if r.live], look)


def test_two_of_a_kind_would_be_seen():
    """Counting the ended ones too, there are two of a kind."""
    assert found_out(
        lambda look: _at_most_one(lambda s: [r.kind for r in s.reminders], look), looks()
    )


@given(looks())
def test_ids_are_unique(look):
    """No two reminders and no two alerts share an id."""
    _at_most_one(lambda status: [r.id for r in status.reminders], look)
    _at_most_one(lambda status: [a.id for a in status.alerts], look)


def test_ids_by_rule_alone_would_clash():
    """Were the rule its id, two alerts would share one."""
    assert found_out(lambda look: _at_most_one(lambda s: [a.rule for a in s.alerts], look), looks())


def _something_to_do(judge: Judge, look: Look) -> None:
    history, now = look
    status = judge(timeline(history, at=now), now)
    died = any(e.topic == "patient-died" for e in timeline(history, at=now))
    if status.urgent or (status.leak in ("active", "improved", "rebound") and not died):
        assert any(step.text and step.owner and step.source for step in status.next_steps)


@given(looks())
def test_there_is_a_next_step_while_there_is_need(look):
    """While symptomatic, in rebound or urgent somebody owes the next assessment."""
    _something_to_do(judged, look)


def test_next_steps_of_urgent_episodes_alone_would_not_do():
    """Were only urgent episodes told what to do, a symptomatic patient could be left without."""

    def urgent_only(line, now):
        status = judged(line, now)
        return status if status.urgent else msgspec.structs.replace(status, next_steps=())

    assert found_out(lambda look: _something_to_do(urgent_only, look), looks())


def _pure(judge: Judge, look: Look) -> None:
    history, now = look
    line = timeline(history, at=now)
    before = copy.deepcopy(line)
    assert judge(line, now) == judge(line, now)
    assert line == before


@given(looks())
def test_evaluation_is_pure(look):
    """The same input gives the same answer and stays as it is."""
    _pure(judged, look)


def test_an_evaluation_that_uses_up_its_input_is_found_out():
    """A judge that drops an event from the list it was given is noticed."""

    def greedy(line, now):
        status = judged(line, now)
        line[:] = line[1:]
        return status

    assert found_out(lambda look: _pure(greedy, look), looks())
