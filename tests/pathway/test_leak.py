"""Leak state: the latest finding by occurred time decides."""

import pytest

from tests.pathway.histories import at, correct, owes, rules, status, void

pytestmark = pytest.mark.leak

STATES = ("active", "improved", "rebound", "resolved", "unknown")
UNKNOWN_POSTURES = [
    ("headache-assessed", {}),
    ("headache-assessed", {"posture": "unknown"}),
    ("symptoms-recorded", {"present": ["headache"]}),
    ("symptoms-recorded", {"posture": "unknown"}),
    ("review-completed", {"review": "early", "outcome": "persistent"}),
    ("review-completed", {"review": "late", "outcome": "worse"}),
    ("treatment-outcome-recorded", {"outcome": "none"}),
]
BETTER = [
    ("review-completed", {"review": "early", "outcome": "improved"}),
    ("treatment-outcome-recorded", {"outcome": "partial"}),
]
SAYS_NOTHING = [
    ("leak-suspected", {}),
    ("symptoms-recorded", {"present": ["nausea"]}),
    ("symptoms-recorded", {"improved": ["headache"]}),
    ("symptoms-recorded", {"absent": ["nausea"]}),
    ("wound-examined", {"drainage": "none"}),
    ("wound-examined", {"drainage": "serous"}),
    ("wound-examined", {"drainage": "unknown"}),
    ("wound-examined", {"collection": "yes", "bulging": "yes"}),
    ("complication-diagnosed", {"complication": "subdural-hygroma"}),
    ("leak-site-identified", {"leak_type": "ventral"}),
    ("review-completed", {"review": "early"}),
    ("review-completed", {"review": "early", "outcome": "unknown"}),
    ("treatment-outcome-recorded", {"outcome": "unknown"}),
    ("treatment-outcome-recorded", {}),
    ("patient-discharged", {"outcome": "headache free"}),
    ("blood-patch-ordered", {}),
    ("csf-drainage-performed", {"purpose": "rebound-relief"}),
    ("aspiration-performed", {"with_patch": False}),
]


def headache(time, **fields):
    """Return a headache assessment."""
    return at(time, "headache-assessed", **fields)


def before(state):
    """Return a history that ends in a state."""
    return {
        "active": headache("2026-02-02 08:00", posture="orthostatic"),
        "improved": headache("2026-02-02 08:00", posture="orthostatic", trend="improved"),
        "rebound": headache("2026-02-02 08:00", posture="reverse-orthostatic"),
        "resolved": [
            *headache("2026-02-02 07:00", posture="orthostatic"),
            *headache("2026-02-02 08:00", posture="none"),
        ],
        "unknown": headache("2026-02-02 08:00", posture="non-positional"),
    }[state]


def after(state, topic, **fields):
    """Return the leak state after an event in a state."""
    event = at("2026-02-03 08:00", topic, id="next", **fields)
    return status([*before(state), *event], "2026-02-03 09:00").leak


@pytest.mark.parametrize("state", STATES)
def test_start(state):
    """Each state is reached by the finding that defines it."""
    assert status(before(state), "2026-02-02 09:00").leak == state


def test_unknown_before_any_finding():
    """Before any finding the state is unknown."""
    line = at("2026-02-01 08:00", "surgery-performed")
    assert status(line, "2026-02-02 08:00").leak == "unknown"


@pytest.mark.parametrize("topic", ["headache-assessed", "symptoms-recorded"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("posture", "trend", "leak"),
    [
        ("orthostatic", None, "active"),
        ("orthostatic", "worsening", "active"),
        ("orthostatic", "unchanged", "active"),
        ("orthostatic", "improved", "improved"),
        ("reverse-orthostatic", None, "rebound"),
        ("reverse-orthostatic", "improved", "rebound"),
        ("non-positional", None, "unknown"),
        ("non-positional", "improved", "unknown"),
        ("none", None, "resolved"),
    ],
)
def test_posture_decides(topic, state, posture, trend, leak):
    """A known posture decides, whatever the state was, in either kind of report."""
    fields = {"posture": posture} | ({"trend": trend} if trend else {})
    assert after(state, topic, **fields) == leak


@pytest.mark.parametrize("state", STATES)
def test_rebound_diagnosed(state):
    """A diagnosis of rebound headache makes it rebound, also without a patch (A9)."""
    assert after(state, "rebound-headache-diagnosed") == "rebound"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        ("treatment-outcome-recorded", {"outcome": "complete"}),
        ("review-completed", {"review": "early", "outcome": "resolved"}),
    ],
)
def test_good_outcome_resolves(state, topic, fields):
    """Outcome complete or resolved makes it resolved, whatever it was."""
    assert after(state, topic, **fields) == "resolved"


