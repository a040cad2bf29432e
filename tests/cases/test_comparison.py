"""The comparison of cases finds what it is there to find."""

from typing import Any

import pytest

from tests.cases.comparison import differences

REVIEW = {
    "kind": "early-review",
    "status": "open",
    "opens_at": "2026-02-04T14:00:00Z",
    "due_at": "2026-02-05T14:00:00Z",
}
IMAGING = {**REVIEW, "kind": "imaging"}
LATE = {**REVIEW, "kind": "late-review"}
ALERT = {"rule": "patch-too-early", "severity": "warning", "active": True}
ANSWER = {"stage": "post-patch", "urgent": False, "leak": "unknown"}


def compared(expected: dict[str, Any], zone: str = "UTC", **answer: Any) -> list[str]:
    """Compare with an answer that has one early review and one alert unless told otherwise."""
    return differences(
        {"reminders": [REVIEW], **expected},
        {**ANSWER, "reminders": [REVIEW], "alerts": [ALERT], **answer},
        zone,
    )


@pytest.mark.parametrize(
    "expected",
    [
        {"stage": ["rebound"]},
        {"urgent": True},
        {"leak": "active"},
        {"alerts": ["patch-delayed"]},
        {"no_alerts": ["patch-too-early"]},
        {"severities": {"patch-too-early": "urgent"}},
        {"reminders": []},
        {"reminders": [{**REVIEW, "status": "overdue"}]},
        {"reminders": [{**REVIEW, "opens_at": "2026-02-04T14:01:00Z"}]},
        {"reminders": [{**REVIEW, "due_at": "2026-02-05T13:59:00Z"}]},
        {"no_reminders": ["early-review"]},
        {"settled": [{"kind": "early-review", "status": "done"}]},
    ],
)
def test_difference_is_found(expected: dict[str, Any]) -> None:
    """Each thing that an expectation can say makes exactly one difference when it does not hold."""
    found = compared(expected)
    assert found
    assert all(isinstance(line, str) for line in found)


@pytest.mark.parametrize(
    "expected",
    [
        {"stage": ["rebound", "post-patch"], "urgent": False, "leak": "unknown"},
        {"alerts": ["patch-too-early"], "severities": {"patch-too-early": "warning"}},
        {"no_alerts": ["patch-delayed"], "no_reminders": ["imaging"]},
        {"alerts": ["patch-delayed"], "relaxed": ["patch-delayed"]},
        {"no_alerts": ["patch-too-early"], "relaxed": ["patch-too-early"]},
        {"reminders": [], "relaxed": ["early-review"]},
        {"settled": [{"kind": "early-review", "status": "open"}]},
        {"reminders": [{**REVIEW, "opens_at": "2026-02-04T14:00:59Z"}]},
    ],
)
def test_what_holds_makes_no_difference(expected: dict[str, Any]) -> None:
    """What holds, is relaxed, or is less than a minute off passes."""
    assert compared(expected) == []


def test_past_alert() -> None:
    """An alert that is over counts only where the case names it as past."""
    over = [{**ALERT, "active": False}]
    assert compared({"alerts": ["patch-too-early"]}, alerts=over)
    named = {"alerts": ["patch-too-early"], "past_alerts": ["patch-too-early"]}
    assert compared(named, alerts=over) == []


def test_at_once() -> None:
    """For what is due at once, open is as good as overdue and the due time is not compared."""
    late = {**IMAGING, "status": "overdue", "due_at": "2026-02-09T14:00:00Z"}
    assert compared({"reminders": [IMAGING]}, reminders=[late]) == []
    assert compared({"reminders": [IMAGING]}, reminders=[{**IMAGING, "status": "done"}])


def test_days_are_local() -> None:
    """Windows of days and months are the same on the same local day, and only then."""
    other = {**LATE, "opens_at": "2026-02-04T23:30:00Z"}
    assert compared({"reminders": [LATE]}, "UTC", reminders=[other]) == []
    assert compared({"reminders": [LATE]}, "Europe/Paris", reminders=[other])
