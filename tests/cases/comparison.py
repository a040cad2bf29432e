"""Compare what the tracker answers with what a case says must hold at an instant.

An answer has the shape of `tracker show EPISODE --format json`. An expectation holds: `stage`, the
acceptable ones; `reminders`, exhaustive among the live ones of the kinds in `EXHAUSTIVE`; `alerts`,
which must be there and be active unless named in `past_alerts`; `no_alerts` and `no_reminders`;
`urgent`, `leak`, `settled` and `severities` where given. A code in `relaxed` is not judged.
"""

import datetime
import zoneinfo
from collections.abc import Iterator, Mapping
from typing import Any

EXHAUSTIVE = ("patch-decision", "early-review", "intermediate-review")
LIVE = ("scheduled", "open", "overdue")
AT_ONCE = (
    "pattern-assessment",
    "conservative-start",
    "bed-rest-review",
    "imaging",
    "specialist-referral",
    "complication-review",
)
BY_LOCAL_DAY = ("intermediate-review", "late-review", "activity-restrictions")

Plain = Mapping[str, Any]


def differences(expected: Plain, answer: Plain, zone: str) -> list[str]:
    """Return, in words, everything in which the answer is not as expected."""
    return [
        *_state(expected, answer),
        *_alerts(expected, answer),
        *_reminders(expected, answer, zoneinfo.ZoneInfo(zone)),
    ]


def _state(expected: Plain, answer: Plain) -> Iterator[str]:
    if "stage" in expected and answer["stage"] not in expected["stage"]:
        yield f"stage is {answer['stage']}, expected one of {expected['stage']}"
    for name in ("urgent", "leak"):
        if name in expected and answer[name] != expected[name]:
            yield f"{name} is {answer[name]}, expected {expected[name]}"


def _judged(expected: Plain, name: str) -> list[str]:
    return [code for code in expected.get(name, ()) if code not in expected.get("relaxed", ())]


def _alerts(expected: Plain, answer: Plain) -> Iterator[str]:
    ever = {alert["rule"] for alert in answer["alerts"]}
    active = {alert["rule"] for alert in answer["alerts"] if alert["active"]}
    past = expected.get("past_alerts", ())
    for rule in _judged(expected, "alerts"):
        if rule not in (ever if rule in past else active):
            yield f"alert {rule} is missing"
    for rule in _judged(expected, "no_alerts"):
        if rule in active:
            yield f"alert {rule} must not be there"
    for rule, severity in expected.get("severities", {}).items():
        found = {a["severity"] for a in answer["alerts"] if a["rule"] == rule}
        if rule not in expected.get("relaxed", ()) and severity not in found:
            yield f"alert {rule} has severity {sorted(found)}, expected {severity}"


def _reminders(expected: Plain, answer: Plain, zone: zoneinfo.ZoneInfo) -> Iterator[str]:
    relaxed = expected.get("relaxed", ())
    live = [r for r in answer["reminders"] if r["status"] in LIVE]
    wanted = [w for w in expected.get("reminders", ()) if w["kind"] not in relaxed]
    for want in wanted:
        if not any(_same(want, found, zone) for found in answer["reminders"]):
            seen = [r for r in answer["reminders"] if r["kind"] == want["kind"]]
            yield f"reminder {want} is missing, there is {seen}"
    for kind in EXHAUSTIVE:
        extra = any(r["kind"] == kind for r in live)
        if extra and kind not in relaxed and all(w["kind"] != kind for w in wanted):
            yield f"reminder {kind} is not expected"
    for kind in _judged(expected, "no_reminders"):
        if any(r["kind"] == kind for r in live):
            yield f"reminder {kind} must not be there"
    for want in expected.get("settled", ()):
        if want["kind"] not in relaxed and not any(
            r["kind"] == want["kind"] and r["status"] == want["status"] for r in answer["reminders"]
        ):
            yield f"reminder {want['kind']} is not {want['status']}"


def _same(want: Plain, found: Plain, zone: zoneinfo.ZoneInfo) -> bool:
    kind = want["kind"]
    if found["kind"] != kind:
        return False
    due_at_once, wanted = kind in AT_ONCE, {want["status"]}
    if due_at_once and wanted <= {"open", "overdue"}:
        wanted = {"open", "overdue"}
    if found["status"] not in wanted:
        return False
    return all(
        _close(instant(want[name]), instant(found[name]), zone if kind in BY_LOCAL_DAY else None)
        for name in ("opens_at", "due_at")
        if name in want and not (due_at_once and name == "due_at")
    )


def _close(
    one: datetime.datetime, other: datetime.datetime, zone: zoneinfo.ZoneInfo | None
) -> bool:
    """Return whether two instants are of the same local day, or else less than a minute apart."""
    if zone is not None:
        return one.astimezone(zone).date() == other.astimezone(zone).date()
    return abs(one - other) < datetime.timedelta(minutes=1)


def instant(text: str) -> datetime.datetime:
    """Read an instant of a case or of an answer."""
    return datetime.datetime.fromisoformat(text).astimezone(datetime.UTC)
