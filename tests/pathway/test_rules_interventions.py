"""Rules about targeted interventions and about activity after them."""

import pytest

from tests.pathway.histories import SECOND, at, opened, when
from tests.pathway.leaking import LATER, LEAKING, patch, raised


@pytest.mark.rule("embolization-target")
@pytest.mark.parametrize(
    ("fields", "off"),
    [
        ({"target": "other"}, True),
        ({"target": "csf-venous-fistula"}, False),
        ({"target": "unknown"}, False),
        ({}, False),
    ],
)
def test_embolization_target(fields, off):
    """Embolization of anything but a CSF-venous fistula is an advisory; never when unknown."""
    line = [*LEAKING, *at("2026-02-05 08:00", "embolization-performed", **fields)]
    assert bool(raised(line, LATER, "embolization-target")) is off


@pytest.mark.rule("repair-before-patch")
@pytest.mark.parametrize("patched", [True, False])
def test_repair_before_patch(patched):
    """A repair before any patch was tried is an advisory."""
    first = patch("2026-02-05 08:00") if patched else []
    line = [*LEAKING, *first, *at("2026-02-09 08:00", "surgical-repair-performed")]
    found = raised(line, LATER, "repair-before-patch")
    assert [a.severity for a in found] == ([] if patched else ["advisory"])


@pytest.mark.rule("targeted-without-site")
@pytest.mark.parametrize(
    ("found", "fields", "off"),
    [
        ([], {}, True),
        ([], {"site": "T8 ventral"}, False),
        (at("2026-02-04 08:00", "leak-site-identified", leak_type="ventral"), {}, False),
        (at("2026-02-06 08:00", "leak-site-identified", leak_type="ventral"), {}, True),
    ],
)
def test_targeted_without_site(found, fields, off):
    """A targeted patch needs a leak site identified before it, or named with it."""
    line = [*LEAKING, *found, *at("2026-02-05 08:00", "targeted-patch-performed", **fields)]
    assert bool(raised(line, LATER, "targeted-without-site")) is off


@pytest.mark.rule("restriction-breach")
@pytest.mark.parametrize("zone", ["UTC", "Europe/London"])
def test_restriction_breach_to_the_second(zone):
    """A restricted activity before I + 28 d is an advisory, at the same local time it is none."""
    until = when("2026-04-07 08:00") if zone == "UTC" else when("2026-04-07 07:00")
    line = [*opened(zone), *LEAKING, *patch("2026-03-10 08:00")]
    for time, breach in ((until - SECOND, True), (until, False)):
        act = at(time, "activity-recorded", activity="heavy-lifting")
        found = raised([*line, *act], "2026-05-01 08:00", "restriction-breach")
        assert [a.severity for a in found] == (["advisory"] if breach else [])


@pytest.mark.rule("restriction-breach")
def test_restriction_only_after_an_intervention():
    """Without an intervention before it an activity breaks nothing."""
    act = at("2026-02-02 08:00", "activity-recorded", activity="bending")
    assert not raised([*LEAKING, *act, *patch("2026-02-05 08:00")], LATER, "restriction-breach")
