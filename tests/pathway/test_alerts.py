"""What holds of every alert: what it says, and what ends one about an act, an order or a state."""

import pytest

from tests.pathway.alerting import RAISED
from tests.pathway.histories import at, rules, status, void, when
from tests.pathway.leaking import LEAKING, SURGERY, finding, one
from tracker.pathway import builtin_protocol

BASE = builtin_protocol()
NOW, LATER = "2026-02-09 08:00", "2026-02-09 12:00"
STATES = {
    "patch-delayed",
    "rebound-suspected",
    "follow-up-overdue",
    "closed-with-open-follow-up",
    "protocol-clock-missing",
    "pattern-unknown-before-drug",
    "bp-lowering-drug-in-active-leak",
    "wound-complication-suspected",
}
"""Rules whose history above raises them about a state, not about an act."""
GROUNDS = {
    "neurological-deficit",
    "venous-thrombosis-suspected",
    "subdural-suspected",
    "meningitis-suspected",
    "complication-recorded",
}
"""Urgent rules whose ground is still there in the history above."""


def marked(names):
    """Return parameters that are marked with their rules."""
    return [pytest.param(rule, marks=pytest.mark.rule(rule)) for rule in sorted(names)]


def acknowledged(rule, name):
    """Return the alert of a rule after it was acknowledged by a name."""
    ack = at(NOW, "alert-acknowledged", id="ack", alert=name, actor="ben")
    return next(a for a in status([*RAISED[rule], *ack], LATER).alerts if a.rule == rule)


@pytest.mark.parametrize("rule", marked(RAISED))
def test_says_what_it_is(rule):
    """It has the protocol's words and source, a severity, and events that it rests on."""
    alert = next(a for a in status(RAISED[rule], NOW).alerts if a.rule == rule)
    words = BASE.rules[rule]
    assert alert.text.startswith(words.text)
    assert alert.source == words.source
    assert alert.severity in {words.severity, *words.variants.values()}
    assert alert.because
    assert alert.id.startswith(f"{rule}:")


@pytest.mark.parametrize("rule", marked(RAISED))
def test_stands_until_something_ends_it(rule):
    """Time alone ends no alert of these histories."""
    assert rule in rules(status(RAISED[rule], "2026-12-01 08:00"))


@pytest.mark.parametrize("rule", marked(RAISED.keys() - STATES - GROUNDS))
@pytest.mark.parametrize("by_id", [True, False])
def test_act_until_acknowledged(rule, by_id):
    """An alert about an act is over once it is acknowledged, by its id or by its rule."""
    found = next(a for a in status(RAISED[rule], NOW).alerts if a.rule == rule)
    alert = acknowledged(rule, found.id if by_id else rule)
    assert (alert.active, alert.until, alert.acknowledged_by) == (False, when(NOW), "ben")


@pytest.mark.parametrize("rule", marked(STATES | GROUNDS))
def test_state_outlasts_acknowledgement(rule):
    """What still holds stays active, and shows who acknowledged it."""
    alert = acknowledged(rule, rule)
    assert (alert.active, alert.acknowledged_by) == (True, "ben")


@pytest.mark.parametrize("rule", marked(RAISED.keys() - {"possible-duplicate"}))
def test_only_the_one_named_is_acknowledged(rule):
    """Acknowledging one alert by its id leaves every other as it is."""
    before = status(RAISED[rule], NOW)
    (named, *_) = [a for a in before.alerts if a.rule == rule]
    ack = at(NOW, "alert-acknowledged", id="ack", alert=named.id)
    after = status([*RAISED[rule], *ack], NOW)
    others = {a.id for a in before.alerts if a.active} - {named.id}
    assert {a.id for a in after.alerts if a.active} - {named.id} == others
    assert {a.id for a in after.alerts if a.acknowledged_by} == {named.id}


@pytest.mark.rule("patch-volume")
def test_first_to_acknowledge_is_shown():
    """A second acknowledgement changes nothing."""
    again = at(LATER, "alert-acknowledged", id="again", alert="patch-volume", actor="eve")
    first = at(NOW, "alert-acknowledged", id="ack", alert="patch-volume", actor="ben")
    alert = one([*RAISED["patch-volume"], *first, *again], "2026-02-10 08:00", "patch-volume")
    assert (alert.acknowledged_by, alert.until) == ("ben", when(NOW))


@pytest.mark.rule("patch-volume")
def test_voided_acknowledgement():
    """An acknowledgement entered in error is taken back: the alert is active again."""
    ack = at(NOW, "alert-acknowledged", id="ack", alert="patch-volume")
    line = [*RAISED["patch-volume"], *ack, *void(LATER, "ack")]
    assert one(line, "2026-02-10 08:00", "patch-volume").active


ORDERS = {
    "patch-too-early": (SURGERY, "blood-patch-ordered", "blood-patch-cancelled", {}),
    "protocol-clock-missing": ([], "blood-patch-ordered", "blood-patch-cancelled", {}),
    "pattern-unknown-before-patch": (SURGERY, "blood-patch-ordered", "blood-patch-cancelled", {}),
    "patch-during-rebound": (
        [*LEAKING, *finding("2026-02-02 07:00", posture="reverse-orthostatic")],
        "blood-patch-ordered",
        "blood-patch-cancelled",
        {},
    ),
    "routine-imaging-early": (LEAKING, "imaging-ordered", "imaging-cancelled", {}),
    "advanced-imaging-before-referral": (
        LEAKING,
        "imaging-ordered",
        "imaging-cancelled",
        {"modality": "digital-subtraction-myelography"},
    ),
    "myelography-position": (
        LEAKING,
        "imaging-ordered",
        "imaging-cancelled",
        {"modality": "CT-myelography", "suspected_leak": "ventral", "position": "supine"},
    ),
}


@pytest.mark.parametrize("rule", marked(ORDERS))
def test_order_until_cancelled(rule):
    """An alert about an order ends when the order is cancelled, or voided."""
    before, ordered, cancelled, fields = ORDERS[rule]
    line = [*before, *at("2026-02-02 08:00", ordered, id="order", **fields)]
    assert rule in rules(status(line, "2026-02-02 09:00"))
    for ended in (at("2026-02-02 09:00", cancelled), void("2026-02-02 09:00", "order")):
        assert rule not in rules(status([*line, *ended], "2026-02-02 09:00"))


@pytest.mark.parametrize("rule", marked(ORDERS))
def test_cancelled_order_stays_in_the_history(rule):
    """What was raised about an order that was cancelled is kept, over since then."""
    before, ordered, cancelled, fields = ORDERS[rule]
    line = [*before, *at("2026-02-02 08:00", ordered, id="order", **fields)]
    alert = one([*line, *at("2026-02-02 09:00", cancelled)], NOW, rule)
    assert (alert.active, alert.until) == (False, when("2026-02-02 09:00"))


@pytest.mark.parametrize("rule", marked(RAISED))
def test_nothing_is_raised_before_its_time(rule):
    """Before the first event of a history nothing is raised."""
    assert not status(RAISED[rule], "2026-02-01 00:00").alerts


@pytest.mark.parametrize("rule", marked(RAISED))
def test_late_entry_is_as_good_as_timely(rule):
    """Recorded in another order, late, the same history raises the same alerts."""
    timely = status(RAISED[rule], NOW)
    assert rules(status(RAISED[rule][::-1], NOW)) == rules(timely)
