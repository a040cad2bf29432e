"""Every event, declared once: its fields, ranges and words, and what is required."""

import msgspec
import pytest

from tracker.events import EVENT_TYPES, Role, UnknownTopicError, data_fields, data_from

_TEXT = """
episode-opened surgery-performed dural-puncture-recorded leak-suspected headache-assessed
symptoms-recorded wound-examined conservative-management-started conservative-management-ended
bed-rest-started bed-rest-ended position-changed patient-mobilized wound-drain-removed
medication-given medication-started medication-stopped thromboprophylaxis-decided
blood-patch-ordered blood-patch-cancelled blood-patch-declined blood-patch-deferred
blood-patch-performed targeted-patch-performed aspiration-performed embolization-performed
surgical-repair-performed csf-drainage-performed other-procedure-performed imaging-ordered
imaging-performed imaging-cancelled leak-site-identified complication-diagnosed
complication-resolved rebound-headache-diagnosed treatment-outcome-recorded
specialist-referral-made review-completed activity-recorded patient-discharged
patient-transferred patient-readmitted patient-died contact-failed lost-to-follow-up
episode-closed episode-reopened event-corrected event-voided episode-assigned reminder-issued
reminder-skipped reminder-acknowledged reminder-snoozed reminder-waived alert-acknowledged
protocol-adopted episode-erased episodes-linked episodes-unlinked
"""
TOPICS = _TEXT.split()

REQUIRED = {
    "event-corrected": {"target": "e", "changes": {"note": "x"}, "reason": "r"},
    "event-voided": {"target": "e", "reason": "r"},
    "review-completed": {"review": "early"},
    "complication-diagnosed": {"complication": "other"},
    "complication-resolved": {"complication": "other"},
    "activity-recorded": {"activity": "bending"},
    **{t: {"reminder": "r"} for t in TOPICS if t.startswith("reminder-")},
    "alert-acknowledged": {"alert": "a"},
    "episode-erased": {"reason": "r", "second_person": "p"},
    "episodes-linked": {"other_episode": "E-1"},
    "episodes-unlinked": {"other_episode": "E-1"},
}
DRUGS = ("medication-given", "medication-started", "medication-stopped")


def test_topics():
    """The topics are those of the storage format, none more and none less."""
    assert sorted(EVENT_TYPES) == sorted(TOPICS)


@pytest.mark.parametrize("topic", TOPICS)
def test_optional(topic):
    """Every field is optional but those named: the least that can be recorded of each topic."""
    least = REQUIRED.get(topic) or ({"drug": "x"} if topic in DRUGS else {})
    assert data_fields(data_from(topic, least)) == least


@pytest.mark.parametrize(
    ("topic", "field"), [(topic, field) for topic, least in REQUIRED.items() for field in least]
)
def test_required(topic, field):
    """Each required field is missed by its name."""
    fields = {name: value for name, value in REQUIRED[topic].items() if name != field}
    with pytest.raises(msgspec.ValidationError, match=field):
        data_from(topic, fields)


@pytest.mark.parametrize("topic", DRUGS)
def test_drug_or_class(topic):
    """A drug event needs the drug or its class."""
    data_from(topic, {"drug_class": "opioid"})
    with pytest.raises(msgspec.ValidationError, match="drug or drug_class is required"):
        data_from(topic, {"dose": 5, "unit": "mg"})


NUMBERS = [
    ("headache-assessed", "severity_nrs", [0, 10, 3.5], [-0.1, 10.1]),
    ("headache-assessed", "severity_upright_nrs", [0, 10], [-1, 11]),
    ("headache-assessed", "severity_supine_nrs", [0, 10], [-1, 11]),
    ("headache-assessed", "systolic_mmhg", [60, 250], [-1, 1000]),
    ("symptoms-recorded", "severity_nrs", [0, 10], [-1, 11]),
    ("symptoms-recorded", "temperature_c", [30, 38.2, 45], [29.9, 45.1, -3]),
    ("blood-patch-performed", "volume_ml", [0.1, 60], [0, -1, 60.1]),
    ("targeted-patch-performed", "volume_ml", [0.1, 60], [0, -1]),
    ("aspiration-performed", "volume_ml", [0.1, 60], [0, -1]),
    ("csf-drainage-performed", "volume_ml", [0.1, 60], [0, -1]),
    ("csf-drainage-performed", "opening_pressure_cmh2o", [4, 35], [1000]),
    ("patient-mobilized", "duration_min", [0, 30], [-1]),
    ("medication-given", "dose", [0.5, 1000], [0, -1]),
]


