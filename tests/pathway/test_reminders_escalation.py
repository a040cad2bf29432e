"""Imaging, referral and the review of complications."""

import pytest

from tests.pathway.histories import all_of, at, owes, reminder, status, void, when

PATCH = at("2026-02-02 08:00", "blood-patch-performed", id="patch")
LEAK = at("2026-02-02 12:00", "headache-assessed", id="leak", posture="orthostatic")
FAILED = PATCH + LEAK
IMAGING, REFERRAL, REVIEW = "imaging", "specialist-referral", "complication-review"


def brain(time, contrast=True, **fields):
    """Return an MRI of the brain."""
    return at(time, "imaging-performed", modality="MRI", regions=["brain"], contrast=contrast)


def spine(time, modality="MRI", regions=("complete-spine",)):
    """Return imaging of the spine."""
    return at(time, "imaging-performed", modality=modality, regions=list(regions))


def headache(time, posture, **fields):
    """Return a headache assessed."""
    return at(time, "headache-assessed", id=f"headache {time}", posture=posture, **fields)


def symptoms(time, *present, **fields):
    """Return symptoms named present."""
    return at(time, "symptoms-recorded", id=f"symptoms {time}", present=list(present), **fields)


@pytest.mark.parametrize(
    "symptom",
    ["neurological-deficit", "seizure", "altered-mental-status", "visual-change", "diplopia"],
)
@pytest.mark.reminder(IMAGING)
def test_a_criterion_among_the_symptoms_asks_for_imaging(symptom):
    """A suspected complication or an atypical presentation."""
    assert owes(status(symptoms("2026-02-02 08:00", symptom), "2026-02-02 08:00"))[IMAGING] == (
        "open"
    )


@pytest.mark.parametrize("symptom", ["headache", "nausea", "blurred-vision", "neck-stiffness"])
@pytest.mark.reminder(IMAGING)
def test_what_is_no_criterion_asks_for_nothing(symptom):
    """Imaging is not routine."""
    assert IMAGING not in owes(status(symptoms("2026-02-02 08:00", symptom), "2026-02-02 08:00"))


@pytest.mark.parametrize(
    ("posture", "trend"), [("non-positional", None), ("orthostatic", "worsening")]
)
@pytest.mark.reminder(IMAGING)
def test_an_atypical_or_worsening_headache_asks_for_imaging(posture, trend):
    """Atypical, or a subdural collection suspected."""
    found = status(headache("2026-02-02 08:00", posture, trend=trend), "2026-02-02 08:00")
    assert owes(found)[IMAGING] == "open"


@pytest.mark.reminder(IMAGING)
def test_both_parts_settle_the_imaging():
    """MRI brain with contrast and MRI complete spine, in either order."""
    history = FAILED + spine("2026-02-04 08:00") + brain("2026-02-05 08:00")
    assert owes(status(history, "2026-02-04 20:00"))[IMAGING] == "overdue"
    assert all_of(status(history, "2026-02-05 08:00"), IMAGING) == ["done-late"]


@pytest.mark.reminder(IMAGING)
def test_one_examination_of_both_regions_settles_it():
    """Brain and complete spine in one record."""
    both = at(
        "2026-02-04 08:00",
        "imaging-performed",
        modality="MRI",
        regions=["brain", "complete-spine"],
        contrast=True,
    )
    assert IMAGING not in owes(status(FAILED + both, "2026-02-04 09:00"))


@pytest.mark.parametrize(
    "part",
    [
        brain("2026-02-04 08:00", contrast=False),
        brain("2026-02-04 08:00", contrast=None),
        spine("2026-02-04 08:00", regions=["spine"]),
        spine("2026-02-04 08:00", modality="CT"),
    ],
)
@pytest.mark.reminder(IMAGING)
def test_half_of_what_is_asked_for_does_not_settle_it(part):
    """Without contrast, of part of the spine, or by CT."""
    rest = (
        brain("2026-02-05 08:00")
        if part[0].data.regions != ("brain",)
        else spine("2026-02-05 08:00")
    )
    assert owes(status(FAILED + part + rest, "2026-02-05 09:00"))[IMAGING] == "overdue"


