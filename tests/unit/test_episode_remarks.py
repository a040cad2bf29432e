"""What is said of an event that does not do what one might think."""

import pytest

from tests.pathway.histories import at, void
from tests.unit.decisions import given
from tracker.episode.remarks import remarks
from tracker.events import Recorded
from tracker.pathway import builtin_protocol

SURGERY = at("2026-02-02 08:00", "surgery-performed", level="L4-L5")
ORDER = at("2026-02-05 08:00", "blood-patch-ordered", id="order", reason="r")
CLOSED = at("2026-02-05 08:00", "episode-closed", outcome="resolved", reason="r")


def said(*events: list[Recorded]) -> list[str]:
    """Return what is said of the last of the events."""
    history = given(*events)
    return remarks(history, history[-1], builtin_protocol())


def at_nine(topic: str, **fields: object) -> list[Recorded]:
    """Return an event an hour after the order."""
    return at("2026-02-05 09:00", topic, **fields)


def test_a_drug_of_unknown_class_is_not_judged() -> None:
    """The remark names the drug, the option, and how to mend it later."""
    (remark,) = said(at_nine("medication-given", id="m1", drug="Diamox"))
    assert "class of Diamox is unknown: it is not judged; give --drug-class" in remark
    assert "tracker correct EPISODE m1" in remark


@pytest.mark.parametrize("fields", [{"drug": " Morphine"}, {"drug": "X", "drug_class": "opioid"}])
def test_a_drug_of_known_class_needs_no_remark(fields: dict[str, str]) -> None:
    """Known by its name in any case, or as it was said."""
    assert said(at_nine("medication-given", **fields)) == []


@pytest.mark.parametrize(
    ("level", "number"), [("L9-L11", 1), ("low", 1), ("L4-L5", 0), ("L3-5", 0)]
)
def test_a_level_that_cannot_be_read(level: str, number: int) -> None:
    """It is recorded as it was told, and said to be compared with nothing."""
    found = said(at_nine("blood-patch-performed", level=level))
    assert [f"level {level!r} cannot be read" in remark for remark in found] == [True] * number


@pytest.mark.parametrize("topic", ["blood-patch-cancelled", "imaging-cancelled"])
def test_nothing_to_cancel(topic: str) -> None:
    """A cancellation without an open order is recorded, and said to cancel nothing."""
    fields = {"modality": "MRI"} if topic == "imaging-cancelled" else {}
    assert said(SURGERY, at_nine(topic, **fields)) == ["there was no open order to cancel"]


def test_an_order_is_cancelled_without_a_remark() -> None:
    """What does what it says needs no word."""
    assert said(SURGERY, ORDER, at_nine("blood-patch-cancelled")) == []


def test_an_order_that_was_voided_is_not_open() -> None:
    """What was entered in error cannot be cancelled."""
    gone = void("2026-02-05 08:30", "order")
    assert len(said(SURGERY, ORDER, gone, at_nine("blood-patch-cancelled"))) == 1


def test_another_order_than_the_open_one() -> None:
    """The one that is named is not open, another one is."""
    (remark,) = said(SURGERY, ORDER, at_nine("blood-patch-cancelled", order="other"))
    assert remark == "order other was not open; what is open stays so"


@pytest.mark.parametrize(("before", "number"), [([], 1), (CLOSED, 0)])
def test_reopening_an_open_episode(before: list[Recorded], number: int) -> None:
    """Only what was closed is opened again."""
    found = said(SURGERY, before, at_nine("episode-reopened"))
    assert found == ["the episode was open already"] * number


@pytest.mark.parametrize(("first", "number"), [("blood-patch-declined", 1), ("leak-suspected", 0)])
def test_a_refusal_twice(first: str, number: int) -> None:
    """A second one changes nothing while the first holds."""
    before = at("2026-02-05 08:00", first)
    found = said(SURGERY, before, at_nine("blood-patch-declined"))
    expected = "the same was recorded at 2026-02-05 08:00 +00:00 and held still"
    assert found == [expected] * number
