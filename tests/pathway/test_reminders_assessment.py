"""Reminders of the first hours: the pattern, the wound, the start of conservative management."""

import pytest

from tests.pathway.histories import all_of, at, correct, owes, reminder, status, void

SUSPECTED = at("2026-02-02 08:00", "leak-suspected", id="suspicion")
ORTHOSTATIC = at("2026-02-02 09:00", "headache-assessed", id="posture", posture="orthostatic")


@pytest.mark.reminder("pattern-assessment")
def test_a_suspicion_without_posture_asks_for_the_pattern():
    """Leak suspected before any posture was found: ask at once, from the suspicion."""
    found = reminder(status(SUSPECTED, "2026-02-02 08:00"), "pattern-assessment")
    assert (found.anchor, found.opens_at, found.due_at) == (
        "suspicion",
        SUSPECTED[0].occurred_at,
        SUSPECTED[0].occurred_at,
    )


@pytest.mark.reminder("pattern-assessment")
def test_a_posture_settles_the_pattern():
    """A posture other than unknown answers it, late where it came after the suspicion."""
    found = reminder(status(SUSPECTED + ORTHOSTATIC, "2026-02-02 10:00"), "pattern-assessment")
    assert (found.status, found.settled_by) == ("done-late", "posture")


@pytest.mark.reminder("pattern-assessment")
def test_a_posture_at_the_instant_of_the_suspicion_is_in_time():
    """Due at once: the same instant is not late."""
    history = SUSPECTED + at("2026-02-02 08:00", "headache-assessed", posture="orthostatic")
    assert all_of(status(history, "2026-02-02 08:00"), "pattern-assessment") == ["done"]


@pytest.mark.reminder("pattern-assessment")
def test_a_first_finding_with_posture_asks_nothing():
    """Where the pattern is known from the start there is nothing to determine."""
    assert all_of(status(ORTHOSTATIC, "2026-02-02 10:00"), "pattern-assessment") == []


@pytest.mark.reminder("pattern-assessment")
def test_an_unknown_posture_settles_nothing():
    """Unknown never counts as an answer."""
    history = SUSPECTED + at("2026-02-02 09:00", "headache-assessed", posture="unknown")
    assert owes(status(history, "2026-02-02 10:00"))["pattern-assessment"] == "overdue"


@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        ("headache-assessed", {}),
        ("headache-assessed", {"posture": "unknown"}),
        ("symptoms-recorded", {"present": ["headache"]}),
        ("review-completed", {"review": "early", "outcome": "persistent"}),
        ("review-completed", {"review": "early", "outcome": "worse"}),
        ("treatment-outcome-recorded", {"outcome": "none"}),
    ],
)
@pytest.mark.reminder("pattern-assessment")
def test_a_later_report_without_posture_asks_again(topic, fields):
    """Each headache report or outcome without known posture asks for the pattern anew."""
    history = ORTHOSTATIC + at("2026-02-04 09:00", topic, id="later", **fields)
    found = reminder(status(history, "2026-02-04 09:00"), "pattern-assessment")
    assert (found.anchor, found.status) == ("later", "open")


@pytest.mark.parametrize("outcome", ["partial", "complete", "unknown"])
@pytest.mark.reminder("pattern-assessment")
def test_an_outcome_that_tells_enough_asks_nothing(outcome):
    """Better, well or not recorded: section 3 asks for no pattern."""
    history = ORTHOSTATIC + at("2026-02-04 09:00", "treatment-outcome-recorded", outcome=outcome)
    assert "pattern-assessment" not in owes(status(history, "2026-02-04 10:00"))


@pytest.mark.reminder("wound-examination")
def test_an_examination_settles_the_wound():
    """Within 24 h of the suspicion it is done."""
    history = SUSPECTED + at("2026-02-03 07:00", "wound-examined", drainage="none")
    assert all_of(status(history, "2026-02-04 08:00"), "wound-examination") == ["done"]


