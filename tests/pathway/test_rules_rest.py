"""Rules about getting up: after a patch, in bed rest, while improved."""

import pytest

from tests.pathway.histories import SECOND, at, rules, status, when
from tests.pathway.leaking import LATER, LEAKING, finding, one, patch, raised

OBSERVATION, UPRIGHT = "observation-too-short", "upright-too-early"
UPS = [
    ("position-changed", {"position": "upright"}),
    ("patient-mobilized", {}),
    ("patient-discharged", {}),
]


@pytest.mark.rule("observation-too-short")
@pytest.mark.parametrize(("topic", "fields"), UPS)
def test_observation_to_the_second(topic, fields):
    """Upright or discharged 1:59:59 after the patch is a warning, at 2:00:00 it is none."""
    end = when("2026-02-05 10:00")
    for time, short in ((end - SECOND, True), (end, False)):
        line = [*LEAKING, *patch("2026-02-05 08:00"), *at(time, topic, id="up", **fields)]
        found = raised(line, LATER, OBSERVATION)
        assert [(a.severity, a.because) for a in found] == [("warning", ("patch", "up"))] * short


@pytest.mark.rule("observation-too-short")
def test_observation_from_the_end_of_the_patch():
    """Where the end of the patch is known the 2 h count from it."""
    done = patch("2026-02-05 08:00", ended_at="2026-02-05T08:45:00Z")
    for time, short in (("2026-02-05 10:44:59", True), ("2026-02-05 10:45:00", False)):
        line = [*LEAKING, *done, *at(time, "patient-mobilized")]
        assert (OBSERVATION in rules(status(line, LATER))) is short


@pytest.mark.rule("observation-too-short")
@pytest.mark.parametrize(
    "position", ["supine", "trendelenburg", "prone", "lateral", "unknown", None]
)
def test_lying_is_no_end_of_observation(position):
    """Lying in any way, and a position that is not known, is not upright."""
    words = {"position": position} if position else {}
    line = [
        *LEAKING,
        *patch("2026-02-05 08:00"),
        *at("2026-02-05 09:00", "position-changed", **words),
    ]
    assert not raised(line, LATER, OBSERVATION)


@pytest.mark.rule("observation-too-short")
@pytest.mark.parametrize(
    ("topic", "fields", "watched"),
    [
        ("targeted-patch-performed", {"site": "L4"}, True),
        ("aspiration-performed", {"with_patch": True}, True),
        ("aspiration-performed", {"with_patch": False}, False),
        ("embolization-performed", {}, False),
        ("surgical-repair-performed", {}, False),
    ],
)
def test_observation_after_patches_alone(topic, fields, watched):
    """Observation counts after any patch, and after nothing else."""
    line = [*LEAKING, *at("2026-02-05 08:00", topic, **fields)]
    line += at("2026-02-05 09:00", "patient-mobilized")
    assert bool(raised(line, LATER, OBSERVATION)) is watched


@pytest.mark.rule("observation-too-short")
def test_observation_after_the_latest_patch():
    """The latest patch counts."""
    second = at("2026-02-09 08:00", "blood-patch-performed", id="second", guidance="ct")
    line = [*LEAKING, *patch("2026-02-05 08:00"), *second]
    line += at("2026-02-09 09:00", "patient-mobilized", id="up")
    assert one(line, LATER, OBSERVATION).because == ("second", "up")


@pytest.mark.rule("upright-too-early")
@pytest.mark.parametrize(
    ("fields", "early"),
    [
        ({"posture": "orthostatic", "trend": "improved"}, True),
        ({"posture": "orthostatic"}, False),
        ({"posture": "none"}, False),
        ({"posture": "reverse-orthostatic"}, False),
        ({"posture": "non-positional"}, False),
    ],
)
def test_upright_while_improved(fields, early):
    """Mobilized while improved but not resolved is an advisory (L132)."""
    line = [*LEAKING, *finding("2026-02-04 08:00", id="f", **fields)]
    found = raised([*line, *at("2026-02-04 12:00", "patient-mobilized", id="up")], LATER, UPRIGHT)
    assert [(a.severity, a.because) for a in found] == [("advisory", ("f", "up"))] * early


@pytest.mark.rule("upright-too-early")
@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        ("bed-rest-started", {}),
        ("conservative-management-started", {"measures": ["bed-rest"]}),
    ],
)
def test_upright_in_bed_rest_to_the_second(topic, fields):
    """Mobilized at 23:59:59 of bed rest is an advisory, at 24:00:00 it is none (L36)."""
    end = when("2026-02-03 08:00")
    for time, early in ((end - SECOND, True), (end, False)):
        line = [*LEAKING, *at("2026-02-02 08:00", topic, id="rest", **fields)]
        line += at(time, "patient-mobilized", id="up")
        assert bool(raised(line, LATER, UPRIGHT)) is early


@pytest.mark.rule("upright-too-early")
@pytest.mark.parametrize(
    ("topic", "fields", "over"),
    [
        ("bed-rest-ended", {}, True),
        ("conservative-management-ended", {}, True),
        ("conservative-management-ended", {"measures": ["bed-rest"]}, True),
        ("conservative-management-ended", {"measures": ["caffeine"]}, False),
    ],
)
def test_upright_after_bed_rest_was_ended(topic, fields, over):
    """Bed rest that was ended is over; ending another measure ends no bed rest."""
    line = [
        *LEAKING,
        *at("2026-02-02 08:00", "bed-rest-started"),
        *at("2026-02-02 10:00", topic, **fields),
    ]
    line += at("2026-02-02 12:00", "patient-mobilized")
    assert bool(raised(line, LATER, UPRIGHT)) is not over


@pytest.mark.rule("upright-too-early")
def test_upright_alerts_until_acknowledged():
    """Getting up is a past act: it alerts until acknowledged."""
    line = [*LEAKING, *at("2026-02-02 08:00", "bed-rest-started")]
    line += at("2026-02-02 12:00", "patient-mobilized")
    ack = at("2026-02-09 08:00", "alert-acknowledged", alert=UPRIGHT)
    assert one(line, LATER, UPRIGHT).active
    assert not one([*line, *ack], LATER, UPRIGHT).active
