"""Rules about drugs: what lowers the pressure in an active leak, and opioids."""

import pytest

from tests.pathway.histories import at, rules, status, when
from tests.pathway.leaking import LATER, LEAKING, START, SURGERY, finding, one, patch, raised

CSF, BP = "csf-lowering-drug-in-active-leak", "bp-lowering-drug-in-active-leak"
UNKNOWN, OPIOID = "pattern-unknown-before-drug", "opioid-for-non-severe-pain"
ACETAZOLAMIDE = {"drug": "acetazolamide"}
LABETALOL = {"drug_class": "antihypertensive"}
LOWERING = [
    pytest.param(ACETAZOLAMIDE, CSF, marks=pytest.mark.rule(CSF)),
    pytest.param({"drug_class": "carbonic-anhydrase-inhibitor"}, CSF, marks=pytest.mark.rule(CSF)),
    pytest.param({"drug": " Acetazolamide "}, CSF, marks=pytest.mark.rule(CSF)),
    pytest.param(
        {"drug": "Acetazolamide", "drug_class": "other"}, CSF, marks=pytest.mark.rule(CSF)
    ),
    pytest.param(LABETALOL, BP, marks=pytest.mark.rule(BP)),
    pytest.param({"drug": "labetalol"}, BP, marks=pytest.mark.rule(BP)),
]
STATES = {
    "active": {"posture": "orthostatic"},
    "improved": {"posture": "orthostatic", "trend": "improved"},
    "rebound": {"posture": "reverse-orthostatic"},
    "resolved": {"posture": "none"},
    "unknown": {"posture": "non-positional"},
}


def given(time, **fields):
    """Return one dose."""
    return at(time, "medication-given", id="dose", **fields)


def started(time, **fields):
    """Return a drug that runs from then on."""
    return at(time, "medication-started", id="run", **fields)


def stopped(time, **fields):
    """Return the end of a running drug."""
    return at(time, "medication-stopped", id="stop", **fields)


@pytest.mark.parametrize(("drug", "rule"), LOWERING)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("how", [given, started])
def test_by_leak_state(drug, rule, state, how):
    """A warning in an active or improved leak, fine in rebound and resolved, else an advisory."""
    line = [*LEAKING, *finding("2026-02-02 08:00", **STATES[state])]
    now = status([*line, *how("2026-02-02 12:00", **drug)], "2026-02-02 12:00")
    expected = {"active": {rule}, "improved": {rule}, "unknown": {UNKNOWN}}.get(state, set())
    assert rules(now) & {CSF, BP, UNKNOWN} == expected


@pytest.mark.rule("pattern-unknown-before-drug")
@pytest.mark.parametrize("drug", [ACETAZOLAMIDE, LABETALOL])
def test_unknown_only_once_a_leak_is_suspected(drug):
    """Before any suspicion a drug raises nothing; running, it does once the leak is suspected."""
    line = [*SURGERY, *started("2026-02-01 12:00", **drug)]
    assert UNKNOWN not in rules(status(line, "2026-02-01 13:00"))
    suspected = at("2026-02-02 08:00", "leak-suspected")
    assert one([*line, *suspected], "2026-02-02 08:00", UNKNOWN).severity == "advisory"


@pytest.mark.rule("csf-lowering-drug-in-active-leak")
def test_severity_of_a_csf_lowering_drug():
    """It is a warning, rests on the pattern and the dose, and lasts until acknowledged."""
    line = [*LEAKING, *given("2026-02-02 12:00", **ACETAZOLAMIDE)]
    alert = one(line, LATER, CSF)
    assert (alert.severity, alert.because, alert.active) == ("warning", ("h", "dose"), True)
    ack = at("2026-02-03 08:00", "alert-acknowledged", alert=CSF)
    assert not one([*line, *ack], "2026-02-03 08:00", CSF).active