@pytest.mark.reminder("wound-examination")
def test_an_examination_before_the_suspicion_settles_nothing():
    """What was seen before a leak was suspected was not looked for."""
    history = at("2026-02-02 07:00", "wound-examined", drainage="none") + SUSPECTED
    assert owes(status(history, "2026-02-02 09:00"))["wound-examination"] == "open"


@pytest.mark.reminder("wound-examination")
def test_an_examination_that_raises_the_suspicion_settles_itself():
    """Clear drainage makes a leak suspected, by an examination that has been done."""
    history = at("2026-02-02 07:00", "wound-examined", drainage="clear")
    assert all_of(status(history, "2026-02-02 07:00"), "wound-examination") == ["done"]


@pytest.mark.reminder("conservative-start")
def test_conservative_management_is_asked_for_at_the_suspicion():
    """Leak suspected and the clock C missing."""
    assert owes(status(SUSPECTED, "2026-02-02 08:00"))["conservative-start"] == "open"


@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        ("conservative-management-started", {}),
        ("bed-rest-started", {}),
        ("medication-given", {"drug_class": "caffeine"}),
        ("blood-patch-performed", {}),
        ("headache-assessed", {"posture": "none"}),
        ("rebound-headache-diagnosed", {}),
    ],
)
@pytest.mark.reminder("conservative-start")
def test_what_settles_the_start_of_conservative_management(topic, fields):
    """Management started (also inferred), an intervention, a resolution or rebound."""
    history = SUSPECTED + at("2026-02-02 12:00", topic, id="settling", **fields)
    found = reminder(status(history, "2026-02-02 13:00"), "conservative-start")
    assert (found.status, found.settled_by) == ("done-late", "settling")


@pytest.mark.parametrize("first", ["conservative-management-started", "blood-patch-performed"])
@pytest.mark.reminder("conservative-start")
def test_nothing_is_asked_where_management_or_an_intervention_came_first(first):
    """The clock C is known, or an intervention has been done."""
    history = at("2026-02-02 07:00", first) + SUSPECTED
    assert all_of(status(history, "2026-02-02 09:00"), "conservative-start") == []


@pytest.mark.reminder("conservative-start")
def test_a_headache_that_returns_after_remission_asks_anew():
    """After a documented remission C is unknown until management is started anew (A4)."""
    history = (
        at("2026-02-02 07:00", "conservative-management-started")
        + ORTHOSTATIC
        + at("2026-02-05 09:00", "headache-assessed", posture="none")
        + at("2026-02-07 09:00", "headache-assessed", id="back", posture="orthostatic")
    )
    found = reminder(status(history, "2026-02-07 09:00"), "conservative-start")
    assert (found.anchor, found.status) == ("back", "open")


@pytest.mark.reminder("pattern-assessment")
def test_correcting_the_posture_to_unknown_asks_again():
    """The settling event no longer answers, so the original window is back."""
    history = SUSPECTED + ORTHOSTATIC + correct("2026-02-02 12:00", "posture", posture="unknown")
    found = reminder(status(history, "2026-02-02 13:00"), "pattern-assessment")
    assert (found.anchor, found.status) == ("suspicion", "overdue")


@pytest.mark.reminder("wound-examination")
def test_voiding_the_suspicion_leaves_nothing_owed():
    """The anchor was entered in error: its reminders go with it."""
    history = SUSPECTED + void("2026-02-02 12:00", "suspicion")
    assert owes(status(history, "2026-02-02 13:00")) == {}


@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        ("review-completed", {"review": "early", "outcome": "resolved"}),
        ("symptoms-recorded", {"absent": ["headache"]}),
    ],
)
@pytest.mark.reminder("pattern-assessment")
def test_a_resolution_without_posture_leaves_no_pattern_to_determine(topic, fields):
    """There is no headache of which it could be asked: cancelled, with the reason."""
    headache = at("2026-02-02 08:00", "headache-assessed", posture="unknown")
    found = reminder(
        status(headache + at("2026-02-03 08:00", topic, **fields), "2026-02-03 09:00"),
        "pattern-assessment",
    )
    assert (found.status, found.reason) == ("cancelled", "resolved")
