"""Rules about the time of a patch: too early, before the trial, delayed, or without a clock."""

import pytest

from tests.pathway.histories import MICROSECOND, SECOND, at, correct, rules, status, void, when
from tests.pathway.leaking import (
    DUE,
    HEADACHE,
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


@pytest.mark.rule("patch-too-early")
@pytest.mark.parametrize(("topic", "fields"), PATCHES)
def test_too_early_to_the_second(topic, fields):
    """Any patch at 47:59:59 after the breach is too early, at 48:00:00 it is not."""
    limit = when("2026-02-03 08:00")
    for time, early in ((limit - SECOND, True), (limit - MICROSECOND, True), (limit, False)):
        events = [*SURGERY, *HEADACHE, *at(time, topic, id="act", **fields)]
        assert bool(raised(events, LATER, "patch-too-early")) is early


@pytest.mark.rule("patch-too-early")
def test_too_early_names_what_it_rests_on():
    """The alert is a warning with its source, its patch and its breach."""
    alert = one([*LEAKING, *patch("2026-02-02 14:00")], LATER, "patch-too-early")
    assert (alert.severity, alert.source) == ("warning", "L49, L129 [2]")
    assert alert.because == ("op", "patch")
    assert "30 h after the dural breach op" in alert.text


@pytest.mark.rule("patch-too-early")
def test_too_early_counts_from_the_latest_breach():
    """The latest breach before the patch is what counts."""
    puncture = at("2026-02-04 08:00", "dural-puncture-recorded", id="lp")
    alert = one([*LEAKING, *puncture, *patch("2026-02-05 08:00")], LATER, "patch-too-early")
    assert alert.because == ("lp", "patch")


@pytest.mark.rule("patch-too-early")
def test_too_early_after_a_patch_that_punctured_the_dura():
    """A repeat patch less than 48 h after one that punctured the dura is too early."""
    first = at("2026-02-06 08:00", "blood-patch-performed", id="first", dural_puncture="yes")
    assert one([*LEAKING, *first, *patch("2026-02-08 07:00")], LATER, "patch-too-early")


@pytest.mark.rule("patch-too-early")
def test_order_is_judged_when_it_is_planned_for():
    """An order is judged at planned_for where given, else at its own time."""
    early = order("2026-02-02 08:00", planned_for="2026-02-03T07:59:59Z")
    fine = order("2026-02-02 08:00", planned_for="2026-02-03T08:00:00Z")
    assert raised([*SURGERY, *early], "2026-02-02 09:00", "patch-too-early")
    assert not raised([*SURGERY, *fine], "2026-02-02 09:00", "patch-too-early")
    assert raised([*SURGERY, *order("2026-02-02 08:00")], "2026-02-02 09:00", "patch-too-early")


@pytest.mark.rule("patch-too-early")
@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        ("dural-puncture-recorded", {}),
        ("csf-drainage-performed", {}),
        ("surgery-performed", {}),
        ("blood-patch-performed", {"dural_puncture": "yes"}),
    ],
)
def test_new_breach_makes_a_planned_order_too_early(topic, fields):
    """A breach between the order and the time it is planned for makes it too early."""
    plan = order("2026-02-05 08:00", planned_for="2026-02-08T08:00:00Z")
    other = at("2026-02-05 09:00", "blood-patch-ordered", id="other")
    breach = at("2026-02-07 08:00", topic, id="breach", **fields)
    assert not raised([*LEAKING, *plan, *other], "2026-02-06 08:00", "patch-too-early")
    alert = one([*LEAKING, *plan, *other, *breach], "2026-02-07 09:00", "patch-too-early")
    assert alert.because == ("breach", "order")


@pytest.mark.rule("patch-too-early")
def test_order_s_alert_ends_with_the_order():
    """Cancelling the order ends the alert about it."""
    line = [*SURGERY, *order("2026-02-02 08:00")]
    gone = at("2026-02-02 12:00", "blood-patch-cancelled")
    assert one([*line, *gone], "2026-02-02 11:59:59", "patch-too-early").active
    alert = one([*line, *gone], "2026-02-02 12:00:00", "patch-too-early")
    assert (alert.active, alert.until) == (False, when("2026-02-02 12:00"))


@pytest.mark.rule("patch-too-early")
def test_cancelling_another_order_leaves_it():
    """A cancellation that names another order leaves the alert; without a name it is the latest."""
    line = [*SURGERY, *order("2026-02-02 08:00")]
    line += at("2026-02-02 09:00", "blood-patch-ordered", id="second")
    named = at("2026-02-02 12:00", "blood-patch-cancelled", order="order")
    unnamed = at("2026-02-02 12:00", "blood-patch-cancelled")
    for gone, left in ((named, "second"), (unnamed, "order")):
        alerts = raised([*line, *gone], "2026-02-02 13:00", "patch-too-early")
        assert [a.because[-1] for a in alerts if a.active] == [left]


