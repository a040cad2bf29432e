"""patch-delayed: to the second, and all that holds it."""

import pytest

from tests.pathway.histories import MICROSECOND, SECOND, at, rules, status, when
from tests.pathway.leaking import (
    DUE,
    HEADACHE,
    LATER,
    LEAKING,
    PATCHES,
    SURGERY,
    finding,
    one,
)


@pytest.mark.rule("patch-delayed")
def test_delayed_to_the_second():
    """At C + 72:00:00 it is not delayed, a moment later it is."""
    for now, late in ((DUE, False), (DUE + MICROSECOND, True), (DUE + SECOND, True)):
        assert ("patch-delayed" in rules(status(LEAKING, now))) is late


@pytest.mark.rule("patch-delayed")
def test_delayed_is_a_warning_on_its_clock():
    """It is a warning, since the moment after 72 h, and rests on the leak and on C."""
    alert = one(LEAKING, "2026-02-09 08:00", "patch-delayed")
    assert (alert.severity, alert.source, alert.because) == ("warning", "L127 [2]", ("h", "c"))
    assert alert.since == DUE + MICROSECOND


@pytest.mark.rule("patch-delayed")
@pytest.mark.parametrize(("topic", "fields"), PATCHES)
def test_delayed_ends_with_a_patch(topic, fields):
    """Any patch ends it."""
    line = [*LEAKING, *at("2026-02-05 08:00", topic, **fields)]
    assert one(line, "2026-02-05 07:59:59", "patch-delayed").active
    assert one(line, "2026-02-05 08:00:00", "patch-delayed").until == when("2026-02-05 08:00")


@pytest.mark.rule("patch-delayed")
@pytest.mark.parametrize(
    ("fields", "active"),
    [
        ({"posture": "orthostatic"}, True),
        ({"posture": "unknown"}, True),
        ({"posture": "orthostatic", "trend": "improved"}, False),
        ({"posture": "reverse-orthostatic"}, False),
        ({"posture": "non-positional"}, False),
        ({"posture": "none"}, False),
    ],
)
def test_delayed_only_in_an_active_leak(fields, active):
    """Not while improved, rebound, resolved or unknown; back when the leak is active again."""
    line = [*LEAKING, *finding("2026-02-06 08:00", **fields)]
    assert ("patch-delayed" in rules(status(line, "2026-02-06 09:00"))) is active
    back = finding("2026-02-07 08:00", posture="orthostatic")
    back = [] if fields["posture"] == "none" else back
    assert ("patch-delayed" in rules(status([*line, *back], "2026-02-07 09:00"))) is bool(back)


@pytest.mark.rule("patch-delayed")
def test_delayed_is_held_during_the_embargo():
    """It is held while D's 48 h embargo runs, to its very end."""
    line = [*LEAKING, *at("2026-02-04 08:00", "dural-puncture-recorded")]
    assert "patch-delayed" not in rules(status(line, "2026-02-06 07:59:59"))
    assert "patch-delayed" in rules(status(line, "2026-02-06 08:00:00"))


@pytest.mark.rule("patch-delayed")
@pytest.mark.parametrize("topic", ["blood-patch-declined", "blood-patch-deferred"])
@pytest.mark.parametrize("time", ["2026-02-03 08:00", "2026-02-05 08:00"])
def test_delayed_not_after_a_refusal(topic, time):
    """Not after a refusal, early or late, until the next orthostatic finding."""
    line = [*LEAKING, *at(time, topic)]
    assert "patch-delayed" not in rules(status(line, "2026-02-06 08:00"))
    other = finding("2026-02-06 09:00", posture="unknown")
    assert "patch-delayed" not in rules(status([*line, *other], "2026-02-06 10:00"))
    again = finding("2026-02-06 09:00", posture="orthostatic")
    assert "patch-delayed" in rules(status([*line, *again], "2026-02-06 09:00"))


@pytest.mark.rule("patch-delayed")
def test_delayed_from_when_the_deferral_ends():
    """A deferral holds it until the time that was planned for."""
    plan = at("2026-02-05 08:00", "blood-patch-deferred", planned_for="2026-02-08T08:00:00Z")
    line = [*LEAKING, *plan]
    assert "patch-delayed" not in rules(status(line, "2026-02-08 07:59:59"))
    assert "patch-delayed" in rules(status(line, "2026-02-08 08:00:00"))


@pytest.mark.rule("patch-delayed")
def test_delayed_stays_though_acknowledged():
    """Acknowledging what still holds is shown and ends nothing."""
    ack = at("2026-02-06 08:00", "alert-acknowledged", alert="patch-delayed", actor="ben")
    alert = one([*LEAKING, *ack], "2026-02-07 08:00", "patch-delayed")
    assert (alert.active, alert.acknowledged_by) == (True, "ben")


@pytest.mark.rule("patch-delayed")
def test_delayed_needs_a_clock():
    """Without C nothing is delayed."""
    assert "patch-delayed" not in rules(status([*SURGERY, *HEADACHE], LATER))