@pytest.mark.parametrize(("topic", "field", "fine", "wrong"), NUMBERS)
def test_ranges(topic, field, fine, wrong):
    """A number within its range is kept, one outside is refused by name."""
    base = {"drug": "x"} if topic in DRUGS else {}
    for value in fine:
        assert getattr(data_from(topic, base | {field: value}), field) == value
    for value in wrong:
        with pytest.raises(msgspec.ValidationError, match=field):
            data_from(topic, base | {field: value})


@pytest.mark.parametrize(("topic", "field"), [(t, f) for t, f, _, _ in NUMBERS])
@pytest.mark.parametrize("value", ["3", True, [3], "NaN", float("nan"), float("inf")])
def test_numbers_are_numbers(topic, field, value):
    """Text, truth values and what is no number are refused: nothing is guessed."""
    base = {"drug": "x"} if topic in DRUGS else {}
    with pytest.raises(msgspec.ValidationError):
        data_from(topic, base | {field: value})


WORDS = [
    ("headache-assessed", "posture", "orthostatic reverse-orthostatic non-positional none unknown"),
    ("headache-assessed", "trend", "improved worsening unchanged"),
    ("surgery-performed", "dural_tear", "yes no unknown"),
    ("surgery-performed", "dural_repair", "yes no unknown"),
    (
        "dural-puncture-recorded",
        "cause",
        "lumbar-puncture neuraxial-anesthesia myelography other unknown",
    ),
    ("wound-examined", "drainage", "none clear serous bloody purulent unknown"),
    *[
        ("wound-examined", field, "yes no unknown")
        for field in ("collection", "bulging", "erythema", "dehiscence", "infection")
    ],
    ("position-changed", "position", "supine trendelenburg head-up upright prone lateral"),
    ("thromboprophylaxis-decided", "decision", "given withheld"),
    ("blood-patch-performed", "guidance", "none fluoroscopy ct ultrasound unknown"),
    ("blood-patch-performed", "blood", "autologous"),
    ("blood-patch-performed", "injection_pain", "none mild substantial unknown"),
    ("blood-patch-performed", "dural_puncture", "yes no unknown"),
    ("targeted-patch-performed", "material", "blood fibrin"),
    ("embolization-performed", "target", "csf-venous-fistula other"),
    ("csf-drainage-performed", "purpose", "rebound-relief leak-diversion diagnostic"),
    (
        "imaging-performed",
        "modality",
        "MRI CT MR-myelography CT-myelography dynamic-CT-myelography "
        "digital-subtraction-myelography other",
    ),
    (
        "imaging-performed",
        "indication",
        "routine neurological-deficit altered-mental-status visual-change persistent-after-patch "
        "suspected-subdural suspected-venous-thrombosis suspected-meningitis "
        "atypical-presentation worsening-headache leak-localization other",
    ),
    (
        "leak-site-identified",
        "leak_type",
        "ventral lateral csf-venous-fistula pseudomeningocele unknown",
    ),
    (
        "complication-diagnosed",
        "complication",
        "cerebral-venous-thrombosis subdural-hematoma subdural-hygroma meningitis "
        "wound-infection wound-dehiscence other",
    ),
    ("treatment-outcome-recorded", "outcome", "complete partial none unknown"),
    ("review-completed", "review", "early intermediate late"),
    ("review-completed", "mode", "in-person phone video"),
    ("review-completed", "outcome", "resolved improved persistent worse"),
    ("review-completed", "restrictions", "continue lifted"),
    (
        "activity-recorded",
        "activity",
        "bending straining stretching twisting closed-mouth-coughing sneezing heavy-lifting "
        "strenuous-exercise",
    ),
    ("episode-closed", "outcome", "resolved transferred died lost excluded other"),
    (
        "medication-given",
        "drug_class",
        "carbonic-anhydrase-inhibitor antihypertensive opioid nsaid acetaminophen anticoagulant "
        "caffeine other",
    ),
]


