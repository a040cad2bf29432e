"""Rules about rebound, and about patches while the pattern is against them or unknown."""

import pytest

from tests.pathway.histories import SECOND, at, rules, status, when
from tests.pathway.leaking import (
    LATER,
    LEAKING,
    PATCHES,
    START,
    SURGERY,
    finding,
    one,
    order,
    patch,
    raised,
)


@pytest.mark.rule("rebound-suspected")
def test_rebound_while_it_lasts():
    """A reverse-orthostatic pattern warns until another pattern is found."""
    line = [*LEAKING, *finding("2026-02-02 08:00", id="r", posture="reverse-orthostatic")]
    assert one(line, "2026-02-02 08:00", "rebound-suspected").severity == "warning"
    gone = finding("2026-02-04 08:00", posture="none")
    alert = one([*line, *gone], "2026-02-04 08:00", "rebound-suspected")
    assert (alert.active, alert.until) == (False, when("2026-02-04 08:00"))


@pytest.mark.rule("rebound-suspected")
@pytest.mark.parametrize("posture", ["orthostatic", "non-positional", "none", "unknown"])
def test_no_rebound_without_the_pattern(posture):
    """No timing, place or symptom makes rebound without the pattern (A9)."""
    after = finding(
        "2026-02-06 20:00", posture=posture, location=["frontal"], associated=["vomiting"]
    )
    line = [*LEAKING, *patch("2026-02-05 08:00"), *after]
    assert not raised(line, "2026-02-06 21:00", "rebound-suspected")


@pytest.mark.rule("rebound-suspected")
@pytest.mark.parametrize(
    ("hours", "fields", "confidence"),
    [
        (12, {}, "low"),
        (24, {}, "moderate"),
        (48, {}, "moderate"),
        (49, {}, "low"),
        (12, {"location": ["frontal"]}, "moderate"),
        (12, {"location": ["occipital"]}, "low"),
        (12, {"associated": ["nausea"]}, "moderate"),
        (12, {"associated": ["blurred-vision", "vomiting"]}, "high"),
        (30, {"location": ["retroorbital"]}, "high"),
        (12, {"associated": ["tinnitus"]}, "low"),
    ],
)
def test_confidence_in_rebound(hours, fields, confidence):
    """Timing 1-2 days after the patch, place and symptoms change the confidence alone."""
    time = when("2026-02-05 08:00") + hours * 3600 * SECOND
    line = [*LEAKING, *patch("2026-02-05 08:00")]
    line += finding(time, posture="reverse-orthostatic", **fields)
    assert f"confidence {confidence}" in one(line, time, "rebound-suspected").text


REBOUND = [*LEAKING, *finding("2026-02-05 08:00", id="r", posture="reverse-orthostatic")]


@pytest.mark.rule("patch-during-rebound")
@pytest.mark.parametrize(("topic", "fields"), PATCHES)
def test_patch_in_rebound_is_urgent(topic, fields):
    """Any patch performed while in rebound is urgent, and rests on the pattern."""
    now = status([*REBOUND, *at("2026-02-05 12:00", topic, id="act", **fields)], LATER)
    (alert,) = [a for a in now.alerts if a.rule == "patch-during-rebound"]
    assert (alert.severity, alert.because, now.urgent) == ("urgent", ("r", "act"), True)


@pytest.mark.rule("patch-during-rebound")
def test_order_in_rebound_is_a_warning():
    """A patch ordered while in rebound is a warning, until the order is cancelled."""
    line = [*REBOUND, *order("2026-02-05 12:00")]
    gone = at("2026-02-05 14:00", "blood-patch-cancelled")
    alert = one([*line, *gone], "2026-02-05 13:00", "patch-during-rebound")
    assert (alert.severity, alert.active) == ("warning", True)
    assert not one([*line, *gone], "2026-02-05 14:00", "patch-during-rebound").active


@pytest.mark.rule("patch-during-rebound")
def test_open_order_when_rebound_sets_in():
    """An order that is still open when rebound sets in is a warning, too."""
    early = order("2026-02-04 20:00", planned_for="2026-02-06T08:00:00Z")
    line = [*LEAKING, *early, *REBOUND[-1:]]
    assert not raised(line, "2026-02-05 07:59:59", "patch-during-rebound")
    assert one(line, "2026-02-05 08:00", "patch-during-rebound").severity == "warning"


@pytest.mark.rule("patch-during-rebound")
@pytest.mark.parametrize("topic", ["blood-patch-declined", "blood-patch-deferred"])
@pytest.mark.parametrize("named", [{}, {"order": "order"}])
def test_refused_order_when_rebound_sets_in(topic, named):
    """An order that was declined or deferred is open no more."""
    early = order("2026-02-04 20:00", planned_for="2026-02-06T08:00:00Z")
    line = [*LEAKING, *early, *at("2026-02-04 21:00", topic, **named), *REBOUND[-1:]]
    assert not raised(line, "2026-02-05 08:00", "patch-during-rebound")


@pytest.mark.rule("patch-during-rebound")
def test_rebound_found_out_later():
    """A pattern that is recorded after the patch, but was true before, raises it."""
    late = finding("2026-02-05 08:00", posture="reverse-orthostatic", recorded="2026-02-07 08:00")
    line = [*LEAKING, *patch("2026-02-05 12:00"), *late]
    known = status(line, "2026-02-06 08:00", known_at="2026-02-06 08:00")
    assert "patch-during-rebound" not in rules(known)
    assert one(line, "2026-02-07 08:00", "patch-during-rebound").severity == "urgent"


@pytest.mark.rule("patch-during-rebound")
def test_patch_in_rebound_is_urgent_until_acknowledged():
    """Its ground is a past act: acknowledging ends it."""
    line = [*REBOUND, *patch("2026-02-05 12:00")]
    ack = at("2026-02-05 13:00", "alert-acknowledged", alert="patch-during-rebound")
    assert not status([*line, *ack], "2026-02-05 13:00").urgent


@pytest.mark.rule("patch-during-rebound")
def test_no_rebound_after_the_patch_took_effect():
    """A second patch is judged by the findings since the first."""
    line = [*REBOUND, *finding("2026-02-05 10:00", posture="orthostatic")]
    assert not raised([*line, *patch("2026-02-05 12:00")], LATER, "patch-during-rebound")


@pytest.mark.rule("pattern-unknown-before-patch")
@pytest.mark.parametrize(("topic", "fields"), [*PATCHES, ("blood-patch-ordered", {})])
@pytest.mark.parametrize("posture", ["unknown", "non-positional"])
def test_pattern_unknown(topic, fields, posture):
    """A patch ordered or performed while the state is unknown is an advisory."""
    line = [*SURGERY, *START, *finding("2026-02-02 08:00", posture=posture)]
    line += at("2026-02-05 08:00", topic, id="act", **fields)
    assert one(line, LATER, "pattern-unknown-before-patch").severity == "advisory"


@pytest.mark.rule("pattern-unknown-before-patch")
@pytest.mark.parametrize(
    "fields",
    [
        {"posture": "orthostatic"},
        {"posture": "orthostatic", "trend": "improved"},
        {"posture": "reverse-orthostatic"},
        {"posture": "none"},
    ],
)
def test_pattern_known(fields):
    """With any state but unknown the pattern was determined."""
    line = [*SURGERY, *finding("2026-02-05 08:00", **fields), *patch("2026-02-05 08:00")]
    assert not raised(line, LATER, "pattern-unknown-before-patch")