@pytest.mark.parametrize("state", STATES)
def test_headache_named_absent_resolves(state):
    """Headache named absent after it was present makes it resolved."""
    assert after(state, "symptoms-recorded", absent=["headache"]) == "resolved"


def test_headache_named_absent_that_never_was():
    """Headache named absent where none was reported resolves nothing."""
    line = [
        *at("2026-02-02 08:00", "wound-examined", drainage="clear"),
        *at("2026-02-03 08:00", "symptoms-recorded", absent=["headache"]),
    ]
    assert status(line, "2026-02-03 09:00").leak == "active"


@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        ("rebound-headache-diagnosed", {}),
        ("review-completed", {"review": "early", "outcome": "worse"}),
        ("headache-assessed", {}),
        ("symptoms-recorded", {"posture": "unknown"}),
    ],
)
def test_headache_is_present_however_it_was_told(topic, fields):
    """Every report of a headache makes it present, so that naming it absent resolves."""
    line = [
        *at("2026-02-02 08:00", topic, **fields),
        *at("2026-02-03 08:00", "symptoms-recorded", id="gone", absent=["headache"]),
    ]
    assert status(line, "2026-02-03 09:00").leak == "resolved"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("topic", "fields"), UNKNOWN_POSTURES)
def test_headache_without_posture(state, topic, fields):
    """It leaves active, improved and rebound as they are and makes anything else unknown."""
    stays = state in ("active", "improved", "rebound")
    assert after(state, topic, **fields) == (state if stays else "unknown")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("topic", "fields"), UNKNOWN_POSTURES)
def test_pattern_must_be_asked_for(state, topic, fields):
    """Either way the pattern must be asked for."""
    event = at("2026-02-03 08:00", topic, id="next", **fields)
    assert "pattern-assessment" in owes(status([*before(state), *event], "2026-02-03 09:00"))


@pytest.mark.parametrize(("topic", "fields"), BETTER)
@pytest.mark.parametrize("state", STATES)
def test_better_outcome(state, topic, fields):
    """Outcome improved or partial makes it improved, unless it is rebound or resolved."""
    stays = state in ("rebound", "resolved")
    assert after(state, topic, **fields) == (state if stays else "improved")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("topic", "fields"), SAYS_NOTHING)
def test_no_word_on_the_leak(state, topic, fields):
    """What says nothing of the headache changes nothing: unknown never counts as no."""
    assert after(state, topic, **fields) == state


@pytest.mark.parametrize("state", STATES)
def test_closing_changes_nothing(state):
    """The outcome of a closing changes nothing."""
    assert after(state, "episode-closed", outcome="resolved", reason="well") == state


@pytest.mark.parametrize("state", ["resolved", "unknown", "active"])
def test_clear_drainage(state):
    """Visible clear wound drainage alone is an active leak (A10)."""
    assert after(state, "wound-examined", drainage="clear") == "active"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        ("blood-patch-performed", {}),
        ("targeted-patch-performed", {}),
        ("aspiration-performed", {"with_patch": True}),
        ("embolization-performed", {}),
        ("surgical-repair-performed", {}),
    ],
)
def test_intervention_forgets(state, topic, fields):
    """After an intervention it is unknown: what was found before no longer counts."""
    assert after(state, topic, **fields) == "unknown"


@pytest.mark.parametrize("state", ["active", "rebound"])
def test_headache_after_an_intervention_is_unknown(state):
    """A headache of unknown posture after an intervention does not bring the old state back."""
    line = [
        *before(state),
        *at("2026-02-06 08:00", "blood-patch-performed"),
        *headache("2026-02-06 20:00"),
    ]
    assert status(line, "2026-02-06 21:00").leak == "unknown"


