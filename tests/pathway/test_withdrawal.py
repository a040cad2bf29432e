"""Issues that lose their ground to a correction or a voiding, and what is said after."""

import pytest

from tests.pathway.histories import MICROSECOND, SECOND, at, correct, status, void, when
from tests.pathway.owing import (
    DUE,
    EARLY,
    OPENS,
    issue,
    owed_phases,
    owes_now,
    withdrawn,
)
from tracker.pathway.issuing import next_action_at

ACT = at("2026-02-02 08:00", "embolization-performed", id="patch")
OPENED = ACT + issue(OPENS, "open")
VOIDED = OPENED + void("2026-02-03 09:00", "patch")
MOVED = OPENED + correct("2026-02-03 09:00", "patch", occurred_at="2026-02-02T12:00:00Z")


def withdraw(time):
    """Return the note that what was said is withdrawn."""
    return issue(time, "withdrawn", topic="reminder-skipped")


def restore(time, voiding="event-voided@03T09:00:00"):
    """Return the voiding of a voiding."""
    return void(time, voiding)


@pytest.mark.parametrize("phases", [["open"], ["open", "overdue"]])
def test_the_latest_issue_of_what_was_voided_is_withdrawn(phases):
    """The patch never was: what was said of its review is withdrawn, once."""
    said = [e for p, t in zip(phases, (OPENS, DUE + SECOND), strict=False) for e in issue(t, p)]
    [gone] = withdrawn(ACT + said + void("2026-02-05 09:00", "patch"), "2026-02-05 09:00")
    assert (gone.reminder, gone.kind, gone.issue.phase) == (EARLY, "early-review", phases[-1])


@pytest.mark.parametrize("history", [VOIDED, MOVED])
def test_it_is_withdrawn_at_once_and_once(history):
    """The scheduler is asked for it, and after the note there is nothing to withdraw."""
    now = when("2026-02-03 09:00")
    assert next_action_at(status(history, now)) <= now
    noted = history + withdraw(now)
    assert withdrawn(noted, "2026-02-03 11:00") == []
    action = next_action_at(status(noted, now))
    assert action is None or action > now


@pytest.mark.parametrize(
    "history",
    [ACT + void("2026-02-03 09:00", "patch"),
     ACT + issue(OPENS, "open", topic="reminder-skipped") + void("2026-02-03 09:00", "patch")],
)  # fmt: skip
def test_what_nobody_was_told_is_not_withdrawn(history):
    """Not issued, or skipped."""
    assert withdrawn(history, "2026-02-03 09:00") == []


def test_what_was_told_and_then_skipped_is_withdrawn():
    """Its opening was told; that it was overdue was skipped."""
    skipped = issue("2026-02-05 09:00", "overdue", topic="reminder-skipped")
    [gone] = withdrawn(OPENED + skipped + void("2026-02-06 09:00", "patch"), "2026-02-06 09:00")
    assert gone.issue.phase == "open"


def test_a_window_that_moved_later_is_withdrawn_and_said_once_at_the_new_opening():
    """One note on the old issue, one new issue."""
    [gone] = withdrawn(MOVED, "2026-02-03 10:00")
    assert gone.reason == "its window has moved"
    noted = MOVED + withdraw("2026-02-03 10:00")
    opens = when("2026-02-03 12:00")
    assert owed_phases(noted, opens - MICROSECOND) == []
    assert owed_phases(noted, opens) == ["open"]
    assert owed_phases(noted + issue(opens, "open"), "2026-02-04 12:00") == []


@pytest.mark.parametrize("minute", ["07:58:00", "08:00:30", "08:02:00"])
def test_a_correction_of_minutes_inside_the_window_leads_to_nothing(minute):
    """The tick came some minutes after the opening; the corrected opening is before it still."""
    history = (
        ACT
        + issue("2026-02-03 08:05", "open")
        + correct("2026-02-03 09:00", "patch", occurred_at=f"2026-02-02T{minute}Z")
    )
    assert withdrawn(history, "2026-02-03 10:00") == []
    assert owed_phases(history, "2026-02-04 07:58") == []


def test_a_window_that_moved_earlier_leads_to_nothing():
    """What was said lies inside it."""
    history = OPENED + correct("2026-02-03 09:00", "patch", occurred_at="2026-02-02T02:00:00Z")
    assert withdrawn(history, "2026-02-03 10:00") == []
    assert owed_phases(history, "2026-02-04 02:00") == []


def test_a_window_that_moved_past_what_began_after_the_issue():
    """The patch itself is now later than the issue: withdrawn once, and said again."""
    history = OPENED + correct("2026-02-04 09:00", "patch", occurred_at="2026-02-03T12:00:00Z")
    [gone] = withdrawn(history, "2026-02-04 09:00")
    assert gone.issue.at == OPENS
    noted = history + withdraw("2026-02-04 09:00")
    assert withdrawn(noted, "2026-02-04 10:00") == []
    assert next_action_at(status(noted, "2026-02-04 10:00")) > when("2026-02-04 10:00")
    assert owed_phases(noted, "2026-02-04 12:00") == ["open"]


def test_a_window_that_moves_twice_is_withdrawn_twice():
    """The second issue is withdrawn too, though the first note fell into the same instant."""
    opens = when("2026-02-03 12:00")
    history = MOVED + withdraw(opens) + issue(opens, "open")
    history += correct("2026-02-03 13:00", "patch", occurred_at="2026-02-02T16:00:00Z")
    [gone] = withdrawn(history, "2026-02-03 13:00")
    assert gone.issue.at == opens


def test_what_comes_back_after_its_withdrawal_is_said_again():
    """Voided by mistake, withdrawn, and restored: nobody would know of it otherwise."""
    history = VOIDED + withdraw("2026-02-03 09:30") + restore("2026-02-03 10:00")
    [item] = owes_now(history, "2026-02-03 10:00")
    assert (item.phase, item.since) == ("open", when("2026-02-03 09:30"))
    assert owed_phases(history + issue("2026-02-03 10:00", "open"), "2026-02-03 11:00") == []


def test_what_comes_back_before_its_withdrawal_is_not_said_again():
    """Restored before the next tick: nothing happened."""
    history = VOIDED + restore("2026-02-03 09:20")
    assert withdrawn(history, "2026-02-03 09:30") == []
    assert owed_phases(history, "2026-02-03 09:30") == []


def test_a_window_that_moved_and_was_moved_back_is_said_again():
    """Its first issue was withdrawn."""
    history = MOVED + withdraw("2026-02-03 09:30")
    history += void("2026-02-03 10:00", "event-corrected@03T09:00:00")
    assert owed_phases(history, "2026-02-03 10:00") == ["open"]


def test_what_was_settled_or_superseded_is_not_withdrawn():
    """Its ground still stands: the next patch took its place."""
    again = at("2026-02-03 10:00", "blood-patch-performed", id="again")
    assert withdrawn(OPENED + again, "2026-02-03 10:00") == []
