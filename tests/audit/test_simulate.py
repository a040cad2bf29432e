"""What another protocol would change of an episode."""

import datetime
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.audit.reminded import any_facts, judge
from tests.pathway.histories import Recorded, at, in_order, opened, when
from tests.pathway.strategies import instants
from tests.pathway.test_properties import found_out
from tracker.audit.simulate import Difference, simulate
from tracker.history import timeline
from tracker.pathway import Protocol, Status, builtin_protocol, evaluate, parse_protocol

BASE = 'base = "csf-leak-post-spine-surgery@1"\nversion = "9"\ntitle = "Draft"\n'
SOME = settings(max_examples=settings.default.max_examples // 4)


def draft(text: str) -> Protocol:
    """Return a draft that changes what the text says."""
    return parse_protocol(f"{BASE}{text}", builtin_protocol)


LATER = draft("[settings]\nearly_review_due_hours = 72\nfailed_patch_hours = 30\n")
EARLIER = draft("[settings]\npatch_decision_hours = 48\n")
MILDER = draft('[rules.patch-too-early]\nseverity = "info"\n')

PATCHED = in_order(
    [
        *opened("UTC", "2026-02-01 07:00"),
        *at("2026-02-01 08:00", "surgery-performed", id="op"),
        *at("2026-02-02 08:00", "headache-assessed", id="head", posture="orthostatic"),
        *at("2026-02-02 08:00", "conservative-management-started", id="care"),
        *at("2026-02-02 20:00", "blood-patch-performed", id="patch"),
    ]
)
WAITING = PATCHED[:-1]


def told(
    history: Sequence[Recorded], protocol: Protocol, now: str, since: str | None = None
) -> dict[tuple[str, str], Difference]:
    """Return what differs, by its name and how."""
    start = None if since is None else when(since)
    found = simulate(history, judge, protocol, when(now), start)
    return {(difference.name, difference.how): difference for difference in found}


def test_a_protocol_that_says_the_same_changes_nothing() -> None:
    """Neither now nor ever."""
    same = draft("")
    assert told(PATCHED, same, "2026-03-01 00:00", since="2026-02-01 00:00") == {}


def test_a_later_due_time_moves_the_reminder() -> None:
    """Only what differs of the window is told."""
    moved = told(PATCHED, LATER, "2026-02-03 21:00")["early-review", "moved"]
    assert (moved.before, moved.after) == ("due 2026-02-04 20:00Z", "due 2026-02-05 20:00Z")


def test_what_is_overdue_by_one_is_open_by_the_other() -> None:
    """Status and alert differ."""
    found = told(PATCHED, LATER, "2026-02-05 10:00")
    status = found["early-review", "changed"]
    assert (status.before, status.after) == ("overdue", "open")
    assert found["follow-up-overdue", "removed"].after is None


def test_another_stage_is_told() -> None:
    """By the draft the time for a patch has come."""
    stage = told(WAITING, EARLIER, "2026-02-04 10:00")["stage", "changed"]
    assert (stage.before, stage.after) == ("conservative", "patch-due")


def test_another_severity_is_told() -> None:
    """The alert is there by both."""
    alert = told(PATCHED, MILDER, "2026-02-03 08:00")["patch-too-early", "changed"]
    assert (alert.before, alert.after) == ("warning", "info")


def test_what_differed_only_then_is_told_with_since() -> None:
    """From when it did, and that it does not now."""
    now, since = "2026-02-05 10:00", "2026-02-02 00:00"
    assert ("stage", "changed") not in told(WAITING, EARLIER, now)
    stage = told(WAITING, EARLIER, now, since)["stage", "changed"]
    assert (stage.at, stage.now) == (when("2026-02-04 08:00"), False)


def test_what_ended_before_is_not_told() -> None:
    """Since then nothing differed."""
    found = told(WAITING, EARLIER, "2026-02-06 10:00", "2026-02-05 10:00")
    assert ("stage", "changed") not in found


def naive(one: Status, other: Status) -> bool:
    """Whether two statuses differ in their stage, in what is owed or in what is raised."""

    def seen(status: Status) -> object:
        owed = {(r.id, r.status, r.opens_at, r.due_at) for r in status.reminders if r.live}
        raised = {(a.id, a.severity) for a in status.alerts if a.active}
        return status.stage, status.urgent, owed, raised

    return seen(one) != seen(other)


Simulation = Callable[..., list[Difference]]
Case = tuple[list[Recorded], datetime.datetime, datetime.datetime, datetime.datetime]


def _looked_at(facts: list[Recorded]) -> st.SearchStrategy[Case]:
    three = st.lists(instants(facts), min_size=3, max_size=3).map(sorted)
    return three.map(lambda times: (facts, *times))


_CASES = any_facts().flatmap(_looked_at)


def _nothing_is_missed(simulation: Simulation, case: Case) -> None:
    facts, since, then, now = case
    found = simulation(facts, judge, LATER, now, since)
    other = evaluate(timeline(facts), LATER, then)
    if naive(judge(facts, then), other):
        assert any(difference.at <= then for difference in found)
    assert naive(judge(facts, now), evaluate(timeline(facts), LATER, now)) <= any(
        difference.now for difference in found
    )


@SOME
@given(_CASES)
def test_whenever_the_two_differ_it_is_told(case: Case) -> None:
    """At any instant since then, compared by hand."""
    _nothing_is_missed(simulate, case)


def test_one_that_looks_only_at_now_is_found_out() -> None:
    """What differed before is missed by it."""

    def shortsighted(facts, judge, protocol, now, _since):
        return simulate(facts, judge, protocol, now)

    assert found_out(lambda case: _nothing_is_missed(shortsighted, case), _CASES)


@pytest.mark.parametrize("since", [None, "2026-02-01 07:00"])
def test_the_history_is_left_as_it_is(since: str | None) -> None:
    """Asking changes nothing."""
    before = list(PATCHED)
    told(PATCHED, LATER, "2026-02-05 10:00", since)
    assert before == PATCHED
