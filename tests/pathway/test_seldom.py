"""Courses that are seldom taken, and what must hold in them all the same."""

import pytest

from tests.pathway.histories import at, owes, status
from tests.pathway.leaking import LEAKING, finding, order, patch

MRI = {"modality": "MRI", "regions": ["brain", "complete-spine"], "contrast": True}
REMITTED = [*LEAKING, *finding("2026-02-02 08:00", posture="none")]


def reminder(events, now, kind):
    """Return the latest reminder of a kind."""
    return [r for r in status(events, now).reminders if r.kind == kind][-1]


def active(events, now, rule):
    """Return the active alerts of a rule."""
    return [a for a in status(events, now).alerts if a.rule == rule and a.active]


@pytest.mark.reminder("imaging")
def test_imaging_at_the_instant_of_failure_settles():
    """At or after the criterion: the scan done exactly 24 h after the patch counts."""
    line = [*LEAKING, *patch("2026-02-05 08:00")]
    line += finding("2026-02-05 12:00", posture="orthostatic")
    line += at("2026-02-06 08:00", "imaging-performed", **MRI)
    assert reminder(line, "2026-02-06 09:00", "imaging").status == "done"


@pytest.mark.reminder("complication-review")
def test_a_complication_review_is_anchored_on_the_event_that_raised_it():
    """Fever named first, headache known before: the report of the fever is the anchor."""
    line = [*LEAKING, *at("2026-02-02 08:00", "symptoms-recorded", id="f", present=["fever"])]
    assert reminder(line, "2026-02-02 09:00", "complication-review").anchor == "f"
    assert active(line, "2026-02-02 09:00", "meningitis-suspected")[0].because[-1] == "f"


@pytest.mark.reminder("patch-decision")
@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("treatment-outcome-recorded", {"outcome": "none"}),
        ("review-completed", {"review": "early", "outcome": "persistent"}),
        ("wound-examined", {"drainage": "clear"}),
    ],
)
def test_a_leak_that_returns_needs_a_new_start(topic, words):
    """After a remission the old clock does not judge what came back."""
    seen = status([*REMITTED, *at("2026-02-09 08:00", topic, **words)], "2026-02-09 09:00")
    assert "conservative-start" in owes(seen)
    assert "patch-decision" not in owes(seen)


@pytest.mark.reminder("late-review")
def test_reopening_an_excluded_episode_brings_back_what_was_owed():
    """Excluded by mistake: what was cancelled for it is owed again."""
    line = [*LEAKING, *patch("2026-02-05 08:00")]
    line += at("2026-02-05 10:00", "episode-closed", outcome="excluded")
    assert owes(status(line, "2026-02-05 11:00")) == {}
    line += at("2026-02-05 12:00", "episode-reopened")
    assert {"early-review", "late-review"} <= set(owes(status(line, "2026-02-05 13:00")))


@pytest.mark.leak
def test_headache_named_absent_once_more_after_a_patch_resolves():
    """It was present once, and after the patch it is said again that it is gone."""
    gone = {"absent": ["headache"]}
    line = [*LEAKING, *at("2026-02-02 08:00", "symptoms-recorded", **gone)]
    line += patch("2026-02-05 08:00")
    line += at("2026-02-06 08:00", "symptoms-recorded", **gone)
    assert status(line, "2026-02-06 09:00").leak == "resolved"


@pytest.mark.reminder("bed-rest-review")
def test_ending_another_measure_leaves_bed_rest():
    """Caffeine was stopped; the patient is still in bed."""
    line = at("2026-02-02 08:00", "conservative-management-started", measures=["bed-rest"])
    line += at("2026-02-03 08:00", "conservative-management-ended", measures=["caffeine"])
    assert "bed-rest-review" in owes(status(line, "2026-02-03 09:00"))


@pytest.mark.rule("patch-during-rebound")
def test_a_targeted_patch_carries_an_order_out():
    """What was ordered was done, if in another way: a later rebound finds nothing ordered."""
    line = [*LEAKING, *order("2026-02-05 08:00")]
    line += at("2026-02-05 10:00", "targeted-patch-performed", site="L4", guidance="ct")
    line += finding("2026-02-06 12:00", posture="reverse-orthostatic")
    assert active(line, "2026-02-06 13:00", "patch-during-rebound") == []


@pytest.mark.reminder("patch-decision")
def test_a_refusal_before_the_documented_start_is_forgotten_with_the_inferred_one():
    """The decision runs from the documented start; an orthostatic finding does not move it."""
    line = [*finding("2026-02-01 08:00", posture="orthostatic")]
    line += at("2026-02-01 09:00", "bed-rest-started")
    line += at("2026-02-04 10:00", "blood-patch-declined")
    line += at("2026-02-04 12:00", "conservative-management-started")
    line += finding("2026-02-04 14:00", posture="orthostatic")
    assert reminder(line, "2026-02-04 15:00", "patch-decision").status == "scheduled"


@pytest.mark.rule("csf-lowering-drug-in-active-leak")
def test_a_drug_is_stopped_under_another_name():
    """Diamox is acetazolamide."""
    line = [
        *LEAKING,
        *at(
            "2026-02-02 08:00",
            "medication-started",
            drug="Diamox",
            drug_class="carbonic-anhydrase-inhibitor",
        ),
        *at("2026-02-02 20:00", "medication-stopped", drug="acetazolamide"),
    ]
    assert active(line, "2026-02-02 21:00", "csf-lowering-drug-in-active-leak") == []


def test_the_figures_of_a_cohort_count_what_the_pathway_counts():
    """A possible duplicate is no second intervention and does not hide a remission."""
    line = [*LEAKING, *patch("2026-02-05 08:00")]
    line += at("2026-02-05 09:00", "blood-patch-performed", id="twice")
    line += finding("2026-02-06 08:00", posture="none")
    seen = status(line, "2026-02-07 08:00")
    assert (seen.interventions, seen.patches, seen.first_patch_remission) == (1, 1, True)
    assert (seen.had_rebound, seen.had_thrombosis) == (False, False)
