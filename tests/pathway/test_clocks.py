"""Clocks C, D, P, I and R: what starts each, what does not, and how time is counted."""

import pytest

from tests.pathway.histories import SECOND, at, owes, reminder, rules, status, when

SURGERY = at("2026-02-01 08:00", "surgery-performed", id="op", level="L4-L5")
HEADACHE = at("2026-02-02 08:00", "headache-assessed", id="h", posture="orthostatic")
LATER = "2026-02-02 10:00"


def patch(time, **fields):
    """Return a blood patch."""
    return at(time, "blood-patch-performed", id="patch", **fields)


def clock_c(events, now="2026-02-03 00:00"):
    """Return when the patch decision says that conservative management began."""
    decision = reminder(status(events, now), "patch-decision")
    return f"{decision.opens_at - 72 * 3600 * SECOND:%dT%H:%M}"


def has_clock_c(events, now="2026-02-03 00:00"):
    """Return whether conservative management is known to have begun."""
    return "protocol-clock-missing" not in rules(status(events, now))


STARTS = [
    ("conservative-management-started", {"measures": ["hydration"]}),
    ("conservative-management-started", {}),
    ("bed-rest-started", {}),
    ("position-changed", {"position": "supine"}),
    ("position-changed", {"position": "trendelenburg"}),
    ("medication-given", {"drug_class": "acetaminophen"}),
    ("medication-started", {"drug_class": "nsaid"}),
    ("medication-given", {"drug_class": "caffeine"}),
    ("medication-given", {"drug": "Paracetamol"}),
    ("medication-started", {"drug": "ibuprofen"}),
]


@pytest.mark.parametrize(("topic", "fields"), STARTS)
def test_c_starts(topic, fields):
    """C starts with the explicit event, also without measures, else with the first measure."""
    assert clock_c([*SURGERY, *HEADACHE, *at(LATER, topic, **fields)]) == "02T10:00"


@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        ("position-changed", {"position": "upright"}),
        ("position-changed", {"position": "head-up"}),
        ("position-changed", {"position": "prone"}),
        ("medication-given", {"drug_class": "opioid"}),
        ("medication-given", {"drug": "acetazolamide"}),
        ("thromboprophylaxis-decided", {"decision": "given"}),
        ("patient-mobilized", {}),
    ],
)
def test_c_does_not_start(topic, fields):
    """What is no conservative measure starts no clock."""
    assert not has_clock_c([*SURGERY, *HEADACHE, *at(LATER, topic, **fields)])


@pytest.mark.parametrize(("topic", "fields"), STARTS[2:])
def test_routine_care_starts_no_clock(topic, fields):
    """A measure before the leak is suspected is routine post-operative care."""
    before = at("2026-02-01 12:00", topic, **fields)
    assert not has_clock_c([*SURGERY, *before, *HEADACHE])


@pytest.mark.parametrize(("topic", "fields"), STARTS[2:])
def test_measure_at_the_very_suspicion_starts_c(topic, fields):
    """A measure at the instant of the suspicion starts C, whichever was recorded first."""
    same = at("2026-02-02 08:00", topic, **fields)
    assert clock_c([*SURGERY, *same, *HEADACHE]) == "02T08:00"


def test_explicit_start_before_the_suspicion_counts():
    """The explicit event starts C also when it precedes the suspicion."""
    start = at("2026-02-01 20:00", "conservative-management-started")
    assert clock_c([*SURGERY, *start, *HEADACHE]) == "01T20:00"


def test_first_explicit_start_holds():
    """A second start of conservative management moves nothing."""
    first = at("2026-02-02 09:00", "conservative-management-started")
    second = at("2026-02-02 20:00", "conservative-management-started")
    assert clock_c([*SURGERY, *HEADACHE, *first, *second]) == "02T09:00"


def test_first_measure_holds():
    """Of several measures without an explicit start the first starts C."""
    first = at("2026-02-02 09:00", "medication-given", drug_class="nsaid")
    second = at("2026-02-02 20:00", "bed-rest-started")
    assert clock_c([*SURGERY, *HEADACHE, *first, *second]) == "02T09:00"


def test_explicit_start_outranks_an_inferred_one():
    """An explicit start replaces one inferred from a measure, though it is later."""
    inferred = at("2026-02-02 09:00", "bed-rest-started")
    explicit = at("2026-02-02 20:00", "conservative-management-started")
    assert clock_c([*SURGERY, *HEADACHE, *inferred, *explicit]) == "02T20:00"