@pytest.mark.rule("bp-lowering-drug-in-active-leak")
@pytest.mark.parametrize(
    ("words", "severity"),
    [
        ({}, "warning"),
        ({"pre_existing": True}, "info"),
        ({"pre_existing": False}, "warning"),
        ({"emergency": True}, "info"),
        ({"emergency": False}, "warning"),
    ],
)
@pytest.mark.parametrize("how", [given, started])
def test_severity_of_a_bp_lowering_drug(words, severity, how):
    """A warning; an info where the patient took it before, or in an emergency."""
    line = [*LEAKING, *how("2026-02-02 12:00", **LABETALOL, **words)]
    assert one(line, "2026-02-02 13:00", BP).severity == severity


@pytest.mark.rule("csf-lowering-drug-in-active-leak")
def test_pre_existing_excuses_no_csf_lowering_drug():
    """Acetazolamide taken before stays a warning."""
    line = [*LEAKING, *given("2026-02-02 12:00", **ACETAZOLAMIDE, pre_existing=True)]
    assert one(line, LATER, CSF).severity == "warning"


@pytest.mark.rule("csf-lowering-drug-in-active-leak")
def test_running_drug_is_judged_anew():
    """Started in rebound it is fine; when the leak is active it alerts, and no longer after."""
    line = [*LEAKING, *finding("2026-02-02 08:00", posture="reverse-orthostatic")]
    line += started("2026-02-02 12:00", **ACETAZOLAMIDE)
    line += finding("2026-02-03 08:00", posture="orthostatic")
    line += finding("2026-02-04 08:00", posture="none")
    for now, there in (("2026-02-03 07:59", False), ("2026-02-03 08:00", True), (LATER, False)):
        assert (CSF in rules(status(line, now))) is there
    assert one(line, LATER, CSF).until == when("2026-02-04 08:00")


@pytest.mark.rule("csf-lowering-drug-in-active-leak")
def test_given_dose_is_judged_once():
    """One dose is judged by the state at that time, whatever the state becomes."""
    line = [*LEAKING, *finding("2026-02-02 08:00", posture="reverse-orthostatic")]
    line += given("2026-02-02 12:00", **ACETAZOLAMIDE)
    line += finding("2026-02-03 08:00", posture="orthostatic")
    assert not raised(line, "2026-02-03 09:00", CSF)


@pytest.mark.rule("csf-lowering-drug-in-active-leak")
def test_state_at_the_same_instant_counts():
    """A pattern found at the instant of the dose takes effect before it."""
    dose = given("2026-02-02 08:00", **ACETAZOLAMIDE)
    line = [*LEAKING, *dose, *finding("2026-02-02 08:00", posture="reverse-orthostatic")]
    assert not raised(line, "2026-02-02 09:00", CSF)


@pytest.mark.rule("csf-lowering-drug-in-active-leak")
@pytest.mark.parametrize(
    "words",
    [ACETAZOLAMIDE, {"drug": "ACETAZOLAMIDE"}, {"drug_class": "carbonic-anhydrase-inhibitor"}],
)
def test_running_until_stopped(words):
    """Stopping the drug, by name or by class, ends the alert."""
    line = [*LEAKING, *started("2026-02-02 08:00", **ACETAZOLAMIDE)]
    line += stopped("2026-02-03 08:00", **words)
    assert one(line, "2026-02-03 07:59:59", CSF).active
    assert one(line, "2026-02-03 08:00:00", CSF).until == when("2026-02-03 08:00")


@pytest.mark.rule("bp-lowering-drug-in-active-leak")
def test_stopping_another_drug():
    """Stopping another drug of the class leaves the alert."""
    line = [*LEAKING, *started("2026-02-02 08:00", drug="labetalol")]
    line += stopped("2026-02-03 08:00", drug="amlodipine")
    assert one(line, "2026-02-03 08:00", BP).active


@pytest.mark.rule("csf-lowering-drug-in-active-leak")
def test_running_drug_after_a_patch():
    """After a patch the pattern is unknown again, and the running drug says so."""
    line = [*LEAKING, *started("2026-02-02 08:00", **ACETAZOLAMIDE), *patch("2026-02-05 08:00")]
    assert rules(status(line, "2026-02-05 09:00")) & {CSF, UNKNOWN} == {UNKNOWN}


