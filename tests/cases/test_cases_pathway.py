"""Every checkpoint of every case holds when the pathway is asked directly."""

from typing import Any

import pytest

from tests.cases.comparison import differences
from tests.cases.histories import answer, cases

CHECKPOINTS = [
    pytest.param(case, expected, id=f"{case['id']}-{place}")
    for case in cases()
    for place, expected in enumerate(case["expected"], start=1)
]


@pytest.mark.parametrize(("case", "expected"), CHECKPOINTS)
def test_checkpoint(case: dict[str, Any], expected: dict[str, Any]) -> None:
    """What the case says of an instant is what the pathway answers."""
    assert differences(expected, answer(case, expected), case["time_zone"]) == []


def test_every_case_has_checkpoints() -> None:
    """Cases are found and none is empty, so that the test above tests something."""
    assert len(cases()) >= 12
    assert all(case["expected"] for case in cases())