REMISSION = [
    *SURGERY,
    *HEADACHE,
    *at(LATER, "conservative-management-started"),
    *at("2026-02-03 08:00", "headache-assessed", id="well", posture="none"),
]
RETURN = at("2026-02-10 08:00", "headache-assessed", id="again", posture="orthostatic")


def test_returning_headache_makes_c_unknown():
    """After a remission without intervention C is unknown (A4)."""
    assert not has_clock_c([*REMISSION, *RETURN], "2026-02-10 09:00")


def test_management_started_anew_starts_c_anew():
    """The new episode has its own C, from when management is started anew."""
    again = at("2026-02-10 12:00", "bed-rest-started")
    assert clock_c([*REMISSION, *RETURN, *again], "2026-02-10 13:00") == "10T12:00"


def test_c_stands_while_no_headache_returns():
    """A remission alone, or another finding after it, leaves C as it was."""
    other = at("2026-02-10 08:00", "symptoms-recorded", present=["back-pain"])
    late = reminder(status([*REMISSION, *other], "2026-02-10 09:00"), "late-review")
    assert late.anchor == "well"


def test_c_stands_after_an_intervention():
    """With an intervention before the remission the returning headache leaves C as it was."""
    line = [*SURGERY, *HEADACHE, *at(LATER, "conservative-management-started")]
    line += patch("2026-02-05 12:00")
    line += at("2026-02-05 20:00", "headache-assessed", id="well", posture="none")
    assert has_clock_c([*line, *RETURN], "2026-02-10 09:00")


BREACHES = [
    ("surgery-performed", {}),
    ("surgery-performed", {"dural_tear": "no"}),
    ("surgery-performed", {"dural_tear": "unknown"}),
    ("dural-puncture-recorded", {"certain": True}),
    ("dural-puncture-recorded", {"certain": False}),
    ("dural-puncture-recorded", {}),
    ("csf-drainage-performed", {"purpose": "diagnostic"}),
    ("surgical-repair-performed", {}),
    ("blood-patch-performed", {"dural_puncture": "yes", "guidance": "ct"}),
]


@pytest.mark.parametrize(("topic", "fields"), BREACHES)
def test_d_starts(topic, fields):
    """Each dural breach starts D, whatever is said of how certain it is."""
    line = [*at("2026-02-06 08:00", topic, id="breach", **fields), *patch("2026-02-08 07:59:59")]
    assert "patch-too-early" in rules(status([*SURGERY, *HEADACHE, *line], "2026-02-08 08:00"))


@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        ("blood-patch-performed", {"dural_puncture": "no"}),
        ("blood-patch-performed", {"dural_puncture": "unknown"}),
        ("blood-patch-performed", {}),
        ("targeted-patch-performed", {}),
        ("aspiration-performed", {"with_patch": True}),
        ("embolization-performed", {}),
        ("other-procedure-performed", {"procedure": "wound revision"}),
        ("imaging-performed", {"modality": "MRI"}),
    ],
)
def test_d_does_not_start(topic, fields):
    """What breaches no dura starts no D."""
    line = [*at("2026-02-06 08:00", topic, id="no", **fields), *patch("2026-02-08 07:59:59")]
    assert "patch-too-early" not in rules(status([*SURGERY, *HEADACHE, *line], "2026-02-08 08:00"))


def test_patch_is_no_breach_before_itself():
    """A patch that punctured the dura is judged by the breach before it, not by itself."""
    line = [*SURGERY, *HEADACHE, *patch("2026-02-06 08:00", dural_puncture="yes")]
    assert "patch-too-early" not in rules(status(line, "2026-02-06 09:00"))


def test_breach_at_the_instant_of_the_act_counts():
    """D is the latest breach at or before the act: one at the same instant counts."""
    line = [*patch("2026-02-06 08:00"), *at("2026-02-06 08:00", "dural-puncture-recorded")]
    assert "patch-too-early" in rules(status([*SURGERY, *HEADACHE, *line], "2026-02-06 09:00"))


def test_later_breach_does_not_judge_an_earlier_act():
    """A breach after the patch is none of its concern."""
    line = [*patch("2026-02-06 08:00"), *at("2026-02-06 09:00", "dural-puncture-recorded")]
    assert "patch-too-early" not in rules(status([*SURGERY, *HEADACHE, *line], "2026-02-06 10:00"))


INTERVENTIONS = [
    ("blood-patch-performed", {}),
    ("targeted-patch-performed", {"material": "fibrin"}),
    ("targeted-patch-performed", {"material": "blood"}),
    ("aspiration-performed", {"with_patch": True}),
    ("embolization-performed", {"target": "csf-venous-fistula"}),
    ("surgical-repair-performed", {}),
]


