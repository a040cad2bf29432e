"""Rules about imaging: early, before a patch, advanced, and in which position."""

import pytest

from tests.pathway.histories import MICROSECOND, SECOND, at, rules, status, when
from tests.pathway.leaking import HEADACHE, LATER, LEAKING, START, SURGERY, finding, one, raised
from tracker.pathway import builtin_protocol, parse_protocol

WINDOW_ENDS = when("2026-02-04 22:00")
EARLY, BEFORE = "routine-imaging-early", "imaging-before-patch"


def image(time, topic="imaging-performed", **fields):
    """Return an MRI of the brain, performed unless told otherwise."""
    return at(time, topic, **{"id": "image", "modality": "MRI", "regions": ["brain"]} | fields)


def judged(events, now=LATER):
    """Return which of the two rules about routine imaging were raised."""
    return rules(status(events, now), active=False) & {EARLY, BEFORE}


@pytest.mark.rule("routine-imaging-early")
@pytest.mark.rule("imaging-before-patch")
@pytest.mark.parametrize("topic", ["imaging-performed", "imaging-ordered"])
def test_window_to_the_second(topic):
    """At C + 72:00:00 imaging is still early, a moment later it is before a patch."""
    for time, rule in (
        (WINDOW_ENDS, EARLY),
        (WINDOW_ENDS + MICROSECOND, BEFORE),
        (WINDOW_ENDS + SECOND, BEFORE),
    ):
        assert judged([*LEAKING, *image(time, topic)]) == {rule}


@pytest.mark.rule("routine-imaging-early")
@pytest.mark.rule("imaging-before-patch")
def test_severities():
    """Early imaging is a warning, imaging before a patch an advisory."""
    early = one([*LEAKING, *image("2026-02-02 08:00")], LATER, EARLY)
    before = one([*LEAKING, *image("2026-02-09 08:00")], LATER, BEFORE)
    assert (early.severity, early.because, early.source) == (
        "warning",
        ("c", "image"),
        "L62, L130 [3]",
    )
    assert (before.severity, before.source) == ("advisory", "L66-L71")


@pytest.mark.rule("routine-imaging-early")
def test_window_from_the_suspicion_without_c():
    """Without C the window runs from when the leak was first suspected."""
    line = [*SURGERY, *at("2026-02-01 12:00", "leak-suspected", id="s"), *HEADACHE]
    assert judged([*line, *image("2026-02-04 12:00:00")]) == {EARLY}
    assert judged([*line, *image("2026-02-04 12:00:01")]) == {BEFORE}


@pytest.mark.rule("routine-imaging-early")
@pytest.mark.rule("imaging-before-patch")
def test_no_window_without_a_suspicion():
    """With neither C nor a suspicion nothing can be judged."""
    assert judged([*SURGERY, *image("2026-02-02 08:00")]) == set()


@pytest.mark.rule("imaging-before-patch")
def test_not_before_a_patch_that_was_done():
    """After a patch neither rule is raised once the window is over."""
    line = [*LEAKING, *at("2026-02-03 22:00", "blood-patch-performed")]
    assert judged([*line, *image("2026-02-04 12:00")]) == {EARLY}
    assert judged([*line, *image("2026-02-05 12:00")]) == set()


@pytest.mark.rule("imaging-before-patch")
def test_an_embolization_is_no_patch():
    """Another intervention than a patch leaves imaging before a patch."""
    line = [*LEAKING, *at("2026-02-03 22:00", "embolization-performed")]
    assert judged([*line, *image("2026-02-05 12:00")]) == {BEFORE}


FLAGS = {
    "indication": [],
    "visual change": at("2026-02-02 07:00", "symptoms-recorded", present=["visual-change"]),
    "papilledema": at("2026-02-02 07:00", "symptoms-recorded", present=["papilledema"]),
    "deficit": at("2026-02-02 07:00", "symptoms-recorded", present=["neurological-deficit"]),
    "diplopia": at("2026-02-02 07:00", "headache-assessed", associated=["diplopia"]),
    "seizure": at("2026-02-02 07:00", "symptoms-recorded", present=["seizure"]),
    "worsening": finding("2026-02-02 07:00", posture="orthostatic", trend="worsening"),
    "meningitis": at("2026-02-02 07:00", "symptoms-recorded", temperature_c=38.5),
}


@pytest.mark.rule("routine-imaging-early")
@pytest.mark.rule("imaging-before-patch")
@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("time", ["2026-02-02 08:00", "2026-02-09 08:00"])
def test_red_flag(flag, time):
    """With a red flag imaging is neither early nor before its time."""
    words = {"indication": "suspected-subdural"} if flag == "indication" else {}
    assert judged([*LEAKING, *FLAGS[flag], *image(time, **words)]) == set()


