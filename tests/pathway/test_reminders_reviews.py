"""Follow-up reviews and activity restrictions."""

import pytest

from tests.pathway.histories import all_of, at, correct, owes, reminder, rules, status, void, when

PATCH = at("2026-02-02 08:00", "blood-patch-performed", id="patch")
EARLY, INTERMEDIATE, LATE = "early-review", "intermediate-review", "late-review"
RESTRICTIONS = "activity-restrictions"
INTERVENTIONS = [
    ("blood-patch-performed", {}),
    ("targeted-patch-performed", {}),
    ("aspiration-performed", {"with_patch": True}),
    ("embolization-performed", {}),
    ("surgical-repair-performed", {}),
]


def review(time, kind, **fields):
    """Return a completed review."""
    return at(time, "review-completed", id=f"{kind} {time}", review=kind, **fields)


@pytest.mark.parametrize(("topic", "fields"), INTERVENTIONS)
@pytest.mark.reminder(EARLY)
def test_every_intervention_has_an_early_review(topic, fields):
    """I + 24 h, from any patch, embolization or repair."""
    history = at("2026-02-02 08:00", topic, id="act", **fields)
    found = reminder(status(history, "2026-02-02 09:00"), EARLY)
    assert (found.anchor, found.opens_at) == ("act", when("2026-02-03 08:00"))


@pytest.mark.parametrize(("topic", "fields"), INTERVENTIONS[3:])
@pytest.mark.reminder(INTERMEDIATE)
def test_only_a_patch_has_an_intermediate_review(topic, fields):
    """It runs from P."""
    assert INTERMEDIATE not in owes(
        status(at("2026-02-02 08:00", topic, **fields), "2026-02-02 09:00")
    )


@pytest.mark.parametrize("kind", ["intermediate", "late"])
@pytest.mark.reminder(EARLY)
def test_no_review_settles_another_kind(kind):
    """Only an early review settles the early review."""
    history = PATCH + review("2026-02-03 12:00", kind)
    assert owes(status(history, "2026-02-03 13:00"))[EARLY] == "open"


@pytest.mark.reminder(EARLY)
def test_a_review_before_the_opening_is_shown_and_settles_nothing():
    """It is kept beside the reminder."""
    history = PATCH + review("2026-02-03 07:00", "early")
    found = reminder(status(history, "2026-02-03 12:00"), EARLY)
    assert (found.status, found.too_early) == ("open", ("early 2026-02-03 07:00",))


@pytest.mark.reminder(EARLY)
@pytest.mark.reminder(LATE)
def test_a_later_intervention_restarts_the_reviews():
    """Those not done of the one before are superseded, the intermediate one too (A8)."""
    history = PATCH + at("2026-02-06 08:00", "blood-patch-performed", id="second")
    found = status(history, "2026-02-06 09:00")
    for kind in (EARLY, INTERMEDIATE, LATE, RESTRICTIONS):
        assert all_of(found, kind) == ["superseded", "scheduled"]
        assert reminder(found, kind).anchor == "second"


@pytest.mark.reminder(INTERMEDIATE)
def test_an_intervention_without_patch_ends_the_intermediate_review():
    """Superseded, and no new one runs from an embolization."""
    history = PATCH + at("2026-02-06 08:00", "embolization-performed")
    assert all_of(status(history, "2026-02-06 09:00"), INTERMEDIATE) == ["superseded"]


@pytest.mark.reminder(EARLY)
def test_a_review_that_is_done_stays_done_when_another_intervention_follows():
    """Only what is not done is superseded."""
    history = (
        PATCH
        + review("2026-02-03 12:00", "early")
        + at("2026-02-06 08:00", "blood-patch-performed")
    )
    assert all_of(status(history, "2026-02-06 09:00"), EARLY) == ["done", "scheduled"]


@pytest.mark.reminder(EARLY)
def test_a_review_after_the_next_intervention_does_not_settle_the_one_before():
    """It belongs to the reminder of its own intervention, for which it is too early here."""
    history = (
        PATCH
        + at("2026-02-03 12:00", "blood-patch-performed")
        + review("2026-02-03 20:00", "early")
    )
    found = status(history, "2026-02-03 21:00")
    assert all_of(found, EARLY) == ["superseded", "scheduled"]
    assert reminder(found, EARLY).too_early == ("early 2026-02-03 20:00",)


@pytest.mark.reminder(EARLY)
def test_a_review_at_the_instant_of_the_next_intervention_comes_before_it():
    """Of one instant findings take effect before interventions."""
    history = (
        PATCH
        + at("2026-02-03 12:00", "blood-patch-performed")
        + review("2026-02-03 12:00", "early")
    )
    assert all_of(status(history, "2026-02-03 13:00"), EARLY) == ["done", "scheduled"]


@pytest.mark.reminder(INTERMEDIATE)
def test_the_intermediate_review_lasts_to_the_end_of_the_local_day():
    """Ten days after P, until the end of the day fourteen days after it."""
    found = reminder(status(PATCH, "2026-02-02 09:00"), INTERMEDIATE)
    assert found.opens_at == when("2026-02-12 08:00")
    assert found.due_at == when("2026-02-16 23:59:59.999999")


@pytest.mark.reminder(LATE)
def test_the_late_review_runs_from_management_then_resolution_then_intervention():
    """The latest intervention, else R, else C."""
    history = at("2026-02-02 08:00", "conservative-management-started", id="c")
    resolved = history + at("2026-02-05 08:00", "headache-assessed", id="r", posture="none")
    patched = resolved + at("2026-02-09 08:00", "blood-patch-performed", id="i")
    anchors = [
        reminder(status(line, "2026-02-10 08:00"), LATE).anchor
        for line in (history, resolved, patched)
    ]
    assert anchors == ["c", "r", "i"]


