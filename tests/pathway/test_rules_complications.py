"""Danger signs at the wound, and complications that were diagnosed."""

import pytest

from tests.pathway.histories import at, rules, status, when
from tests.pathway.leaking import LATER, LEAKING, one, raised

WOUND, RECORDED = "wound-complication-suspected", "complication-recorded"


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


WOUNDS = [
    ({"infection": "yes"}, "urgent"),
    ({"drainage": "purulent"}, "urgent"),
    ({"dehiscence": "yes"}, "urgent"),
    ({"infection": "yes", "erythema": "yes", "drainage": "serous"}, "urgent"),
    ({"erythema": "yes"}, "warning"),
    ({"drainage": "serous"}, "warning"),
    ({"drainage": "bloody"}, "warning"),
    ({"drainage": "clear"}, "warning"),
    ({"collection": "yes", "bulging": "yes"}, None),
    ({"drainage": "none", "erythema": "no", "infection": "no", "dehiscence": "no"}, None),
    ({"drainage": "unknown", "erythema": "unknown", "infection": "unknown"}, None),
    ({}, None),
]


@pytest.mark.rule("wound-complication-suspected")
@pytest.mark.parametrize(("signs", "severity"), WOUNDS)
def test_wound(signs, severity):
    """Urgent for infection, pus or dehiscence, else a warning; unknown never counts."""
    found = raised(wound("2026-02-02 08:00", **signs), LATER, WOUND)
    assert [a.severity for a in found] == ([severity] if severity else [])


@pytest.mark.rule("wound-complication-suspected")
@pytest.mark.parametrize(
    ("told", "severity"),
    [
        ({"temperature_c": 38.0}, "urgent"),
        ({"present": ["fever"]}, "urgent"),
        ({"present": ["sepsis"]}, "urgent"),
        ({"temperature_c": 37.9}, "warning"),
        ({"present": ["chills"]}, "warning"),
    ],
)
@pytest.mark.parametrize("wound_first", [True, False])
def test_erythema_with_fever(told, severity, wound_first):
    """Erythema with fever or sepsis is urgent, whichever comes first."""
    times = ("2026-02-02 08:00", "2026-02-02 09:00")[:: 1 if wound_first else -1]
    line = [
        *wound(times[0], erythema="yes"),
        *at(times[1], "symptoms-recorded", **told),
    ]
    found = {a.severity for a in raised(line, LATER, WOUND) if a.active}
    assert found == {severity}


@pytest.mark.rule("wound-complication-suspected")
def test_serous_drainage_with_fever_is_a_warning():
    """Fever makes erythema urgent, not drainage."""
    line = [*wound("2026-02-02 08:00", drainage="serous"), *report("2026-02-02 09:00", "fever")]
    assert one(line, LATER, WOUND).severity == "warning"


@pytest.mark.rule("wound-complication-suspected")
def test_wound_warning_while_the_sign_is_there():
    """A lesser sign warns until the wound is found without it; not looking is no finding."""
    line = [*wound("2026-02-02 08:00", erythema="yes"), *wound("2026-02-03 08:00", drainage="none")]
    assert one(line, LATER, WOUND).active
    healed = wound("2026-02-04 08:00", erythema="no")
    assert one([*line, *healed], LATER, WOUND).until == when("2026-02-04 08:00")


@pytest.mark.rule("wound-complication-suspected")
@pytest.mark.parametrize(
    ("signs", "healed"),
    [
        ({"infection": "yes"}, {"infection": "no"}),
        ({"drainage": "purulent"}, {"drainage": "none"}),
        ({"dehiscence": "yes"}, {"dehiscence": "no"}),
    ],
)
def test_wound_urgent_until_acknowledged_and_healed(signs, healed):
    """An urgent wound needs both: acknowledged, and found without the sign."""
    line = [*wound("2026-02-02 08:00", **signs), *ack("2026-02-02 09:00", WOUND)]
    assert one(line, LATER, WOUND).active
    assert not one([*line, *wound("2026-02-04 08:00", **healed)], LATER, WOUND).active


@pytest.mark.rule("wound-complication-suspected")
def test_erythema_without_fever_any_more():
    """When the fever is gone erythema is a warning again, once the urgent one is acknowledged."""
    line = [*wound("2026-02-02 08:00", erythema="yes"), *report("2026-02-02 09:00", "fever")]
    line += [*ack("2026-02-02 10:00", WOUND), *gone("2026-02-03 08:00", "fever")]
    assert [a.severity for a in raised(line, LATER, WOUND) if a.active] == ["warning"]


@pytest.mark.rule("wound-complication-suspected")
def test_resolved_infection_heals_the_wound():
    """A wound infection recorded as resolved takes its signs with it."""
    line = [*wound("2026-02-02 08:00", infection="yes"), *ack("2026-02-02 09:00", WOUND)]
    over = at("2026-02-09 08:00", "complication-resolved", complication="wound-infection")
    assert not one([*line, *over], LATER, WOUND).active


@pytest.mark.rule("wound-complication-suspected")
def test_clear_drainage_is_leak_and_warning():
    """Clear drainage is a leak, and a warning about the wound (A16)."""
    now = status(wound("2026-02-02 08:00", drainage="clear"), "2026-02-02 08:00")
    assert (now.leak, WOUND in rules(now), now.urgent) == ("active", True, False)


COMPLICATIONS = ["cerebral-venous-thrombosis", "subdural-hematoma", "meningitis", "other"]


@pytest.mark.rule("complication-recorded")
@pytest.mark.parametrize("name", COMPLICATIONS)
def test_complication(name):
    """A complication is urgent until it is acknowledged and resolved."""
    line = [*LEAKING, *at("2026-02-02 08:00", "complication-diagnosed", complication=name)]
    over = at("2026-02-09 08:00", "complication-resolved", complication=name)
    assert one(line, LATER, RECORDED).severity == "urgent"
    assert one([*line, *ack("2026-02-03 08:00", RECORDED)], LATER, RECORDED).active
    assert one([*line, *over], LATER, RECORDED).active
    both = [*line, *ack("2026-02-03 08:00", RECORDED), *over]
    assert one(both, LATER, RECORDED).until == when("2026-02-09 08:00")


@pytest.mark.rule("complication-recorded")
def test_another_complication_resolved():
    """Resolving one complication leaves another."""
    line = [*LEAKING, *at("2026-02-02 08:00", "complication-diagnosed", complication="meningitis")]
    line += ack("2026-02-03 08:00", RECORDED)
    line += at("2026-02-09 08:00", "complication-resolved", complication="other")
    assert one(line, LATER, RECORDED).active


@pytest.mark.rule("complication-recorded")
def test_subdural_collection_blocks_no_patch():
    """A subdural collection does not block a patch: no rule is raised about it."""
    found = at("2026-02-05 06:00", "complication-diagnosed", complication="subdural-hematoma")
    done = at("2026-02-05 08:00", "blood-patch-performed", volume_ml=18, level="L4-L5")
    assert rules(status([*LEAKING, *found, *done], "2026-02-05 09:00")) == {RECORDED}