def test_presence_outlasts_an_intervention():
    """A headache is present until named absent, also across a patch; then it is resolved."""
    line = [
        *before("active"),
        *at("2026-02-06 08:00", "blood-patch-performed"),
        *at("2026-02-06 20:00", "symptoms-recorded", absent=["headache"]),
    ]
    assert status(line, "2026-02-06 21:00").leak == "resolved"


def test_finding_at_the_instant_of_a_patch_is_before_it():
    """A finding of the same instant takes effect first: after it the patch makes it unknown."""
    line = [
        *at("2026-02-06 08:00", "blood-patch-performed"),
        *headache("2026-02-06 08:00", posture="reverse-orthostatic"),
    ]
    now = status(line, "2026-02-06 09:00")
    assert (now.leak, "patch-during-rebound" in rules(now)) == ("unknown", True)


def test_latest_by_occurred_time():
    """A finding that is recorded late but was true earlier does not override a later one."""
    late = headache("2026-02-02 20:00", posture="reverse-orthostatic", recorded="2026-02-09 08:00")
    line = [*headache("2026-02-03 08:00", posture="orthostatic"), *late]
    assert status(line, "2026-02-10 08:00").leak == "active"


def test_voided_finding_does_not_count():
    """Voiding the deciding finding brings the state before it back."""
    second = headache("2026-02-03 08:00", id="second", posture="reverse-orthostatic")
    line = [*before("active"), *second, *void("2026-02-04 08:00", "second")]
    assert status(line, "2026-02-05 08:00").leak == "active"


def test_corrected_finding_counts_as_corrected():
    """A corrected posture is the one that decides."""
    second = headache("2026-02-03 08:00", id="second", posture="reverse-orthostatic")
    fixed = correct("2026-02-04 08:00", "second", posture="orthostatic")
    assert status([*second, *fixed], "2026-02-05 08:00").leak == "active"


def test_improved_is_an_active_leak_for_drugs():
    """Improved counts as an active leak for every drug guard."""
    line = [*before("improved"), *at("2026-02-03 08:00", "medication-given", drug="acetazolamide")]
    assert "csf-lowering-drug-in-active-leak" in rules(status(line, "2026-02-03 09:00"))


@pytest.mark.parametrize(
    "symptoms",
    [["nausea"], ["neck-stiffness"], ["tinnitus"], ["seizure"], ["fever", "nausea"], ["headache"]],
)
def test_suspected_by_symptoms(symptoms):
    """Any listed symptom but five makes a leak suspected."""
    line = at("2026-02-02 08:00", "symptoms-recorded", present=symptoms)
    assert status(line, "2026-02-02 09:00").stage == "assessment"


@pytest.mark.parametrize(
    "symptoms",
    [["constipation"], ["fever"], ["chills"], ["malaise"], ["sepsis"], ["fever", "chills"]],
)
def test_not_suspected_by(symptoms):
    """Constipation, fever, chills, malaise or sepsis alone raise no suspicion."""
    line = at("2026-02-02 08:00", "symptoms-recorded", present=symptoms)
    assert status(line, "2026-02-02 09:00").stage == "at-risk"


@pytest.mark.parametrize(
    ("wound", "stage"),
    [
        ({"drainage": "clear"}, "assessment"),
        ({"collection": "yes"}, "assessment"),
        ({"bulging": "yes"}, "assessment"),
        ({"drainage": "serous"}, "at-risk"),
        ({"drainage": "unknown"}, "at-risk"),
        ({"collection": "unknown", "bulging": "no"}, "at-risk"),
        ({"erythema": "yes"}, "at-risk"),
    ],
)
def test_suspected_by_the_wound(wound, stage):
    """A wound with clear drainage, collection or bulging makes a leak suspected."""
    line = at("2026-02-02 08:00", "wound-examined", **wound)
    assert status(line, "2026-02-02 09:00").stage == stage


@pytest.mark.parametrize(
    ("report", "present"),
    [
        ({"temperature_c": 38.0}, True),
        ({"temperature_c": 37.9}, False),
        ({"present": ["fever"]}, True),
        ({}, False),
    ],
)
def test_fever_is_a_temperature(report, present):
    """38.0 degrees or more is fever, below is none."""
    line = at("2026-02-02 08:00", "symptoms-recorded", posture="non-positional", **report)
    assert ("meningitis-suspected" in rules(status(line, "2026-02-02 09:00"))) is present
