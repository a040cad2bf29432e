"""Danger signs: rules that ask for urgent evaluation."""

import pytest

from tests.pathway.histories import at, rules, status, when
from tests.pathway.leaking import LATER, LEAKING, finding, one, raised

DEFICIT, THROMBOSIS = "neurological-deficit", "venous-thrombosis-suspected"
SUBDURAL, MENINGITIS = "subdural-suspected", "meningitis-suspected"
WOUND, RECORDED = "wound-complication-suspected", "complication-recorded"
SIGNS = ["neurological-deficit", "diplopia", "papilledema", "seizure", "altered-mental-status"]


def report(time, *present, **fields):
    """Return symptoms recorded as present, among other things."""
    return at(time, "symptoms-recorded", present=list(present), **fields)


def gone(time, *absent):
    """Return symptoms recorded as absent."""
    return at(time, "symptoms-recorded", id="gone", absent=list(absent))


def wound(time, **fields):
    """Return an examination of the wound."""
    return at(time, "wound-examined", **fields)


def ack(time, rule):
    """Return the acknowledgement of every active alert of a rule."""
    return at(time, "alert-acknowledged", alert=rule, actor="ben")


@pytest.mark.rule("neurological-deficit")
@pytest.mark.rule("venous-thrombosis-suspected")
@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("associated", [True, False])
def test_neurological_signs(sign, associated):
    """Each of five signs is urgent, reported as a symptom or with the headache."""
    told = report("2026-02-02 08:00", sign)
    if associated:
        told = finding("2026-02-02 08:00", posture="orthostatic", associated=[sign])
    now = status([*LEAKING, *told], "2026-02-02 08:00")
    found = {a.rule: a.severity for a in now.alerts if a.active}
    assert found[DEFICIT] == found[THROMBOSIS] == "urgent"


@pytest.mark.rule("neurological-deficit")
@pytest.mark.rule("venous-thrombosis-suspected")
@pytest.mark.parametrize("symptom", ["blurred-vision", "visual-change", "dizziness", "nausea"])
def test_no_neurological_sign(symptom):
    """Blurred vision alone never is, nor are other symptoms."""
    now = status([*LEAKING, *report("2026-02-02 08:00", symptom)], LATER)
    assert not rules(now, active=False) & {DEFICIT, THROMBOSIS}


@pytest.mark.rule("neurological-deficit")
@pytest.mark.parametrize("fields", [{"absent": ["seizure"]}, {"improved": ["seizure"]}])
def test_sign_absent_or_improved_raises_nothing(fields):
    """A sign that is named absent or improved raises nothing anew."""
    line = [*LEAKING, *at("2026-02-02 08:00", "symptoms-recorded", **fields)]
    assert not raised(line, LATER, DEFICIT)


@pytest.mark.rule("neurological-deficit")
@pytest.mark.rule("venous-thrombosis-suspected")
def test_each_report_anew():
    """Each report raises it anew, and each is acknowledged for itself."""
    line = [*LEAKING, *report("2026-02-02 08:00", "seizure", id="a")]
    line += ack("2026-02-02 09:00", DEFICIT)
    line += report("2026-02-02 10:00", "seizure", id="b")
    assert [a.acknowledged_by for a in raised(line, LATER, DEFICIT)] == ["ben", None]


@pytest.mark.rule("neurological-deficit")
def test_ground_gone_when_named_absent():
    """It is active until acknowledged and every sign that it rests on is named absent."""
    line = [*LEAKING, *report("2026-02-02 08:00", "seizure", "diplopia")]
    line += ack("2026-02-02 09:00", DEFICIT)
    assert one([*line, *gone("2026-02-02 10:00", "seizure")], LATER, DEFICIT).active
    both = gone("2026-02-02 10:00", "seizure", "diplopia")
    assert one([*line, *both], LATER, DEFICIT).until == when("2026-02-02 10:00")


@pytest.mark.rule("neurological-deficit")
def test_over_stays_over():
    """A sign that comes back raises a new alert and leaves the old one over."""
    line = [*LEAKING, *report("2026-02-02 08:00", "seizure", id="a")]
    line += [*ack("2026-02-02 09:00", DEFICIT), *gone("2026-02-02 10:00", "seizure")]
    line += report("2026-02-03 08:00", "seizure", id="b")
    assert [a.active for a in raised(line, LATER, DEFICIT)] == [False, True]


@pytest.mark.rule("subdural-suspected")
@pytest.mark.parametrize(
    "told",
    [
        finding("2026-02-02 08:00", posture="orthostatic", trend="worsening"),
        finding("2026-02-02 08:00", trend="worsening"),
        report("2026-02-02 08:00", "headache", trend="worsening"),
        report("2026-02-02 08:00", "neurological-deficit"),
        at("2026-02-02 08:00", "review-completed", review="early", outcome="worse"),
    ],
)
def test_subdural(told):
    """A worsening headache, a review with outcome worse, or a focal deficit is urgent."""
    assert one([*LEAKING, *told], LATER, SUBDURAL).severity == "urgent"