@pytest.mark.parametrize(("topic", "fields"), INTERVENTIONS)
def test_i_starts(topic, fields):
    """Each leak-directed intervention starts I: the early review runs from it."""
    line = [*SURGERY, *HEADACHE, *at("2026-02-06 08:00", topic, id="act", **fields)]
    assert reminder(status(line, "2026-02-06 09:00"), "early-review").anchor == "act"


@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        ("aspiration-performed", {"with_patch": False}),
        ("aspiration-performed", {}),
        ("csf-drainage-performed", {"purpose": "leak-diversion"}),
        ("other-procedure-performed", {"procedure": "burr hole"}),
        ("surgery-performed", {}),
        ("dural-puncture-recorded", {}),
    ],
)
def test_i_does_not_start(topic, fields):
    """An aspiration without a patch, drainage and other surgery are no interventions (A7)."""
    line = [*SURGERY, *HEADACHE, *at("2026-02-06 08:00", topic, id="act", **fields)]
    assert "early-review" not in owes(status(line, "2026-02-06 09:00"))


@pytest.mark.parametrize(("topic", "fields"), INTERVENTIONS)
def test_p_starts_with_patches_alone(topic, fields):
    """Any patch starts P, from which the intermediate review runs; no other intervention does."""
    is_patch = topic not in ("embolization-performed", "surgical-repair-performed")
    line = [*SURGERY, *HEADACHE, *at("2026-02-06 08:00", topic, id="act", **fields)]
    assert ("intermediate-review" in owes(status(line, "2026-02-06 09:00"))) is is_patch


def test_r_is_the_finding_that_made_it_resolved():
    """The late review runs from the finding that resolved the leak, not from one that confirms."""
    again = at("2026-02-04 08:00", "headache-assessed", id="still-well", posture="none")
    assert (
        reminder(status([*REMISSION, *again], "2026-02-05 08:00"), "late-review").anchor == "well"
    )


def test_r_moves_with_a_new_resolution():
    """R is the latest resolution."""
    second = at("2026-02-12 08:00", "headache-assessed", id="well-again", posture="none")
    now = status([*REMISSION, *RETURN, *second], "2026-02-13 08:00")
    assert reminder(now, "late-review").anchor == "well-again"


def test_hours_ignore_the_clock_change():
    """48 h after a breach are elapsed hours also over a night of 23 h."""
    breach = at("2026-03-28 12:00", "surgery-performed")
    early = at("2026-03-30 11:59:59", "blood-patch-performed")
    in_time = at("2026-03-30 12:00:00", "blood-patch-performed")
    zone = at("2026-03-01 00:00", "episode-opened", time_zone="Europe/Berlin")
    assert "patch-too-early" in rules(status([*zone, *breach, *early], "2026-03-30 13:00"))
    assert "patch-too-early" not in rules(status([*zone, *breach, *in_time], "2026-03-30 13:00"))


def test_days_follow_the_episode_s_zone():
    """28 days after an intervention are the same local time, over the change of the clock too."""
    zone = at("2026-03-01 00:00", "episode-opened", time_zone="Europe/Berlin")
    line = [*zone, *SURGERY, *at("2026-03-10 11:00", "blood-patch-performed")]
    review = reminder(status(line, "2026-03-10 12:00"), "activity-restrictions")
    assert review.opens_at == when("2026-04-07 10:00")


def test_interval_is_closed():
    """What is due at an instant is open at it and overdue after."""
    line = [*SURGERY, *HEADACHE, *at(LATER, "conservative-management-started")]
    due = when("2026-02-05 10:00")
    assert owes(status(line, due - SECOND))["patch-decision"] == "scheduled"
    assert owes(status(line, due))["patch-decision"] == "open"
    assert owes(status(line, due + SECOND))["patch-decision"] == "overdue"


def test_clocks_run_from_occurred_at():
    """When something was recorded moves no clock."""
    start = at(LATER, "conservative-management-started", recorded="2026-02-02 23:00")
    assert clock_c([*SURGERY, *HEADACHE, *start]) == "02T10:00"


def test_observation_runs_from_the_end_of_the_patch():
    """The 2 h observation counts from ended_at where it is given."""
    line = [*SURGERY, *HEADACHE, *patch("2026-02-06 08:00", ended_at="2026-02-06T08:40:00Z")]
    now = status(line, "2026-02-06 09:00")
    assert reminder(now, "observation-end").opens_at == when("2026-02-06 10:40")
    assert reminder(now, "early-review").opens_at == when("2026-02-07 08:00")