@pytest.mark.reminder(IMAGING)
def test_imaging_before_the_criterion_does_not_count():
    """Both are asked for at or after it."""
    history = FAILED + brain("2026-02-02 20:00") + spine("2026-02-04 08:00")
    assert owes(status(history, "2026-02-04 09:00"))[IMAGING] == "overdue"


@pytest.mark.reminder(IMAGING)
def test_a_criterion_after_a_complete_set_asks_for_a_new_one():
    """What is new has not been looked at."""
    done = FAILED + brain("2026-02-04 08:00") + spine("2026-02-04 08:00")
    history = done + symptoms("2026-02-08 08:00", "diplopia")
    assert all_of(status(history, "2026-02-08 08:00"), IMAGING) == ["done-late", "open"]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (at("2026-02-04 08:00", "blood-patch-performed"), "superseded"),
        (headache("2026-02-04 08:00", "none"), "cancelled"),
        (headache("2026-02-04 08:00", "reverse-orthostatic"), "cancelled"),
    ],
)
@pytest.mark.reminder(IMAGING)
def test_what_ends_imaging_that_rests_on_persistence_alone(event, expected):
    """An intervention, resolution or rebound."""
    assert all_of(status(FAILED + event, "2026-02-04 09:00"), IMAGING) == [expected]


@pytest.mark.reminder(IMAGING)
def test_another_criterion_keeps_the_imaging_owed():
    """Diplopia is to be imaged although the headache is gone."""
    history = (
        FAILED + symptoms("2026-02-03 20:00", "diplopia") + headache("2026-02-04 08:00", "none")
    )
    assert owes(status(history, "2026-02-04 09:00"))[IMAGING] == "overdue"


@pytest.mark.reminder(IMAGING)
def test_persistence_after_the_next_intervention_asks_again():
    """Superseded by the second patch, and asked for when that has failed too."""
    history = (
        FAILED
        + at("2026-02-05 08:00", "blood-patch-performed")
        + headache("2026-02-05 20:00", "orthostatic")
    )
    assert all_of(status(history, "2026-02-06 07:59"), IMAGING) == ["superseded"]
    assert all_of(status(history, "2026-02-06 08:00"), IMAGING) == ["superseded", "open"]


SECOND_FAILED = at("2026-01-20 08:00", "blood-patch-performed") + PATCH + LEAK


@pytest.mark.reminder(REFERRAL)
def test_the_first_failure_asks_for_no_referral():
    """Referral is for the second intervention or later."""
    assert REFERRAL not in owes(status(FAILED, "2026-02-04 08:00"))


@pytest.mark.reminder(REFERRAL)
def test_a_referral_settles_it():
    """Made after it was owed, it is late, for it was due at once."""
    history = SECOND_FAILED + at("2026-02-04 08:00", "specialist-referral-made")
    assert all_of(status(history, "2026-02-04 09:00"), REFERRAL) == ["done-late"]


@pytest.mark.parametrize(
    "event",
    [
        at("2026-02-04 08:00", "surgical-repair-performed"),
        headache("2026-02-04 08:00", "none"),
        headache("2026-02-04 08:00", "reverse-orthostatic"),
    ],
)
@pytest.mark.reminder(REFERRAL)
def test_what_ends_the_referral(event):
    """An intervention, resolution or rebound."""
    assert REFERRAL not in owes(status(SECOND_FAILED + event, "2026-02-04 09:00"))


@pytest.mark.parametrize(
    "ground",
    [
        symptoms("2026-02-02 08:00", "seizure"),
        symptoms("2026-02-02 08:00", "headache", temperature_c=38.0),
        at("2026-02-02 08:00", "complication-diagnosed", complication="meningitis"),
        at("2026-02-02 08:00", "wound-examined", infection="yes"),
        headache("2026-02-02 08:00", "orthostatic", trend="worsening"),
    ],
)
@pytest.mark.reminder(REVIEW)
def test_an_urgent_alert_or_a_complication_is_to_be_reviewed_at_once(ground):
    """Whatever raised it."""
    found = reminder(status(ground, "2026-02-02 08:00"), REVIEW)
    assert (found.status, found.due_at) == ("open", when("2026-02-02 08:00"))