@pytest.mark.rule("subdural-suspected")
@pytest.mark.parametrize(
    "told",
    [
        finding("2026-02-02 08:00", posture="orthostatic"),
        finding("2026-02-02 08:00", posture="orthostatic", trend="unchanged"),
        finding("2026-02-02 08:00", posture="orthostatic", severity_nrs=10),
        finding("2026-02-02 08:00", posture="none", trend="worsening"),
        report("2026-02-02 08:00", "diplopia"),
        at("2026-02-02 08:00", "review-completed", review="early", outcome="persistent"),
        at("2026-02-02 08:00", "treatment-outcome-recorded", outcome="none"),
    ],
)
def test_no_subdural(told):
    """No other course of the headache, and no other sign, raises it."""
    assert not raised([*LEAKING, *told], LATER, SUBDURAL)


@pytest.mark.rule("subdural-suspected")
def test_worsening_needs_a_headache():
    """Symptoms that worsen without a headache are no worsening headache."""
    line = at("2026-02-02 08:00", "symptoms-recorded", present=["back-pain"], trend="worsening")
    assert not raised(line, LATER, SUBDURAL)


@pytest.mark.rule("subdural-suspected")
@pytest.mark.parametrize(
    ("told", "ends"),
    [
        (finding("2026-02-03 08:00", posture="orthostatic", trend="unchanged"), True),
        (finding("2026-02-03 08:00", posture="orthostatic", trend="improved"), True),
        (at("2026-02-03 08:00", "symptoms-recorded", improved=["headache"]), True),
        (finding("2026-02-03 08:00", posture="none"), True),
        (gone("2026-02-03 08:00", "headache"), True),
        (at("2026-02-03 08:00", "review-completed", review="early", outcome="improved"), True),
        (finding("2026-02-03 08:00", posture="orthostatic"), False),
        (finding("2026-02-03 08:00", posture="orthostatic", trend="unknown"), False),
        (report("2026-02-03 08:00", "nausea"), False),
        (wound("2026-02-03 08:00", drainage="none"), False),
    ],
)
def test_no_longer_worsening(told, ends):
    """Its ground is gone when the headache no longer worsens, not when nothing is said of it."""
    line = [
        *LEAKING,
        *finding("2026-02-02 08:00", id="w", posture="orthostatic", trend="worsening"),
    ]
    line += [*ack("2026-02-02 09:00", SUBDURAL), *told]
    assert raised(line, LATER, SUBDURAL)[0].active is not ends


@pytest.mark.rule("meningitis-suspected")
@pytest.mark.parametrize("partner", ["headache", "neck-stiffness", "altered-mental-status"])
@pytest.mark.parametrize("fever", [{"temperature_c": 38.0}, {"also": "fever"}])
def test_meningitis(partner, fever):
    """Fever with headache, neck stiffness or an altered mental state is urgent."""
    words = {"temperature_c": 38.0} if "temperature_c" in fever else {}
    extra = ["fever"] if "also" in fever else []
    line = report("2026-02-02 08:00", partner, *extra, **words)
    assert one(line, LATER, MENINGITIS).severity == "urgent"


@pytest.mark.rule("meningitis-suspected")
@pytest.mark.parametrize(
    "told",
    [
        report("2026-02-02 08:00", "neck-stiffness"),
        report("2026-02-02 08:00", "headache", "neck-stiffness", "altered-mental-status"),
        report("2026-02-02 08:00", "fever", "nausea"),
        report("2026-02-02 08:00", "fever", "neck-pain"),
        report("2026-02-02 08:00", "headache", temperature_c=37.9),
        report("2026-02-02 08:00", "headache", "chills"),
    ],
)
def test_no_meningitis(told):
    """Stiffness alone never is, nor fever alone, nor any without fever (A15)."""
    assert not raised(told, LATER, MENINGITIS)


@pytest.mark.rule("meningitis-suspected")
def test_meningitis_across_reports():
    """Fever and headache may come from different reports: both are present."""
    line = [*LEAKING, *report("2026-02-03 08:00", temperature_c=38.6, id="hot")]
    assert set(one(line, "2026-02-03 08:00", MENINGITIS).because) == {"hot", "h"}


@pytest.mark.rule("meningitis-suspected")
@pytest.mark.parametrize(
    "told",
    [
        at("2026-02-03 08:00", "review-completed", review="early", outcome="worse"),
        at("2026-02-03 08:00", "rebound-headache-diagnosed"),
    ],
)
def test_meningitis_by_a_headache_told_otherwise(told):
    """A headache told by a review or a diagnosis counts beside the fever."""
    line = at("2026-02-02 08:00", "symptoms-recorded", temperature_c=38.6)
    assert raised([*line, *told], LATER, MENINGITIS)


@pytest.mark.rule("meningitis-suspected")
def test_meningitis_ends_with_the_fever():
    """Below 38.0 the fever is gone; acknowledged, the alert is over."""
    line = [*LEAKING, *report("2026-02-03 08:00", temperature_c=38.6)]
    line += ack("2026-02-03 09:00", MENINGITIS)
    assert one(line, LATER, MENINGITIS).active
    cool = at("2026-02-04 08:00", "symptoms-recorded", temperature_c=37.9)
    assert one([*line, *cool], LATER, MENINGITIS).until == when("2026-02-04 08:00")


@pytest.mark.rule("meningitis-suspected")
def test_meningitis_not_after_the_headache_is_gone():
    """A fever after the headache was named absent is none."""
    line = [*LEAKING, *gone("2026-02-03 07:00", "headache")]
    assert not raised([*line, *report("2026-02-03 08:00", temperature_c=39)], LATER, MENINGITIS)