@pytest.mark.rule("patch-too-early")
def test_past_act_alerts_until_acknowledged():
    """An alert about an act lasts until it is acknowledged, by its id or by its rule."""
    line = [*LEAKING, *patch("2026-02-02 14:00")]
    assert one(line, "2027-02-02 14:00", "patch-too-early").active
    for name in ("patch-too-early:patch", "patch-too-early"):
        ack = at("2026-02-03 08:00", "alert-acknowledged", alert=name, actor="ben")
        alert = one([*line, *ack], "2026-02-03 08:00", "patch-too-early")
        assert (alert.active, alert.acknowledged_by) == (False, "ben")


@pytest.mark.rule("patch-too-early")
def test_acknowledgement_before_the_act_counts_for_nothing():
    """Acknowledging the rule acknowledges its active alerts, not those to come."""
    ack = at("2026-02-02 08:00", "alert-acknowledged", alert="patch-too-early")
    assert one([*LEAKING, *ack, *patch("2026-02-02 14:00")], LATER, "patch-too-early").active


@pytest.mark.rule("patch-too-early")
def test_late_entered_breach_judges_an_earlier_entered_patch():
    """A breach that becomes known later judges the patch as if it had been known."""
    late = at("2026-02-04 08:00", "dural-puncture-recorded", recorded="2026-02-09 08:00")
    line = [*LEAKING, *patch("2026-02-05 08:00"), *late]
    assert "patch-too-early" not in rules(status(line, LATER, known_at="2026-02-08 08:00"))
    assert raised(line, LATER, "patch-too-early")


@pytest.mark.rule("patch-too-early")
def test_corrected_time_is_judged_anew():
    """A patch whose time is corrected is judged by the corrected time."""
    fixed = correct("2026-02-05 08:00", "patch", occurred_at="2026-02-03T09:00:00Z")
    line = [*LEAKING, *patch("2026-02-02 14:00")]
    assert not raised([*line, *fixed], LATER, "patch-too-early")
    assert not raised([*line, *void("2026-02-05 08:00", "patch")], LATER, "patch-too-early")


@pytest.mark.rule("protocol-clock-missing")
@pytest.mark.parametrize(("topic", "fields"), [*PATCHES, ("blood-patch-ordered", {})])
def test_patch_without_a_breach(topic, fields):
    """Without D a patch cannot be judged: an info, and no guess either way."""
    line = [*START, *at("2026-02-02 08:00", topic, id="act", **fields)]
    alert = one(line, "2026-02-02 09:00", "protocol-clock-missing")
    assert (alert.severity, alert.because) == ("info", ("act",))
    assert not raised(line, "2026-02-02 09:00", "patch-too-early")


@pytest.mark.rule("protocol-clock-missing")
def test_active_leak_without_c():
    """An active leak without C lasts until conservative management has begun."""
    line = [*SURGERY, *HEADACHE]
    assert one([*line, *START], "2026-02-01 21:00", "protocol-clock-missing").active
    assert not one([*line, *START], "2026-02-01 22:00", "protocol-clock-missing").active


@pytest.mark.rule("protocol-clock-missing")
def test_no_clock_is_missed_where_none_is_needed():
    """With both clocks known, or no active leak, nothing is missing."""
    line = [*SURGERY, *START, *finding("2026-02-02 08:00", posture="orthostatic")]
    assert not raised([*line, *patch("2026-02-05 08:00")], LATER, "protocol-clock-missing")
    line = [*SURGERY, *finding("2026-02-02 08:00", posture="none")]
    assert not raised(line, LATER, "protocol-clock-missing")


@pytest.mark.rule("patch-before-conservative-trial")
@pytest.mark.parametrize(("topic", "fields"), PATCHES)
def test_before_trial_to_the_second(topic, fields):
    """A first patch at 71:59:59 after C is an advisory, at 72:00:00 it is none (A3)."""
    for time, early in ((DUE - SECOND, True), (DUE - MICROSECOND, True), (DUE, False)):
        events = [*LEAKING, *at(time, topic, id="act", **fields)]
        found = raised(events, LATER, "patch-before-conservative-trial")
        assert [a.severity for a in found] == (["advisory"] if early else [])


@pytest.mark.rule("patch-before-conservative-trial")
def test_before_trial_from_48_hours_on():
    """Less than 48 h after the breach the patch is too early instead."""
    for time, rule in (
        ("2026-02-03 07:59:59", "patch-too-early"),
        ("2026-02-03 08:00:00", "patch-before-conservative-trial"),
    ):
        now = status([*LEAKING, *patch(time)], LATER)
        assert rules(now) & {"patch-too-early", "patch-before-conservative-trial"} == {rule}


@pytest.mark.rule("patch-before-conservative-trial")
def test_before_trial_is_about_the_first_patch():
    """A repeat patch is not measured against the trial."""
    first = at("2026-02-03 09:00", "blood-patch-performed", id="first")
    line = [*LEAKING, *first, *patch("2026-02-04 09:00")]
    assert one(line, LATER, "patch-before-conservative-trial").because[-1] == "first"


@pytest.mark.rule("patch-before-conservative-trial")
@pytest.mark.parametrize("known", [SURGERY, START, []])
def test_before_trial_needs_both_clocks(known):
    """Without D or without C it is never judged."""
    line = [*known, *HEADACHE, *patch("2026-02-03 09:00")]
    assert not raised(line, LATER, "patch-before-conservative-trial")
