"""The patch decision: at C + 72 h, and again after a refusal."""

import pytest

from tests.pathway.histories import (
    SECOND,
    all_of,
    at,
    correct,
    owes,
    reminder,
    rules,
    status,
    void,
    when,
)
from tracker.pathway import builtin_protocol, parse_protocol

pytestmark = pytest.mark.reminder("patch-decision")

KIND = "patch-decision"
BEGUN = at("2026-02-02 08:00", "headache-assessed", id="first", posture="orthostatic") + at(
    "2026-02-02 08:00", "conservative-management-started", id="c"
)
DUE = "2026-02-05 08:00"


def decline(time, **fields):
    """Return a refusal of the patch."""
    return at(time, "blood-patch-declined", id="declined", **fields)


def headache(time, posture="orthostatic", **fields):
    """Return a headache assessed at a later time."""
    return at(time, "headache-assessed", id=f"headache {time}", posture=posture, **fields)


def test_it_runs_from_conservative_management():
    """C + 72 h, and rests on the start of management and on the leak."""
    found = reminder(status(BEGUN, "2026-02-03 08:00"), KIND)
    assert (found.anchor, found.opens_at, found.due_at) == ("c", when(DUE), when(DUE))
    assert set(found.because) == {"c", "first"}


def test_an_embargo_does_not_move_it():
    """A dural breach shortly before leaves the decision where it is (A2)."""
    history = BEGUN + at("2026-02-04 08:00", "dural-puncture-recorded")
    assert reminder(status(history, "2026-02-04 09:00"), KIND).opens_at == when(DUE)


def test_without_symptoms_there_is_nothing_to_decide():
    """Management without a headache asks for no patch."""
    history = at("2026-02-02 08:00", "conservative-management-started")
    assert KIND not in owes(status(history, DUE))


def test_grace_moves_the_due_time_and_not_the_opening():
    """A site's grace of 6 h: open for that long, then overdue."""
    text = (
        'base = "csf-leak-post-spine-surgery@1"\nid = "site"\nversion = "1"\ntitle = "Site"\n'
        "[settings]\npatch_decision_grace_hours = 6\n"
    )
    protocol = parse_protocol(text, builtin_protocol)
    late = when(DUE).replace(hour=14)
    assert owes(status(BEGUN, DUE, protocol=protocol))[KIND] == "open"
    assert owes(status(BEGUN, late, protocol=protocol))[KIND] == "open"
    assert owes(status(BEGUN, late + SECOND, protocol=protocol))[KIND] == "overdue"


def test_an_inferred_clock_yields_to_an_explicit_start():
    """Bed rest infers C; the explicit start that follows holds."""
    rest = at("2026-02-02 10:00", "bed-rest-started", id="rest")
    explicit = at("2026-02-02 20:00", "conservative-management-started", id="explicit")
    history = headache("2026-02-02 08:00") + rest
    assert reminder(status(history, "2026-02-02 12:00"), KIND).anchor == "rest"
    found = status(history + explicit, "2026-02-02 21:00")
    assert reminder(found, KIND).opens_at == when("2026-02-05 20:00")
    assert all_of(found, KIND) == ["superseded", "scheduled"]


@pytest.mark.parametrize(
    "topic",
    [
        "blood-patch-performed",
        "targeted-patch-performed",
        "embolization-performed",
        "surgical-repair-performed",
    ],
)
def test_any_intervention_settles_it(topic):
    """Also before it opened."""
    history = BEGUN + at("2026-02-04 09:00", topic)
    assert all_of(status(history, "2026-02-06 08:00"), KIND) == ["done"]


@pytest.mark.parametrize("topic", ["csf-drainage-performed", "aspiration-performed"])
def test_drainage_is_no_intervention(topic):
    """Lumbar drainage (A7) and an aspiration without patch settle nothing."""
    assert owes(status(BEGUN + at("2026-02-04 09:00", topic), DUE))[KIND] == "open"


def test_resolution_settles_it():
    """Nothing is left to decide."""
    history = BEGUN + headache("2026-02-05 07:00", "none")
    assert all_of(status(history, "2026-02-06 08:00"), KIND) == ["done"]


def test_an_earlier_refusal_is_a_fact_and_settles_nothing():
    """Declined before the opening: it opens all the same."""
    assert owes(status(BEGUN + decline("2026-02-04 08:00"), DUE))[KIND] == "open"


def test_a_refusal_after_opening_settles_it_until_the_next_orthostatic_finding():
    """The patient still has symptoms, so the question comes back with the next such finding."""
    history = BEGUN + decline("2026-02-05 10:00")
    assert all_of(status(history, "2026-02-05 12:00"), KIND) == ["done-late"]
    again = status(history + headache("2026-02-06 08:00"), "2026-02-06 08:00")
    assert all_of(again, KIND) == ["done-late", "open"]
    assert reminder(again, KIND).opens_at == when("2026-02-06 08:00")


