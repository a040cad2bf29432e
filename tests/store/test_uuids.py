"""Which of the stored UUIDs can be."""

from uuid import UUID

import pytest

from tracker.errors import StoreError
from tracker.store.uuids import possible, uuid_of

ONE, TWO = "0" * 31 + "1", "a" * 32


def test_all_that_can_be_are_there() -> None:
    """By key."""
    assert possible([(1, ONE), (2, TWO)]) == {1: ONE, 2: TWO}
    assert possible([]) == {}


@pytest.mark.parametrize(
    "wrong",
    [None, 7, b"a" * 32, "", "a" * 31, "a" * 33, "A" * 32, "g" * 32, " " + "a" * 31, "é" * 32, ONE],
)
def test_one_that_cannot_be_is_left_out(wrong: object) -> None:
    """And none beside it; of two that are the same the one with the lower key is meant."""
    assert possible([(1, ONE), (2, wrong), (3, TWO)]) == {1: ONE, 3: TWO}


def test_two_of_which_one_lacks_what_the_other_has_too_much_are_left_out() -> None:
    """Together they are as long as two that can be."""
    assert possible([(1, "a" * 31), (2, "b" * 33), (3, TWO)]) == {3: TWO}


def test_the_row_of_one_that_cannot_be_is_named() -> None:
    """By its key, which says where to look; one that can be is what it is."""
    assert uuid_of(1, TWO) == UUID(TWO)
    for wrong in (None, 7, b"a" * 32, str(UUID(TWO))):
        with pytest.raises(StoreError, match="key 7 holds no UUID"):
            uuid_of(7, wrong)