@pytest.mark.parametrize(("topic", "field", "words"), WORDS)
def test_words(topic, field, words):
    """Each word of a vocabulary is taken, any other is refused by the name of the field."""
    base = REQUIRED.get(topic, {})
    for word in words.split():
        assert getattr(data_from(topic, base | {field: word}), field) == word
    with pytest.raises(msgspec.ValidationError, match=field):
        data_from(topic, base | {field: "sideways"})


LISTS = [
    (
        "headache-assessed",
        "location",
        "occipital frontal periorbital retroorbital temporal vertex diffuse neck",
    ),
    *[
        (
            topic,
            field,
            "headache nausea vomiting neck-stiffness neck-pain back-pain visual-change "
            "blurred-vision diplopia photophobia hearing-change tinnitus dizziness fever chills "
            "seizure altered-mental-status neurological-deficit papilledema constipation malaise "
            "sepsis",
        )
        for topic, field in (
            ("headache-assessed", "associated"),
            ("symptoms-recorded", "present"),
            ("symptoms-recorded", "absent"),
            ("symptoms-recorded", "improved"),
        )
    ],
    (
        "conservative-management-started",
        "measures",
        "bed-rest positioning hydration acetaminophen nsaid caffeine cosyntropin "
        "activity-restriction bowel-regimen expectant",
    ),
    ("imaging-performed", "regions", "brain complete-spine spine surgical-site"),
]


@pytest.mark.parametrize(("topic", "field", "words"), LISTS)
def test_lists(topic, field, words):
    """A list takes every word of its vocabulary and refuses any other."""
    assert list(getattr(data_from(topic, {field: words.split()}), field)) == words.split()
    with pytest.raises(msgspec.ValidationError, match=field):
        data_from(topic, {field: ["sideways"]})


@pytest.mark.parametrize("topic", TOPICS)
def test_unknown_field(topic):
    """A field that is not declared is refused by its name."""
    least = REQUIRED.get(topic) or ({"drug": "x"} if topic in DRUGS else {})
    with pytest.raises(msgspec.ValidationError, match="colour"):
        data_from(topic, least | {"colour": "blue"})


def test_unknown_topic():
    """A topic that is not declared is no event."""
    with pytest.raises(UnknownTopicError):
        data_from("tea-served", {})


def test_present_and_absent():
    """A symptom cannot be there and not there in one report."""
    with pytest.raises(msgspec.ValidationError, match="nausea: both present and absent"):
        data_from("symptoms-recorded", {"present": ["nausea"], "absent": ["nausea", "fever"]})


@pytest.mark.parametrize("text", ["2026-02-02T08:00:00", "2026-02-02", "1704067200", "noon"])
def test_instants_need_an_offset(text):
    """An instant without an offset is refused: nobody guesses a zone."""
    with pytest.raises(msgspec.ValidationError):
        data_from("blood-patch-deferred", {"planned_for": text})


def test_instants_become_utc():
    """An instant with another offset is kept in UTC."""
    data = data_from("blood-patch-deferred", {"planned_for": "2026-02-02T08:00:00+05:30"})
    assert data_fields(data) == {"planned_for": "2026-02-02T02:30:00Z"}


@pytest.mark.parametrize(
    ("role", "topics"),
    [
        (
            Role.FINDING,
            "headache-assessed symptoms-recorded wound-examined rebound-headache-diagnosed "
            "review-completed treatment-outcome-recorded leak-suspected complication-diagnosed "
            "complication-resolved leak-site-identified",
        ),
        (
            Role.INTERVENTION,
            "blood-patch-performed targeted-patch-performed aspiration-performed "
            "embolization-performed surgical-repair-performed",
        ),
        (Role.PATCH, "blood-patch-performed targeted-patch-performed aspiration-performed"),
        (
            Role.BREACH,
            "surgery-performed dural-puncture-recorded csf-drainage-performed "
            "surgical-repair-performed",
        ),
        (Role.SCHEDULER, "reminder-issued reminder-skipped episode-erased"),
    ],
)
def test_roles(role, topics):
    """What an event is to the pathway is what the specification calls it."""
    assert {t for t, c in EVENT_TYPES.items() if role in c.role} == set(topics.split())


@pytest.mark.parametrize("topic", TOPICS)
def test_every_event_has_a_description(topic):
    """The class says in a sentence what happened."""
    assert (EVENT_TYPES[topic].__doc__ or "").endswith(".")
