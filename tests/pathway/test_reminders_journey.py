"""What leaving, loss, death, closing and coming back do to reminders."""

import pytest

from tests.pathway.histories import all_of, at, owes, reminder, rules, status, void, when

PATCH = at("2026-02-02 08:00", "blood-patch-performed", id="patch")
LEAK = at("2026-02-02 12:00", "headache-assessed", id="leak", posture="orthostatic")
EARLY, INTERMEDIATE, LATE = "early-review", "intermediate-review", "late-review"
REVIEWS = (EARLY, INTERMEDIATE, LATE)
LEFT = "2026-02-03 00:00"
TRANSFER = at(LEFT, "patient-transferred", id="transfer")
LOSS = at(LEFT, "lost-to-follow-up", id="loss")


def back(time):
    """Return a readmission."""
    return at(time, "patient-readmitted", id="back")


@pytest.mark.parametrize("ending", [("patient-died", {}), ("episode-closed", {"outcome": "died"})])
@pytest.mark.stage("closed")
def test_death_cancels_all(ending):
    """Whether recorded as a death or as the outcome of a closing."""
    topic, fields = ending
    found = status(PATCH + LEAK + at(LEFT, topic, **fields), "2026-02-03 09:00")
    assert owes(found) == {}
    assert all_of(found, EARLY) == ["cancelled"]
    assert reminder(found, EARLY).reason == "died"
    assert found.stage == "closed"


@pytest.mark.stage("closed")
def test_nothing_is_owed_or_urgent_after_death():
    """Whatever is recorded as having occurred later."""
    history = (
        PATCH
        + at(LEFT, "patient-died")
        + at("2026-02-04 08:00", "symptoms-recorded", present=["seizure", "headache"])
        + at("2026-02-04 09:00", "complication-diagnosed", complication="meningitis")
    )
    found = status(history, "2026-02-05 08:00")
    assert owes(found) == {}
    assert not found.urgent
    assert found.next_steps == ()


@pytest.mark.reminder(EARLY)
def test_voiding_the_death_brings_the_reminders_back():
    """It was another patient's."""
    history = PATCH + at(LEFT, "patient-died", id="death") + void("2026-02-03 06:00", "death")
    assert owes(status(history, "2026-02-03 09:00"))[EARLY] == "open"


@pytest.mark.stage("transferred")
def test_transfer_suspends_all():
    """Also the late review; what comes to be while away is suspended too."""
    history = PATCH + TRANSFER + at("2026-02-03 06:00", "embolization-performed", id="there")
    found = status(history, "2026-02-04 08:00")
    assert owes(found) == {}
    assert all_of(found, LATE) == ["superseded", "suspended"]
    assert all_of(found, EARLY) == ["superseded", "suspended"]
    assert reminder(found, EARLY).reason == "transferred"


@pytest.mark.stage("lost")
def test_loss_suspends_all_but_the_late_review():
    """Somebody will try to reach the patient in the end."""
    found = status(PATCH + LOSS, "2026-02-04 09:00")
    assert owes(found) == {LATE: "scheduled"}
    assert all_of(found, EARLY) == ["suspended"]
    assert owes(status(PATCH + LOSS, "2026-05-02 08:00"))[LATE] == "open"


@pytest.mark.parametrize("leaving", [TRANSFER, LOSS])
@pytest.mark.reminder(EARLY)
def test_on_return_reminders_have_their_original_windows(leaving):
    """Back before they were due."""
    found = reminder(status(PATCH + leaving + back("2026-02-03 20:00"), "2026-02-03 20:00"), EARLY)
    assert (found.status, found.opens_at) == ("open", when("2026-02-03 08:00"))


@pytest.mark.parametrize("leaving", [TRANSFER, LOSS])
@pytest.mark.reminder(EARLY)
def test_what_came_due_while_away_is_cancelled_on_return(leaving):
    """With the reason said; what is due later comes back."""
    found = status(PATCH + leaving + back("2026-02-06 08:00"), "2026-02-06 08:00")
    assert all_of(found, EARLY) == ["cancelled"]
    assert reminder(found, EARLY).reason == "due while away"
    assert owes(found)[INTERMEDIATE] == "scheduled"
    assert "follow-up-overdue" not in rules(found, active=False)


