"""Remarks on times: which row of either log was recorded at a time that cannot be."""

from typing import Any

import pytest

from tests.audit.both import agreed
from tests.audit.conftest import Tracker
from tracker.audit import ahead

AHEAD = "2999-10-01T00:00:00Z"
RIGHT = "2026-03-04T09:00:00Z"
EARLIER = "2026-03-02T09:00:00Z"


def remarks(tracker: Tracker) -> list[tuple[str, int | None]]:
    """Return what is remarked on, by part and position; a file is asked by both verifiers."""
    told: dict[str, Any] = tracker.json("audit", "verify")
    assert (told["ok"], {r["code"] for r in told["remarks"]}) in ((True, {"clock"}), (True, set()))
    found = [(r["part"], r["position"]) for r in told["remarks"]]
    if tracker.location.database_url is None:
        assert [(part, at) for part, at, _ in agreed(tracker.home).remarks] == sorted(
            found, key=lambda one: (one[0], repr(one[1]))
        )
    return found


def record(tracker: Tracker, when: str) -> int:
    """Record an event at a time, and return its position."""
    tracker.clock.move_to(when)
    tracker.ok("record", "headache-assessed", "Ms-Miller", "--posture", "none")
    return int(tracker.json("projections", "status")["head"])


def looks(tracker: Tracker) -> int:
    """Return how many looks there are."""
    return int(tracker.json("audit", "verify")["accesses"])


def look(tracker: Tracker, when: str) -> int:
    """Look at an episode at a time, and return the position of the look."""
    tracker.clock.move_to(when)
    tracker.ok("show", "Ms-Miller")
    return looks(tracker)


def test_an_event_that_is_still_to_come_is_named_while_it_is_the_last(patched: Tracker) -> None:
    """Nothing has to follow it for it to show."""
    at = record(patched, AHEAD)
    patched.clock.move_to(RIGHT)
    assert remarks(patched) == [("events", at)]


def test_an_event_that_is_still_to_come_is_named_and_not_the_one_after(patched: Tracker) -> None:
    """The one after it was recorded by a clock that is right."""
    at = record(patched, AHEAD)
    record(patched, RIGHT)
    assert remarks(patched) == [("events", at)]


def test_an_event_that_goes_back_from_a_time_that_is_past_is_named(patched: Tracker) -> None:
    """Nobody can say then that the one before it is wrong."""
    at = record(patched, EARLIER)
    patched.clock.move_to(RIGHT)
    assert remarks(patched) == [("events", at)]


def test_a_look_that_goes_back_is_named(patched: Tracker) -> None:
    """Its time can be forged past the program as that of an event can."""
    look(patched, RIGHT)
    at = look(patched, EARLIER)
    look(patched, RIGHT)
    assert remarks(patched) == [("access", at)]


def test_a_look_that_is_still_to_come_is_named(patched: Tracker) -> None:
    """While it is the last, and when others follow it."""
    at = look(patched, AHEAD)
    patched.clock.move_to(RIGHT)
    assert remarks(patched) == [("access", at)]
    look(patched, RIGHT)
    assert remarks(patched) == [("access", at)]


def test_looks_an_hour_apart_are_not_remarked_on(patched: Tracker) -> None:
    """Clocks of several machines differ, and a look is put on record a little after it began."""
    look(patched, "2026-03-04T10:00:00Z")
    look(patched, RIGHT)
    assert remarks(patched) == []


def test_of_many_the_first_are_named_and_the_others_counted(patched: Tracker) -> None:
    """Ten, and how many more."""
    for _ in range(12):
        look(patched, RIGHT)
        look(patched, EARLIER)
    patched.clock.move_to(RIGHT)
    found = remarks(patched)
    assert (len(found), found[-1]) == (11, ("access", None))
    assert "2 more looks" in patched.ok("audit", "verify")


@pytest.mark.parametrize("after", [True, False])
def test_twin_that_does_not_ask_what_is_still_to_come(
    patched: Tracker, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    """The innocent event after it would be named, and while there is none nothing at all."""
    at = record(patched, AHEAD)
    patched.clock.move_to(RIGHT)
    if after:
        record(patched, RIGHT)
    monkeypatch.setattr(ahead, "_ahead", lambda *_: None)
    told = patched.json("audit", "verify")["remarks"]
    assert [r["position"] for r in told] == ([at + 1] if after else [])
