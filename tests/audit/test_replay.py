"""Replay: every state in between, by what was known then or by how it was."""

from hypothesis import given
from hypothesis import strategies as st

from tests.pathway.histories import (
    EPISODE,
    Recorded,
    at,
    in_order,
    opened,
    reminder,
    status,
    when,
)  # fmt: skip
from tracker.audit.changes import changes
from tracker.audit.replay import Step, replay
from tracker.history import timeline
from tracker.pathway import Status, builtin_protocol, evaluate

HISTORY = in_order(
    [
        *opened("UTC", "2026-02-01 07:00"),
        *at("2026-02-01 08:00", "surgery-performed", id="op"),
        *at("2026-02-02 08:00", "headache-assessed", id="head", posture="orthostatic"),
        *at("2026-02-04 10:00", "blood-patch-performed", id="patch", recorded="2026-02-04 12:00"),
        *at("2026-02-04 18:00", "event-corrected", id="fix", target="patch", reason="typo",
            changes={"occurred_at": "2026-02-03T06:00:00Z"}),
    ]
)  # fmt: skip
UNTIL = when("2026-02-07 00:00")


def judge(history: list[Recorded], now: object) -> Status:
    """Evaluate a history by the built-in protocol."""
    return evaluate(timeline(history), builtin_protocol(), now)


def steps(axis: str = "recorded", until: str = "2026-02-07 00:00") -> list[Step]:
    """Return the steps of the history."""
    return list(replay(HISTORY, judge, when(until), axis))


def test_every_recorded_event_is_a_step_in_recorded_order() -> None:
    """Numbers run through, and no event is left out."""
    told = steps()
    assert [s.number for s in told] == list(range(1, len(told) + 1))
    assert [s.event.id for s in told if s.event] == ["opened", "op", "head", "patch", "fix"]


def test_a_step_shows_what_was_known_then() -> None:
    """Before the correction the patch was not too early; after it, it was."""
    rules = {s.event.id: {a.rule for a in s.status.alerts} for s in steps() if s.event}
    assert "patch-too-early" not in rules["patch"]
    assert "patch-too-early" in rules["fix"]


def test_a_step_equals_looking_back_at_it() -> None:
    """A step's status is that of the history known at its time."""
    for step in steps():
        if step.event is not None:
            known = HISTORY[: step.event.version]
            assert step.status == status(known, step.at)


def test_late_entry_shows_at_the_time_of_its_record() -> None:
    """A patch of ten o'clock that was recorded at noon is a step at noon."""
    patch = next(s for s in steps() if s.event and s.event.id == "patch")
    assert (patch.at, patch.status.stage) == (when("2026-02-04 12:00"), "post-patch")


def test_time_passing_is_a_step_of_its_own() -> None:
    """The early review opens and becomes overdue without any event."""
    quiet = [s for s in steps() if s.event is None]
    told = [(c.before, c.after) for s in quiet for c in s.changes if c.name == "early-review"]
    assert told == [("open", "overdue")]
    assert all(s.changes for s in quiet)


def test_the_end_bounds_the_replay() -> None:
    """Nothing after the end is a step."""
    told = steps(until="2026-02-02 08:00")
    assert [s.event.id for s in told if s.event] == ["opened", "op", "head"]
    assert all(s.at <= when("2026-02-02 08:00") for s in told)


def test_along_the_occurred_axis_corrections_hold_from_the_beginning() -> None:
    """How it was, by all that is known now: the patch is a step at its true time."""
    told = steps("occurred")
    assert [s.event.id for s in told if s.event] == ["opened", "op", "head", "patch"]
    patch = next(s for s in told if s.event and s.event.id == "patch")
    assert patch.at == when("2026-02-03 06:00")


def test_the_opening_comes_first_on_the_occurred_axis() -> None:
    """Zone and protocol hold also for what happened before the episode was opened."""
    late = in_order(
        [*opened("Asia/Tokyo", "2026-02-05 07:00"), *at("2026-02-01 08:00", "surgery-performed")]
    )
    told = list(replay(late, judge, UNTIL, "occurred"))
    assert [s.status.time_zone for s in told] == ["Asia/Tokyo"] * len(told)


def test_changes_add_up() -> None:
    """No change falls between two steps: the last status is that of the whole history."""
    last = steps()[-1].status
    assert reminder(last, "early-review").status == "overdue"
    assert changes(last, status(HISTORY, UNTIL)) == []


@given(st.integers(0, 6 * 24 * 60))
def test_at_any_time_the_latest_step_holds(minutes: int) -> None:
    """The status at any time differs in nothing that is shown from the latest step's."""
    now = when("2026-02-01 07:00") + minutes * (when("2026-02-01 00:01") - when("2026-02-01 00:00"))
    latest = [s for s in steps() if s.at <= now][-1]
    known = [e for e in HISTORY if e.recorded_at <= now]
    assert changes(latest.status, status(known, now)) == []
    assert known[0].episode == EPISODE
