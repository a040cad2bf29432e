"""Reminders about rest: thromboprophylaxis, bed rest, the observation after a patch."""

import pytest

from tests.pathway.histories import all_of, at, owes, reminder, status, when

REST = at("2026-02-02 08:00", "bed-rest-started", id="rest")
PATCH = at("2026-02-02 08:00", "blood-patch-performed", id="patch")


@pytest.mark.parametrize("decision", ["given", "withheld"])
@pytest.mark.reminder("thromboprophylaxis-decision")
def test_a_decision_either_way_settles(decision):
    """To withhold it is a decision too."""
    history = REST + at("2026-02-02 20:00", "thromboprophylaxis-decided", decision=decision)
    assert all_of(status(history, "2026-02-03 08:00"), "thromboprophylaxis-decision") == ["done"]


@pytest.mark.reminder("thromboprophylaxis-decision")
def test_bed_rest_among_the_measures_counts():
    """Bed rest begins as an event of its own or among the measures."""
    history = at("2026-02-02 08:00", "conservative-management-started", measures=["bed-rest"])
    found = owes(status(history, "2026-02-02 08:00"))
    assert found["thromboprophylaxis-decision"] == "open"
    assert found["bed-rest-review"] == "scheduled"


@pytest.mark.reminder("thromboprophylaxis-decision")
def test_management_without_bed_rest_asks_for_no_prophylaxis():
    """Nobody is immobilized by hydration."""
    history = at("2026-02-02 08:00", "conservative-management-started", measures=["hydration"])
    found = owes(status(history, "2026-02-02 08:00"))
    assert "thromboprophylaxis-decision" not in found
    assert "bed-rest-review" not in found


@pytest.mark.parametrize(
    "topic", ["bed-rest-ended", "conservative-management-ended", "patient-mobilized"]
)
@pytest.mark.reminder("bed-rest-review")
def test_what_ends_bed_rest_settles_its_review(topic):
    """Bed rest or conservative management ended, or the patient got up."""
    history = REST + at("2026-02-04 08:00", topic)
    assert all_of(status(history, "2026-02-06 08:00"), "bed-rest-review") == ["done"]


@pytest.mark.parametrize("ending", ["bed-rest-ended", "patient-mobilized"])
@pytest.mark.reminder("bed-rest-review")
def test_bed_rest_begun_again_is_reviewed_again(ending):
    """A new start of bed rest has a review 72 h after it."""
    again = at("2026-02-04 10:00", "bed-rest-started", id="again")
    history = REST + at("2026-02-04 08:00", ending) + again
    found = reminder(status(history, "2026-02-04 12:00"), "bed-rest-review")
    assert (found.anchor, found.opens_at) == ("again", when("2026-02-07 10:00"))


@pytest.mark.reminder("bed-rest-review")
def test_bed_rest_recorded_twice_runs_from_the_first():
    """Who is already resting does not begin to rest."""
    history = REST + at("2026-02-03 08:00", "bed-rest-started")
    assert reminder(status(history, "2026-02-03 09:00"), "bed-rest-review").anchor == "rest"


@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        ("patient-mobilized", {}),
        ("patient-discharged", {}),
        ("position-changed", {"position": "upright"}),
        ("position-changed", {"position": "head-up"}),
        ("position-changed", {"position": "prone"}),
        ("position-changed", {"position": "lateral"}),
    ],
)
@pytest.mark.reminder("observation-end")
def test_what_ends_the_observation(topic, fields):
    """Mobilization, discharge, or a position other than supine or Trendelenburg."""
    history = PATCH + at("2026-02-02 11:00", topic, **fields)
    assert all_of(status(history, "2026-02-02 12:00"), "observation-end") == ["done"]


@pytest.mark.parametrize("position", ["supine", "trendelenburg", "unknown"])
@pytest.mark.reminder("observation-end")
def test_lying_down_goes_on_with_the_observation(position):
    """Recumbent, or not known, is not up."""
    history = PATCH + at("2026-02-02 11:00", "position-changed", position=position)
    assert owes(status(history, "2026-02-02 12:00"))["observation-end"] == "open"


@pytest.mark.reminder("observation-end")
def test_the_observation_counts_from_the_end_of_the_patch():
    """Two hours from ended_at, where it is given; due 24 h after P all the same."""
    history = at("2026-02-02 08:00", "blood-patch-performed", ended_at="2026-02-02T08:40:00Z")
    found = reminder(status(history, "2026-02-02 09:00"), "observation-end")
    assert found.opens_at == when("2026-02-02 10:40")
    assert found.due_at == when("2026-02-03 08:00")


@pytest.mark.parametrize("topic", ["embolization-performed", "surgical-repair-performed"])
@pytest.mark.reminder("observation-end")
def test_only_a_patch_is_observed(topic):
    """The clock P runs from patches alone."""
    assert "observation-end" not in owes(status(at("2026-02-02 08:00", topic), "2026-02-02 12:00"))


@pytest.mark.parametrize(
    ("topic", "fields"),
    [("targeted-patch-performed", {}), ("aspiration-performed", {"with_patch": True})],
)
@pytest.mark.reminder("observation-end")
def test_every_kind_of_patch_is_observed(topic, fields):
    """Targeted patches and aspirations with patch start the clock P too."""
    history = at("2026-02-02 08:00", topic, **fields)
    assert owes(status(history, "2026-02-02 12:00"))["observation-end"] == "open"