@pytest.mark.parametrize("leaving", [TRANSFER, LOSS])
@pytest.mark.reminder(EARLY)
def test_back_at_the_due_time_is_in_time(leaving):
    """The window is closed: at its last instant it is still open."""
    due = "2026-02-04 08:00"
    assert owes(status(PATCH + leaving + back(due), due))[EARLY] == "open"
    assert EARLY not in owes(status(PATCH + leaving + back(due + ":01"), due + ":01"))


@pytest.mark.parametrize(("leaving", "expected"), [(TRANSFER, "overdue"), (LOSS, "cancelled")])
@pytest.mark.reminder(EARLY)
def test_what_was_overdue_before_leaving(leaving, expected):
    """After a transfer it is overdue still; after a loss it is cancelled too."""
    old = at("2026-01-20 08:00", "blood-patch-performed")
    assert all_of(status(old + leaving + back("2026-02-04 08:00"), "2026-02-04 08:00"), EARLY) == [
        expected
    ]


@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        ("headache-assessed", {"posture": "none"}),
        ("medication-given", {"drug_class": "caffeine"}),
        ("imaging-performed", {"modality": "CT"}),
        ("patient-readmitted", {}),
    ],
)
@pytest.mark.stage("lost")
def test_anything_clinical_brings_a_lost_patient_back(topic, fields):
    """A finding, a procedure, a drug or a readmission that occurs after the loss."""
    found = status(PATCH + LOSS + at("2026-02-03 12:00", topic, **fields), "2026-02-03 12:00")
    assert found.stage != "lost"
    assert owes(found)[EARLY] == "open"


@pytest.mark.stage("lost")
def test_what_occurred_before_the_loss_does_not_bring_the_patient_back():
    """However late it is recorded."""
    earlier = at(
        "2026-02-02 20:00", "headache-assessed", recorded="2026-02-05 08:00", posture="none"
    )
    assert status(PATCH + LOSS + earlier, "2026-02-06 08:00").stage == "lost"


@pytest.mark.stage("transferred")
def test_only_a_readmission_ends_a_transfer():
    """A finding from elsewhere is recorded and settles what it settles."""
    history = PATCH + TRANSFER + at("2026-02-03 12:00", "review-completed", review="early")
    found = status(history, "2026-02-03 12:00")
    assert found.stage == "transferred"
    assert all_of(found, EARLY) == ["done"]


@pytest.mark.reminder("imaging")
@pytest.mark.stage("persistent")
def test_a_failure_while_away_is_asked_about_on_return():
    """The stage persistent is reached when the patient is back."""
    history = PATCH + LEAK + TRANSFER + back("2026-02-06 08:00")
    assert all_of(status(history, "2026-02-05 08:00"), "imaging") == []
    found = status(history, "2026-02-06 08:00")
    assert found.stage == "persistent"
    assert owes(found)["imaging"] == "open"


CLOSED = at(LEFT, "episode-closed", id="closing", outcome="other", reason="moved away")


@pytest.mark.stage("closed")
@pytest.mark.rule("closed-with-open-follow-up")
def test_closing_leaves_what_is_owed_and_alerts():
    """Owed reviews go on as they were (A20)."""
    found = status(PATCH + CLOSED, "2026-02-03 09:00")
    assert found.stage == "closed"
    assert owes(found) == owes(status(PATCH, "2026-02-03 09:00"))
    assert "closed-with-open-follow-up" in rules(found)


@pytest.mark.stage("closed")
def test_closing_as_excluded_cancels_all():
    """It was no leak, so nothing is owed; neither later by time alone."""
    excluded = at(LEFT, "episode-closed", outcome="excluded", reason="sinusitis")
    found = status(PATCH + LEAK + excluded, "2026-02-08 08:00")
    assert owes(found) == {}
    assert reminder(found, EARLY).reason == "excluded"