@pytest.mark.rule("csf-lowering-drug-in-active-leak")
def test_acknowledging_a_running_drug():
    """What still runs stays active, and shows who saw it."""
    ack = at("2026-02-02 09:00", "alert-acknowledged", alert=CSF, actor="ben")
    line = [*LEAKING, *started("2026-02-02 08:00", **ACETAZOLAMIDE), *ack]
    alert = one(line, "2026-02-03 08:00", CSF)
    assert (alert.active, alert.acknowledged_by) == (True, "ben")


@pytest.mark.rule("csf-lowering-drug-in-active-leak")
@pytest.mark.parametrize(
    "words", [{"drug_class": "nsaid"}, {"drug": "unheard-of"}, {"drug": "x", "drug_class": "other"}]
)
def test_other_drugs(words):
    """Other drugs, and drugs whose class is not known, raise nothing."""
    line = [*LEAKING, *given("2026-02-02 12:00", **words)]
    assert not rules(status(line, "2026-02-02 13:00"))


@pytest.mark.rule("opioid-for-non-severe-pain")
@pytest.mark.parametrize(
    ("severity", "off"), [(6.9, True), (0, True), (7, False), (10, False), (None, False)]
)
@pytest.mark.parametrize("how", [given, started])
@pytest.mark.parametrize("words", [{"drug_class": "opioid"}, {"drug": "Morphine"}])
def test_opioid(severity, off, how, words):
    """An opioid while the last severity is below 7 is an advisory; never without a severity."""
    pain = {} if severity is None else {"severity_nrs": severity}
    line = [*LEAKING, *finding("2026-02-02 08:00", posture="orthostatic", **pain)]
    found = raised([*line, *how("2026-02-02 08:00", **words)], "2026-02-02 09:00", OPIOID)
    assert [a.severity for a in found] == (["advisory"] if off else [])


@pytest.mark.rule("opioid-for-non-severe-pain")
def test_opioid_by_the_last_severity():
    """The last severity counts, in whatever report; one that names none leaves it."""
    line = [*LEAKING, *finding("2026-02-02 08:00", posture="orthostatic", severity_nrs=8)]
    line += finding("2026-02-02 09:00", posture="orthostatic")
    assert not raised([*line, *given("2026-02-02 12:00", drug="morphine")], LATER, OPIOID)
    less = at("2026-02-02 10:00", "symptoms-recorded", severity_nrs=3)
    assert raised([*line, *less, *given("2026-02-02 12:00", drug="morphine")], LATER, OPIOID)


@pytest.mark.rule("opioid-for-non-severe-pain")
def test_opioid_by_severity_upright():
    """Where only the severity upright and supine is known the greater counts."""
    words = {"posture": "orthostatic", "severity_upright_nrs": 8, "severity_supine_nrs": 2}
    line = [*LEAKING, *finding("2026-02-02 08:00", **words)]
    assert not raised([*line, *given("2026-02-02 12:00", drug="morphine")], LATER, OPIOID)


@pytest.mark.rule("opioid-for-non-severe-pain")
def test_running_opioid():
    """A running opioid is judged anew as the pain changes."""
    line = [*LEAKING, *finding("2026-02-02 08:00", posture="orthostatic", severity_nrs=8)]
    line += started("2026-02-02 08:00", drug="morphine")
    line += finding("2026-02-03 08:00", posture="orthostatic", severity_nrs=4)
    line += finding("2026-02-04 08:00", posture="orthostatic", severity_nrs=9)
    for now, there in (("2026-02-02 09:00", False), ("2026-02-03 08:00", True), (LATER, False)):
        assert (OPIOID in rules(status(line, now))) is there


@pytest.mark.rule("pattern-unknown-before-drug")
def test_determining_the_pattern_ends_it():
    """A running drug's advisory ends with the pattern: a warning, or nothing, in its place."""
    line = [*SURGERY, *START, *at("2026-02-02 07:00", "leak-suspected")]
    line += started("2026-02-02 08:00", **ACETAZOLAMIDE)
    for posture, expected in (("orthostatic", {CSF}), ("reverse-orthostatic", set())):
        found = finding("2026-02-02 09:00", posture=posture)
        assert rules(status([*line, *found], "2026-02-02 09:00")) & {CSF, UNKNOWN} == expected