@pytest.mark.rule("routine-imaging-early")
@pytest.mark.parametrize("symptom", ["blurred-vision", "nausea", "tinnitus", "photophobia"])
def test_no_red_flag(symptom):
    """Other symptoms are no red flag."""
    other = at("2026-02-02 07:00", "symptoms-recorded", present=[symptom])
    assert judged([*LEAKING, *other, *image("2026-02-02 08:00")]) == {EARLY}


@pytest.mark.rule("routine-imaging-early")
def test_diagnosed_complication_is_no_red_flag():
    """A red flag is an urgent alert that rests on symptoms, not a diagnosis."""
    found = at("2026-02-02 07:00", "complication-diagnosed", complication="other")
    assert judged([*LEAKING, *found, *image("2026-02-02 08:00")]) == {EARLY}


@pytest.mark.rule("routine-imaging-early")
@pytest.mark.parametrize("indication", ["routine", "other", None])
def test_indication_without_a_reason(indication):
    """Routine, other or no indication is no red flag."""
    words = {"indication": indication} if indication else {}
    assert judged([*LEAKING, *image("2026-02-02 08:00", **words)]) == {EARLY}


@pytest.mark.rule("routine-imaging-early")
@pytest.mark.parametrize("topic", ["imaging-performed", "imaging-ordered"])
def test_red_flag_at_the_same_instant_wins(topic):
    """A red flag found at the very instant of the imaging counts, recorded after it."""
    flag = at("2026-02-02 08:00", "symptoms-recorded", present=["neurological-deficit"])
    assert judged([*LEAKING, *image("2026-02-02 08:00", topic), *flag]) == set()


@pytest.mark.rule("routine-imaging-early")
def test_red_flag_after_the_imaging_is_too_late():
    """A red flag found after the imaging does not excuse it."""
    flag = at("2026-02-02 08:00:01", "symptoms-recorded", present=["neurological-deficit"])
    assert judged([*LEAKING, *image("2026-02-02 08:00"), *flag]) == {EARLY}


@pytest.mark.rule("routine-imaging-early")
def test_red_flag_stays_though_it_is_over():
    """An urgent alert raised before the imaging counts, also when its ground is gone."""
    flag = at("2026-02-02 06:00", "symptoms-recorded", present=["seizure"])
    gone = at("2026-02-02 07:00", "symptoms-recorded", id="gone", absent=["seizure"])
    assert judged([*LEAKING, *flag, *gone, *image("2026-02-02 08:00")]) == set()


@pytest.mark.rule("routine-imaging-early")
@pytest.mark.rule("imaging-before-patch")
def test_imaging_of_a_failed_intervention():
    """In stage persistent imaging is what is asked for."""
    line = [*LEAKING, *at("2026-02-02 20:00", "blood-patch-performed")]
    line += finding("2026-02-03 08:00", posture="orthostatic")
    assert judged([*line, *image("2026-02-03 19:59:59")]) == {EARLY}
    assert judged([*line, *image("2026-02-03 20:00:00")]) == set()


@pytest.mark.rule("routine-imaging-early")
def test_cancelled_order():
    """The alert about an order ends when the order is cancelled, by name or as the latest."""
    line = [*LEAKING, *image("2026-02-02 08:00", "imaging-ordered")]
    for words in ({}, {"order": "image"}):
        gone = at("2026-02-02 09:00", "imaging-cancelled", **words)
        assert one([*line, *gone], "2026-02-02 08:59:59", EARLY).active
        assert not one([*line, *gone], "2026-02-02 09:00:00", EARLY).active


@pytest.mark.rule("routine-imaging-early")
def test_window_from_the_procedure():
    """A site may have the window run from the procedure."""
    text = f"""base = "{builtin_protocol().name}"
        id = "site"
        version = "1"
        [settings]
        imaging_window_anchor = "procedure"
        """
    site = parse_protocol(text, builtin_protocol)
    for time, rule in (("2026-02-04 08:00:00", EARLY), ("2026-02-04 08:00:01", BEFORE)):
        now = status([*LEAKING, *image(time)], LATER, protocol=site)
        assert rules(now) & {EARLY, BEFORE} == {rule}


ADVANCED = ("dynamic-CT-myelography", "digital-subtraction-myelography")