SEIZURE = symptoms("2026-02-02 08:00", "seizure")
HEMATOMA = at(
    "2026-02-02 10:00", "complication-diagnosed", id="sdh", complication="subdural-hematoma"
)


@pytest.mark.reminder(REVIEW)
def test_one_review_rests_on_all_grounds_that_nobody_acknowledged():
    """A new ground joins the review that is owed."""
    found = status(SEIZURE + HEMATOMA, "2026-02-02 11:00")
    assert all_of(found, REVIEW) == ["overdue"]
    assert set(reminder(found, REVIEW).because) == {"symptoms 2026-02-02 08:00", "sdh"}


@pytest.mark.reminder(REVIEW)
def test_the_review_is_done_when_each_ground_is_acknowledged():
    """Not while one of them is not."""
    history = SEIZURE + HEMATOMA
    for rule in ("neurological-deficit", "venous-thrombosis-suspected", "complication-recorded"):
        assert owes(status(history, "2026-02-02 12:00"))[REVIEW] == "overdue"
        history += at("2026-02-02 12:00", "alert-acknowledged", id=rule, alert=rule)
    assert all_of(status(history, "2026-02-02 12:00"), REVIEW) == ["done-late"]


@pytest.mark.parametrize("name", [REVIEW, f"{REVIEW}:symptoms 2026-02-02 08:00"])
@pytest.mark.reminder(REVIEW)
def test_acknowledging_the_review_acknowledges_its_grounds(name):
    """By its kind or its id; who did so is named."""
    history = SEIZURE + HEMATOMA + at("2026-02-02 12:00", "reminder-acknowledged", reminder=name)
    found = status(history, "2026-02-02 12:00")
    assert all_of(found, REVIEW) == ["done-late"]
    assert {a.acknowledged_by for a in found.alerts if a.severity == "urgent"} == {"anna"}


@pytest.mark.reminder(REVIEW)
def test_a_ground_after_the_acknowledgement_asks_for_a_new_review():
    """Each report anew."""
    history = (
        SEIZURE
        + at("2026-02-02 09:00", "reminder-acknowledged", reminder=REVIEW)
        + symptoms("2026-02-03 08:00", "seizure")
    )
    assert all_of(status(history, "2026-02-03 08:00"), REVIEW) == ["done-late", "open"]


@pytest.mark.reminder(REVIEW)
def test_a_ground_that_is_gone_is_still_to_be_acknowledged():
    """The seizure is over, and a named person has yet to see it."""
    history = SEIZURE + at("2026-02-02 10:00", "symptoms-recorded", absent=["seizure"])
    assert owes(status(history, "2026-02-02 12:00"))[REVIEW] == "overdue"


@pytest.mark.reminder(REVIEW)
def test_voiding_the_acknowledgement_reopens_the_review():
    """Nobody has seen it after all."""
    seen = at("2026-02-02 09:00", "reminder-acknowledged", id="seen", reminder=REVIEW)
    history = SEIZURE + seen + void("2026-02-02 12:00", "seen")
    assert all_of(status(history, "2026-02-02 12:00"), REVIEW) == ["overdue"]


@pytest.mark.reminder(REVIEW)
def test_snoozing_never_hides_an_urgent_alert():
    """The alert is active, the episode urgent and the review overdue all the same."""
    snooze = at(
        "2026-02-02 09:00", "reminder-snoozed", reminder=REVIEW, until="2026-02-03T09:00:00Z"
    )
    found = status(SEIZURE + snooze, "2026-02-02 10:00")
    assert found.urgent
    assert reminder(found, REVIEW).status == "overdue"
    assert found.next_steps[0].rule in ("neurological-deficit", "venous-thrombosis-suspected")
