"""Readings where the guideline is silent, by their numbers, as far as reminders rest on them."""

import pytest

from tests.pathway.histories import SECOND, all_of, at, owes, reminder, rules, status, when
from tracker.pathway import builtin_protocol, parse_protocol

START = "2026-02-02 08:00"
LEAK = at(START, "headache-assessed", posture="orthostatic")
MANAGED = at(START, "conservative-management-started")
PATCH = at(START, "blood-patch-performed", id="patch")
DECISION = when("2026-02-05 08:00")


def site(settings):
    """Return the protocol of a site that changes some settings."""
    head = 'base = "csf-leak-post-spine-surgery@1"\nid = "site"\nversion = "1"\ntitle = "Site"\n'
    return parse_protocol(f"{head}[settings]\n{settings}\n", builtin_protocol)


@pytest.mark.reminder("patch-decision")
def test_a1_the_decision_runs_from_management_not_from_surgery_or_headache():
    """72 h run from C."""
    history = (
        at("2026-02-01 08:00", "surgery-performed")
        + LEAK
        + at("2026-02-02 20:00", "conservative-management-started")
    )
    assert reminder(status(history, "2026-02-03"), "patch-decision").opens_at == when(
        "2026-02-05 20:00"
    )


@pytest.mark.reminder("patch-decision")
@pytest.mark.rule("patch-delayed")
def test_a2_the_embargo_holds_the_alert_and_not_the_reminder():
    """48 h from D outrank the 72 h: overdue, but nobody is blamed before the embargo ends."""
    history = LEAK + MANAGED + at("2026-02-04 20:00", "dural-puncture-recorded")
    held = status(history, "2026-02-06 19:59:59")
    assert owes(held)["patch-decision"] == "overdue"
    assert "patch-delayed" not in rules(held)
    assert "patch-delayed" in rules(status(history, "2026-02-06 20:00:00"))


@pytest.mark.reminder("conservative-start")
def test_a4_without_a_remission_a_later_start_does_not_restart_the_clock():
    """Management started again in the same episode of headache leaves C where it was."""
    again = at("2026-02-04 08:00", "conservative-management-started", id="again")
    found = reminder(status(LEAK + MANAGED + again, "2026-02-04 09:00"), "patch-decision")
    assert found.opens_at == DECISION


@pytest.mark.reminder("late-review")
def test_a4_after_an_intervention_a_remission_restarts_no_clock():
    """C restarts before the first patch only: a headache that returns after one asks for no C."""
    history = (
        LEAK
        + MANAGED
        + at("2026-02-05 08:00", "blood-patch-performed")
        + at("2026-02-06 08:00", "headache-assessed", posture="none")
        + at("2026-02-09 08:00", "headache-assessed", posture="orthostatic")
    )
    assert "conservative-start" not in owes(status(history, "2026-02-09 09:00"))


@pytest.mark.rule("patch-delayed")
@pytest.mark.reminder("patch-decision")
def test_a6_the_reminder_comes_at_72_hours_and_the_alert_after_the_grace():
    """Open at C + 72 h; the alert a moment after 72 h and the grace."""
    protocol = site("patch_decision_grace_hours = 4")
    grace = DECISION.replace(hour=12)
    assert owes(status(LEAK + MANAGED, DECISION, protocol=protocol))["patch-decision"] == "open"
    assert "patch-delayed" not in rules(status(LEAK + MANAGED, grace, protocol=protocol))
    assert "patch-delayed" in rules(status(LEAK + MANAGED, grace + SECOND, protocol=protocol))


@pytest.mark.reminder("early-review")
def test_a7_a_site_may_count_drainage_as_an_intervention():
    """By default lumbar drainage is none."""
    history = at(START, "csf-drainage-performed")
    counted = site("csf_drainage_is_intervention = true")
    assert "early-review" not in owes(status(history, START))
    assert owes(status(history, START, protocol=counted))["early-review"] == "scheduled"


@pytest.mark.reminder("early-review")
def test_a7_other_procedures_are_no_interventions():
    """Brain surgery is not directed at the leak."""
    history = at(START, "other-procedure-performed", procedure="craniotomy")
    assert "early-review" not in owes(status(history, START))


@pytest.mark.stage("persistent")
@pytest.mark.reminder("imaging")
def test_a13_persistent_follows_the_first_intervention_and_referral_the_second():
    """The first asks for imaging alone."""
    leak = at("2026-02-03 07:00", "headache-assessed", posture="orthostatic")
    found = status(PATCH + leak, "2026-02-03 08:00")
    assert found.stage == "persistent"
    assert "imaging" in owes(found)
    assert "specialist-referral" not in owes(found)


@pytest.mark.reminder("observation-end")
def test_a19_after_the_day_of_observation_it_is_overdue_not_over():
    """2 h is the minimum; 24 h is when its end is to be recorded."""
    found = status(PATCH, "2026-02-03 08:00:01")
    assert owes(found)["observation-end"] == "overdue"


@pytest.mark.reminder("observation-end")
def test_another_patch_is_observed_anew():
    """The observation of the first one is superseded."""
    history = PATCH + at("2026-02-02 14:00", "blood-patch-performed")
    assert all_of(status(history, "2026-02-02 15:00"), "observation-end") == [
        "superseded",
        "scheduled",
    ]


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        ({"posture": "orthostatic"}, ["suspended"]),
        ({"posture": "unknown"}, ["suspended"]),
        ({"posture": "orthostatic", "trend": "improved"}, ["scheduled"]),
        ({"posture": "none"}, ["scheduled"]),
        ({"posture": "reverse-orthostatic"}, ["scheduled"]),
    ],
)
@pytest.mark.reminder("activity-restrictions")
def test_a22_success_is_provisional(finding, expected):
    """Taken for granted from the intervention on, until a finding says it failed."""
    history = PATCH + at("2026-02-03 20:00", "headache-assessed", **finding)
    assert all_of(status(history, "2026-02-04 08:00"), "activity-restrictions") == expected


@pytest.mark.parametrize("posture", ["unknown", "non-positional"])
@pytest.mark.reminder("patch-decision")
def test_a_headache_of_unknown_pattern_is_symptomatic(posture):
    """The decision is owed after any headache, whatever its pattern."""
    history = MANAGED + at(START, "headache-assessed", posture=posture)
    assert owes(status(history, DECISION))["patch-decision"] == "open"