@pytest.mark.rule("advanced-imaging-before-referral")
@pytest.mark.parametrize("topic", ["imaging-performed", "imaging-ordered"])
@pytest.mark.parametrize("modality", ADVANCED)
def test_advanced_without_referral(topic, modality):
    """Dynamic CT or digital subtraction myelography without a referral is an advisory."""
    act = image("2026-02-09 08:00", topic, modality=modality)
    referral = at("2026-02-09 07:00", "specialist-referral-made")
    late = at("2026-02-09 09:00", "specialist-referral-made")
    rule = "advanced-imaging-before-referral"
    assert one([*LEAKING, *act, *late], LATER, rule).severity == "advisory"
    assert not raised([*LEAKING, *referral, *act], LATER, rule)


@pytest.mark.rule("advanced-imaging-before-referral")
@pytest.mark.parametrize(
    "modality", ["MRI", "CT", "MR-myelography", "CT-myelography", "other", None]
)
def test_other_imaging_needs_no_referral(modality):
    """Other modalities, and one that is not recorded, need no referral."""
    words = {"id": "i"} | ({"modality": modality} if modality else {})
    act = at("2026-02-09 08:00", "imaging-performed", **words)
    assert not raised([*LEAKING, *act], LATER, "advanced-imaging-before-referral")


@pytest.mark.rule("myelography-position")
@pytest.mark.parametrize("stated", [True, False])
@pytest.mark.parametrize(
    ("leak", "position", "off"),
    [
        ("ventral", "prone", False),
        ("ventral", "supine", True),
        ("ventral", "lateral", True),
        ("ventral", None, False),
        ("ventral", "unknown", False),
        ("csf-venous-fistula", "lateral", False),
        ("csf-venous-fistula", "prone", True),
        ("csf-venous-fistula", None, False),
        ("lateral", "supine", False),
        ("pseudomeningocele", "supine", False),
        ("unknown", "supine", False),
    ],
)
def test_position(stated, leak, position, off):
    """Prone for ventral, lateral for a CSF-venous fistula; never when it is not recorded."""
    site = [] if stated else at("2026-02-08 08:00", "leak-site-identified", leak_type=leak)
    words = ({"suspected_leak": leak} if stated else {}) | (
        {"position": position} if position else {}
    )
    act = image("2026-02-09 08:00", modality="CT-myelography", **words)
    found = raised([*LEAKING, *site, *act], LATER, "myelography-position")
    assert [a.severity for a in found] == (["advisory"] if off else [])


@pytest.mark.rule("myelography-position")
@pytest.mark.parametrize("modality", ["MRI", "CT", "other"])
def test_position_matters_in_myelography_alone(modality):
    """In other imaging the patient may lie in any way."""
    act = image("2026-02-09 08:00", modality=modality, position="supine", suspected_leak="ventral")
    assert not raised([*LEAKING, *act], LATER, "myelography-position")


@pytest.mark.rule("myelography-position")
def test_position_by_what_is_suspected_first():
    """The leak suspected in the request comes before the site identified earlier."""
    site = at("2026-02-08 08:00", "leak-site-identified", leak_type="ventral")
    act = image(
        "2026-02-09 08:00",
        modality="CT-myelography",
        position="lateral",
        suspected_leak="csf-venous-fistula",
    )
    assert not raised([*LEAKING, *site, *act], LATER, "myelography-position")


@pytest.mark.rule("myelography-position")
def test_position_where_the_suspicion_is_unknown():
    """A suspected leak that is unknown is as good as none: the site identified counts."""
    site = at("2026-02-08 08:00", "leak-site-identified", leak_type="ventral")
    act = image(
        "2026-02-09 08:00", modality="CT-myelography", position="supine", suspected_leak="unknown"
    )
    assert raised([*LEAKING, *site, *act], LATER, "myelography-position")


@pytest.mark.rule("myelography-position")
def test_position_by_the_latest_site():
    """Of two sites identified the latest counts."""
    first = at("2026-02-07 08:00", "leak-site-identified", leak_type="ventral")
    second = at("2026-02-08 08:00", "leak-site-identified", leak_type="csf-venous-fistula")
    act = image("2026-02-09 08:00", modality="CT-myelography", position="lateral")
    assert not raised([*LEAKING, *first, *second, *act], LATER, "myelography-position")


@pytest.mark.rule("routine-imaging-early")
def test_window_from_inferred_management():
    """The window runs from a start that was inferred, too."""
    rest = at("2026-02-02 08:00", "bed-rest-started", id="rest")
    line = [*SURGERY, *HEADACHE, *rest, *image("2026-02-05 08:00")]
    assert one(line, LATER, EARLY).because == ("rest", "image")
    assert START[0].id not in one(line, LATER, EARLY).because