@pytest.mark.parametrize("posture", ["unknown", "non-positional"])
def test_after_a_refusal_another_headache_does_not_reopen_it(posture):
    """Only an orthostatic finding does."""
    history = BEGUN + decline("2026-02-05 10:00") + headache("2026-02-06 08:00", posture)
    assert KIND not in owes(status(history, "2026-02-06 09:00"))


def test_a_deferral_comes_back_when_planned():
    """The new decision opens at planned_for."""
    defer = at("2026-02-05 10:00", "blood-patch-deferred", planned_for="2026-02-07T09:00:00Z")
    found = reminder(status(BEGUN + defer, "2026-02-05 12:00"), KIND)
    assert (found.status, found.opens_at) == ("scheduled", when("2026-02-07 09:00"))


def test_an_orthostatic_finding_comes_before_the_plan():
    """Whichever is first: the finding opens it before planned_for."""
    defer = at("2026-02-05 10:00", "blood-patch-deferred", planned_for="2026-02-07T09:00:00Z")
    history = BEGUN + defer + headache("2026-02-06 08:00")
    assert reminder(status(history, "2026-02-06 08:00"), KIND).status == "open"
    assert all_of(status(history, "2026-02-06 08:00"), KIND) == ["done-late", "superseded", "open"]


def test_a_finding_after_the_plan_does_not_move_a_decision_that_is_overdue():
    """It opened at planned_for and keeps that window."""
    defer = at("2026-02-05 10:00", "blood-patch-deferred", planned_for="2026-02-07T09:00:00Z")
    found = reminder(status(BEGUN + defer + headache("2026-02-08 08:00"), "2026-02-08 09:00"), KIND)
    assert (found.status, found.opens_at) == ("overdue", when("2026-02-07 09:00"))


def test_rebound_suspends_it_and_the_leak_brings_it_back():
    """Its window is the same when it comes back."""
    rebound = BEGUN + headache("2026-02-04 08:00", "reverse-orthostatic")
    assert all_of(status(rebound, "2026-02-05 12:00"), KIND) == ["suspended"]
    back = reminder(status(rebound + headache("2026-02-06 08:00"), "2026-02-06 08:00"), KIND)
    assert (back.status, back.opens_at) == ("overdue", when(DUE))


def test_improvement_leaves_it_owed_though_no_delay_is_alerted():
    """Improved is symptomatic still; only the alert is held (section 3)."""
    found = status(BEGUN + headache("2026-02-04 08:00", trend="improved"), "2026-02-05 09:00")
    assert owes(found)[KIND] == "overdue"
    assert "patch-delayed" not in rules(found)


def test_a_waived_decision_stays_waived():
    """Who waived it with a reason is not asked again by the next headache."""
    waiver = at("2026-02-04 08:00", "reminder-waived", reminder=KIND, reason="patient's wish")
    found = status(BEGUN + waiver + headache("2026-02-06 08:00"), "2026-02-06 09:00")
    assert all_of(found, KIND) == ["waived"]
    assert reminder(found, KIND).reason == "patient's wish"


def test_correcting_the_start_of_management_moves_the_window():
    """One reminder with the corrected window, not two."""
    moved = correct("2026-02-03 08:00", "c", occurred_at="2026-02-02T06:00:00Z")
    found = status(BEGUN + moved, "2026-02-03 09:00")
    assert all_of(found, KIND) == ["scheduled"]
    assert reminder(found, KIND).opens_at == when("2026-02-05 06:00")


@pytest.mark.parametrize("topic", ["blood-patch-performed", "blood-patch-declined"])
def test_voiding_what_settled_it_reopens_it(topic):
    """The original window is back, overdue by now."""
    history = BEGUN + at("2026-02-05 10:00", topic, id="wrong") + void("2026-02-05 20:00", "wrong")
    assert all_of(status(history, "2026-02-05 19:00", "2026-02-05 19:00"), KIND) == ["done-late"]
    found = reminder(status(history, "2026-02-05 20:00"), KIND)
    assert (found.status, found.due_at) == ("overdue", when(DUE))


def test_after_remission_it_waits_for_management_to_start_anew():
    """A returning headache makes C unknown; the new start gives the new window (A4)."""
    history = BEGUN + headache("2026-02-03 08:00", "none") + headache("2026-02-10 08:00")
    assert KIND not in owes(status(history, "2026-02-10 09:00"))
    anew = history + at("2026-02-10 10:00", "conservative-management-started")
    assert reminder(status(anew, "2026-02-10 11:00"), KIND).opens_at == when("2026-02-13 10:00")
