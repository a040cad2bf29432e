"""Spinal levels as people write them, and the interspaces they cover."""

import pytest

from tracker.pathway.levels import interspaces


def count(level):
    """Return how many interspaces a level covers."""
    return len(interspaces(level))


@pytest.mark.parametrize(
    "level", ["L4-L5", "l4-l5", "L4-5", "L4/L5", "L4 - L5", " L4-L5 ", "L4/5", "l4 / 5"]
)
def test_spelling(level):
    """One interspace, however it is written."""
    assert interspaces(level) == interspaces("L4-L5")
    assert count(level) == 1


@pytest.mark.parametrize(
    ("level", "covered"),
    [("L3-L5", 2), ("C5-C7", 2), ("T12-L1", 1), ("L5-S1", 1), ("C7-T1", 1), ("T10-L2", 4)],
)
def test_spans(level, covered):
    """A span covers every interspace between its vertebrae, across regions too."""
    assert count(level) == covered


def test_span_is_the_union_of_its_interspaces():
    """A span is neither more nor less than its parts."""
    assert interspaces("L3-L5") == interspaces("L3-L4") | interspaces("L4-L5")


@pytest.mark.parametrize(
    "level", ["", "L4", "lumbar", "L5-L4", "L4-L4", "L6-L7", "X1-X2", "L4-L5-S1", "C0-C1", "T13-L1"]
)
def test_unreadable(level):
    """What cannot be read is unknown, never guessed."""
    assert interspaces(level) == frozenset()


def test_one_below():
    """The interspace below L4-L5 is L5-S1: places are numbered downwards."""
    assert max(interspaces("L4-L5")) + 1 == min(interspaces("L5-S1"))
