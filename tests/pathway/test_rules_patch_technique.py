"""Rules about how a patch was done: volume, level, guidance, pain."""

import pytest

from tests.pathway.histories import at
from tests.pathway.leaking import LATER, LEAKING, PATCHES, SURGERY, one, patch, raised


@pytest.mark.rule("patch-volume")
@pytest.mark.parametrize(
    ("volume", "outside"),
    [(14.9, True), (15, False), (18, False), (20, False), (20.1, True), (None, False)],
)
def test_volume(volume, outside):
    """Blood outside 15-20 mL is an advisory; never when it is not recorded."""
    given = patch("2026-02-05 08:00", **({} if volume is None else {"volume_ml": volume}))
    found = raised([*LEAKING, *given], LATER, "patch-volume")
    assert [a.severity for a in found] == (["advisory"] if outside else [])


@pytest.mark.rule("patch-volume")
def test_volume_of_an_injection_stopped_early():
    """Too little is an info where the injection was stopped early."""
    given = patch("2026-02-05 08:00", volume_ml=9, stopped_early_reason="back pain")
    assert one([*LEAKING, *given], LATER, "patch-volume").severity == "info"


@pytest.mark.rule("patch-volume")
def test_volume_is_about_blood_patches():
    """A targeted patch may have any volume."""
    given = at("2026-02-05 08:00", "targeted-patch-performed", volume_ml=4, site="T8")
    assert not raised([*LEAKING, *given], LATER, "patch-volume")


@pytest.mark.rule("patch-level")
@pytest.mark.parametrize(
    ("operated", "patched", "outside"),
    [
        ("L4-L5", "L4-L5", False),
        ("L4-L5", "L5-S1", False),
        ("L4-L5", "L3-L4", True),
        ("L4-L5", "S1-S2", True),
        ("L3-L5", "L3-L4", False),
        ("L3-L5", "L4-L5", False),
        ("L3-L5", "L5-S1", False),
        ("L3-L5", "L2-L3", True),
        ("L3-L5", "L3-L5", False),
        ("C7-T1", "T1-T2", False),
        ("T12-L1", "L1-L2", False),
        ("T12-L1", "L2-L3", True),
        ("L4-L5", "low lumbar", False),
        ("low lumbar", "L1-L2", False),
        (None, "L1-L2", False),
        ("L4-L5", None, False),
    ],
)
def test_level(operated, patched, outside):
    """At an operated level or one below the lowest; never judged when either is unknown."""
    op = at("2026-02-01 08:00", "surgery-performed", **({"level": operated} if operated else {}))
    given = patch("2026-02-05 08:00", **({"level": patched} if patched else {}))
    found = raised([*op, *given], LATER, "patch-level")
    assert [a.severity for a in found] == (["advisory"] if outside else [])


@pytest.mark.rule("patch-level")
def test_level_of_any_surgery():
    """Every operated level counts, and one below the lowest of them."""
    other = at("2026-02-01 20:00", "surgery-performed", id="op2", level="T10-T11")
    for level, outside in (("T10-T11", False), ("L5-S1", False), ("T11-T12", True)):
        line = [*SURGERY, *other, *patch("2026-02-05 08:00", level=level)]
        assert bool(raised(line, LATER, "patch-level")) is outside


@pytest.mark.rule("repeat-patch-unguided")
@pytest.mark.parametrize(
    ("fields", "unguided"),
    [
        ({}, True),
        ({"guidance": "none"}, True),
        ({"guidance": "unknown"}, True),
        ({"guidance": "fluoroscopy"}, False),
        ({"guidance": "ct"}, False),
        ({"guidance": "ultrasound"}, False),
    ],
)
def test_repeat_unguided(fields, unguided):
    """Patch 2 or more without guidance is an advisory; the first is none of it."""
    first = at("2026-02-05 08:00", "blood-patch-performed", id="first", **fields)
    line = [*LEAKING, *first, *patch("2026-02-07 08:00", **fields)]
    found = raised(line, LATER, "repeat-patch-unguided")
    assert [a.because for a in found] == ([("patch",)] if unguided else [])


@pytest.mark.rule("repeat-patch-unguided")
@pytest.mark.parametrize(("topic", "fields"), PATCHES)
def test_repeat_of_any_kind(topic, fields):
    """A patch of any kind after one of any kind is a repeat."""
    line = [*LEAKING, *at("2026-02-05 08:00", topic, id="first", **fields)]
    line += at("2026-02-09 08:00", "targeted-patch-performed", id="act", site="L4")
    assert one(line, LATER, "repeat-patch-unguided").severity == "advisory"


@pytest.mark.rule("repeat-patch-unguided")
def test_repeat_is_about_patches():
    """A first patch after an embolization is no repeat patch."""
    line = [*LEAKING, *at("2026-02-05 08:00", "embolization-performed")]
    assert not raised([*line, *patch("2026-02-09 08:00")], LATER, "repeat-patch-unguided")


@pytest.mark.rule("injection-not-stopped")
@pytest.mark.parametrize(
    ("fields", "unstopped"),
    [
        ({"injection_pain": "substantial"}, True),
        ({"injection_pain": "substantial", "stopped_early_reason": "pain"}, False),
        ({"injection_pain": "mild"}, False),
        ({"injection_pain": "unknown"}, False),
        ({}, False),
    ],
)
def test_not_stopped(fields, unstopped):
    """Substantial pain and no reason for stopping early is an advisory."""
    found = raised([*LEAKING, *patch("2026-02-05 08:00", **fields)], LATER, "injection-not-stopped")
    assert [a.severity for a in found] == (["advisory"] if unstopped else [])