@pytest.mark.reminder(LATE)
def test_a_resolution_after_an_intervention_does_not_move_the_late_review():
    """It runs from the intervention as long as there is one."""
    history = PATCH + at("2026-02-05 08:00", "headache-assessed", posture="none")
    assert reminder(status(history, "2026-02-06 08:00"), LATE).anchor == "patch"


@pytest.mark.parametrize("kind", ["early", "intermediate", "late"])
@pytest.mark.reminder(RESTRICTIONS)
def test_any_review_that_lifts_the_restrictions_settles_them(kind):
    """At or after 28 days."""
    history = PATCH + review("2026-03-05 08:00", kind, restrictions="lifted")
    assert all_of(status(history, "2026-03-06 08:00"), RESTRICTIONS) == ["done"]


@pytest.mark.reminder(RESTRICTIONS)
def test_a_review_that_continues_the_restrictions_leaves_them():
    """Seen, and not lifted."""
    history = PATCH + review("2026-03-05 08:00", "late", restrictions="continue")
    assert owes(status(history, "2026-03-06 08:00"))[RESTRICTIONS] == "open"


@pytest.mark.reminder(RESTRICTIONS)
def test_restrictions_rest_on_success_until_the_outcome_says_otherwise():
    """Success is provisional from the intervention (A22): suspended while it has failed."""
    failed = PATCH + at("2026-02-04 08:00", "headache-assessed", posture="orthostatic")
    assert all_of(status(PATCH, "2026-02-04 09:00"), RESTRICTIONS) == ["scheduled"]
    assert all_of(status(failed, "2026-02-04 09:00"), RESTRICTIONS) == ["suspended"]
    well = failed + at("2026-02-06 08:00", "headache-assessed", posture="none")
    assert all_of(status(well, "2026-02-06 09:00"), RESTRICTIONS) == ["scheduled"]


@pytest.mark.reminder(EARLY)
def test_correcting_the_patch_moves_its_windows():
    """One reminder of each kind, from the corrected time."""
    moved = correct("2026-02-02 20:00", "patch", occurred_at="2026-02-02T06:00:00Z")
    found = status(PATCH + moved, "2026-02-02 21:00")
    assert all_of(found, EARLY) == ["scheduled"]
    assert reminder(found, EARLY).opens_at == when("2026-02-03 06:00")


@pytest.mark.reminder(EARLY)
@pytest.mark.stage("patch-due")
def test_voiding_the_patch_takes_its_reminders_and_restores_the_stage():
    """As it was before the patch was entered in error."""
    before = at("2026-01-30 08:00", "headache-assessed", posture="orthostatic") + at(
        "2026-01-30 08:00", "conservative-management-started"
    )
    history = before + PATCH + void("2026-02-03 08:00", "patch")
    assert status(history, "2026-02-02 09:00", "2026-02-02 09:00").stage == "post-patch"
    found = status(history, "2026-02-03 09:00")
    assert found == status(before, "2026-02-03 09:00")
    assert found.stage == "patch-due"


@pytest.mark.reminder(EARLY)
def test_voiding_the_review_reopens_the_reminder_with_its_window():
    """The original window, overdue by now."""
    done = PATCH + review("2026-02-03 12:00", "early")
    history = done + void("2026-02-05 08:00", "early 2026-02-03 12:00")
    assert all_of(status(history, "2026-02-05 07:00", "2026-02-05 07:00"), EARLY) == ["done"]
    found = reminder(status(history, "2026-02-05 08:00"), EARLY)
    assert (found.status, found.due_at) == ("overdue", when("2026-02-04 08:00"))


@pytest.mark.reminder(EARLY)
def test_correcting_a_review_to_before_the_opening_reopens_the_reminder():
    """As corrected it was too early."""
    done = PATCH + review("2026-02-03 12:00", "early")
    moved = correct(
        "2026-02-03 14:00", "early 2026-02-03 12:00", occurred_at="2026-02-03T07:00:00Z"
    )
    found = reminder(status(done + moved, "2026-02-03 14:00"), EARLY)
    assert (found.status, found.too_early) == ("open", ("early 2026-02-03 12:00",))


@pytest.mark.reminder(EARLY)
@pytest.mark.rule("follow-up-overdue")
def test_a_review_recorded_late_was_done_in_time():
    """What counts is when it occurred, not when it was entered."""
    entered = at(
        "2026-02-03 12:00", "review-completed", recorded="2026-02-06 08:00", review="early"
    )
    history = PATCH + entered
    assert owes(status(history, "2026-02-05 08:00", "2026-02-05 08:00"))[EARLY] == "overdue"
    found = status(history, "2026-02-06 08:00")
    assert all_of(found, EARLY) == ["done"]
    assert "follow-up-overdue" not in rules(found, active=False)


@pytest.mark.reminder(LATE)
def test_a_possible_duplicate_restarts_nothing():
    """A second record of one patch counts for nothing until it is acknowledged as two."""
    twice = PATCH + at("2026-02-02 09:00", "blood-patch-performed", id="twice")
    assert all_of(status(twice, "2026-02-02 10:00"), LATE) == ["scheduled"]
    two = twice + at("2026-02-02 10:00", "alert-acknowledged", alert="possible-duplicate")
    assert all_of(status(two, "2026-02-02 10:00"), LATE) == ["superseded", "scheduled"]
