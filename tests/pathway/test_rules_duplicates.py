"""possible-duplicate: the same procedure recorded twice."""

import pytest

from tests.pathway.histories import at, rules, status, void
from tests.pathway.leaking import LATER, LEAKING, PATCHES, one, patch, raised


@pytest.mark.rule("possible-duplicate")
@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        *PATCHES,
        ("surgery-performed", {}),
        ("dural-puncture-recorded", {}),
        ("csf-drainage-performed", {}),
        ("embolization-performed", {}),
        ("surgical-repair-performed", {}),
        ("other-procedure-performed", {"procedure": "x"}),
        ("imaging-performed", {"modality": "MRI", "regions": ["brain"]}),
    ],
)
def test_duplicate_within_two_hours(topic, fields):
    """The same procedure within 2 h, to the second, may have been recorded twice."""
    first = at("2026-02-05 08:00", topic, id="one", **fields)
    for time, twice in (("2026-02-05 10:00:00", True), ("2026-02-05 10:00:01", False)):
        now = status([*first, *at(time, topic, id="two", **fields)], LATER)
        found = [a for a in now.alerts if a.rule == "possible-duplicate"]
        assert [(a.severity, a.because) for a in found] == ([("advisory", ("one", "two"))] * twice)


@pytest.mark.rule("possible-duplicate")
@pytest.mark.parametrize(
    ("one_", "other"),
    [
        (("blood-patch-performed", {}), ("targeted-patch-performed", {})),
        (("surgery-performed", {}), ("dural-puncture-recorded", {})),
        (
            ("imaging-performed", {"modality": "MRI", "regions": ["brain"]}),
            ("imaging-performed", {"modality": "MRI", "regions": ["complete-spine"]}),
        ),
        (
            ("imaging-performed", {"modality": "MRI", "regions": ["brain"]}),
            ("imaging-performed", {"modality": "CT", "regions": ["brain"]}),
        ),
        (("medication-given", {"drug": "x"}), ("medication-given", {"drug": "x"})),
        (("imaging-ordered", {"modality": "MRI"}), ("imaging-ordered", {"modality": "MRI"})),
    ],
)
def test_no_duplicate(one_, other):
    """Another procedure, another image, and what is no procedure are no duplicates."""
    line = [*at("2026-02-05 08:00", one_[0], id="one", **one_[1])]
    line += at("2026-02-05 09:00", other[0], id="two", **other[1])
    assert not raised(line, LATER, "possible-duplicate")


TWICE = [*patch("2026-02-06 08:00"), *at("2026-02-06 09:00", "blood-patch-performed", id="two")]


@pytest.mark.rule("possible-duplicate")
def test_duplicate_by_topic_alone():
    """But for imaging the topic alone decides: what else differs may be how it was written down."""
    line = at("2026-02-05 08:00", "other-procedure-performed", id="one", procedure="EBP")
    line += at("2026-02-05 09:00", "other-procedure-performed", id="two", procedure="patch")
    assert raised(line, LATER, "possible-duplicate")


@pytest.mark.rule("possible-duplicate")
def test_duplicate_counts_for_nothing_else():
    """The later one raises no other alert, starts no clock and moves no window."""
    once = status([*LEAKING, *TWICE[:1]], "2026-02-06 12:00")
    twice = status([*LEAKING, *TWICE], "2026-02-06 12:00")
    assert rules(twice) - rules(once) == {"possible-duplicate"}
    assert (twice.stage, twice.reminders) == (once.stage, once.reminders)


@pytest.mark.rule("possible-duplicate")
def test_later_by_occurred_time_is_the_duplicate():
    """Whichever was recorded first, the later by occurred time is the repeat."""
    assert one([*LEAKING, *TWICE[::-1]], LATER, "possible-duplicate").because == ("patch", "two")


@pytest.mark.rule("possible-duplicate")
@pytest.mark.parametrize("name", ["possible-duplicate", "possible-duplicate:two"])
def test_acknowledged_as_two(name):
    """Once acknowledged as two, the later counts as a patch of its own."""
    ack = at("2026-02-06 12:00", "alert-acknowledged", alert=name)
    now = status([*LEAKING, *TWICE, *ack], "2026-02-06 12:00")
    assert "possible-duplicate" not in rules(now)
    assert "repeat-patch-unguided" in rules(now)
    assert {r.anchor for r in now.reminders if r.kind == "early-review" and r.live} == {"two"}


@pytest.mark.rule("possible-duplicate")
def test_duplicate_of_a_duplicate():
    """A third record is compared with the one that counts, not with the one that does not."""
    line = [*TWICE, *at("2026-02-06 10:30", "blood-patch-performed", id="three")]
    found = raised([*LEAKING, *line], LATER, "possible-duplicate")
    assert [a.because for a in found] == [("patch", "two")]


@pytest.mark.rule("possible-duplicate")
def test_voiding_one_leaves_the_other():
    """Voiding the earlier record makes the later one count."""
    now = status([*LEAKING, *TWICE, *void("2026-02-06 12:00", "patch")], "2026-02-06 13:00")
    assert "possible-duplicate" not in rules(now)
    assert {r.anchor for r in now.reminders if r.kind == "early-review"} == {"two"}