@pytest.mark.parametrize("outcome", ["resolved", "transferred", "lost", "other", None])
@pytest.mark.reminder(EARLY)
def test_other_outcomes_of_a_closing_cancel_nothing(outcome):
    """The outcome of a closing changes nothing but for died and excluded."""
    history = PATCH + at(LEFT, "episode-closed", outcome=outcome, reason="done")
    assert set(REVIEWS) <= set(owes(status(history, "2026-02-03 09:00")))


@pytest.mark.stage("closed")
def test_a_finding_after_the_closing_puts_the_episode_back():
    """Without a further command; a death stays."""
    after = at("2026-02-03 12:00", "headache-assessed", posture="orthostatic")
    assert status(PATCH + CLOSED + after, "2026-02-03 12:00").stage == "persistent"
    assert status(PATCH + at(LEFT, "patient-died") + after, "2026-02-03 12:00").stage == "closed"


@pytest.mark.stage("closed")
def test_the_ledger_does_not_put_an_episode_back():
    """An acknowledgement or an assignment is not clinical."""
    seen = at("2026-02-03 12:00", "reminder-acknowledged", reminder=EARLY)
    assigned = at("2026-02-03 13:00", "episode-assigned", to="bea")
    assert status(PATCH + CLOSED + seen + assigned, "2026-02-03 14:00").stage == "closed"


@pytest.mark.parametrize("name", [EARLY, f"{EARLY}:patch"])
@pytest.mark.reminder(EARLY)
def test_a_waiver_ends_a_reminder_with_its_reason(name):
    """By kind or by id."""
    waiver = at("2026-02-03 09:00", "reminder-waived", id="w", reminder=name, reason="by phone")
    found = reminder(status(PATCH + waiver, "2026-02-05 08:00"), EARLY)
    assert (found.status, found.reason, found.settled_by) == ("waived", "by phone", "w")


@pytest.mark.reminder(EARLY)
def test_voiding_a_waiver_reopens_the_reminder():
    """Its window is as it was."""
    waiver = at("2026-02-03 09:00", "reminder-waived", id="w", reminder=EARLY, reason="by phone")
    assert (
        owes(status(PATCH + waiver + void("2026-02-05 08:00", "w"), "2026-02-05 08:00"))[EARLY]
        == "overdue"
    )


@pytest.mark.reminder(EARLY)
def test_a_waiver_holds_for_its_own_reminder_alone():
    """The next intervention has a review of its own."""
    history = (
        PATCH
        + at("2026-02-03 09:00", "reminder-waived", reminder=EARLY, reason="by phone")
        + at("2026-02-06 08:00", "blood-patch-performed")
    )
    assert all_of(status(history, "2026-02-06 09:00"), EARLY) == ["waived", "scheduled"]


@pytest.mark.reminder(EARLY)
def test_a_waiver_of_what_is_done_changes_nothing():
    """It was done."""
    history = (
        PATCH
        + at("2026-02-03 12:00", "review-completed", review="early")
        + at("2026-02-03 13:00", "reminder-waived", reminder=f"{EARLY}:patch", reason="late")
    )
    assert all_of(status(history, "2026-02-03 14:00"), EARLY) == ["done"]


@pytest.mark.reminder(EARLY)
def test_acknowledging_and_snoozing_are_shown_beside_the_status():
    """They leave it as it is."""
    history = (
        PATCH
        + at("2026-02-03 09:00", "reminder-acknowledged", actor="bea", reminder=EARLY)
        + at("2026-02-03 10:00", "reminder-snoozed", reminder=EARLY, until="2026-02-04T06:00:00Z")
    )
    found = reminder(status(history, "2026-02-03 11:00"), EARLY)
    assert (found.status, found.acknowledged_by) == ("open", "bea")
    assert found.snoozed_until == when("2026-02-04 06:00")
