"""What the scheduler owes at an instant, and when it should ask again."""

import datetime

import pytest

from tests.pathway.histories import MICROSECOND, SECOND, at, correct, in_order, status, void, when
from tests.pathway.owing import DUE, EARLY, OPENS, PATCH, issue, owed_phases
from tracker.pathway import builtin_protocol, parse_protocol
from tracker.pathway.issuing import next_action_at, owed


@pytest.mark.parametrize(
    ("now", "phases"),
    [
        (OPENS - SECOND, []),
        (OPENS, ["open"]),
        (DUE, ["open"]),
        (DUE + MICROSECOND, ["overdue"]),
    ],
)
def test_each_phase_is_owed_from_its_instant(now, phases):
    """Nothing before the opening; when both are owed, only that it is overdue."""
    assert owed_phases(PATCH, now) == phases


@pytest.mark.parametrize("topic", ["reminder-issued", "reminder-skipped"])
def test_a_phase_that_was_issued_or_skipped_is_not_owed_again(topic):
    """Once open, once overdue."""
    history = PATCH + issue(OPENS, "open", topic=topic)
    assert owed_phases(history, DUE) == []
    assert owed_phases(history, DUE + SECOND) == ["overdue"]
    assert (
        owed_phases(history + issue(DUE + SECOND, "overdue", topic=topic), "2026-02-04 15:00") == []
    )


def test_an_overdue_reminder_that_was_issued_is_not_issued_as_open():
    """After an outage the late one stands for both."""
    assert owed_phases(PATCH + issue(DUE + SECOND, "overdue"), DUE + SECOND) == []


def test_a_window_that_moved_later_is_issued_again_at_the_new_opening():
    """What was issued before the new opening is void."""
    history = (
        PATCH
        + issue(OPENS, "open")
        + correct("2026-02-03 09:00", "patch", occurred_at="2026-02-02T12:00:00Z")
    )
    opens = when("2026-02-03 12:00")
    assert owed_phases(history, opens - SECOND) == []
    assert owed_phases(history, opens) == ["open"]


def test_a_window_that_moved_and_covers_the_issue_is_not_issued_again():
    """The issue lies after the corrected opening."""
    history = (
        PATCH
        + issue(OPENS, "open")
        + correct("2026-02-03 09:00", "patch", occurred_at="2026-02-02T06:00:00Z")
    )
    assert owed_phases(history, "2026-02-03 10:00") == []
    assert owed_phases(history, "2026-02-04 06:00:01") == ["overdue"]


def test_what_was_issued_overdue_is_issued_overdue_again_after_the_new_due_time():
    """The due time moved later: then it was open, and will be overdue once more."""
    history = (
        PATCH
        + issue("2026-02-04 09:00", "overdue")
        + correct("2026-02-04 10:00", "patch", occurred_at="2026-02-02T20:00:00Z")
    )
    assert owed_phases(history, "2026-02-04 12:00") == []
    assert owed_phases(history, "2026-02-04 20:00:01") == ["overdue"]


def test_a_reminder_that_came_back_is_not_issued_twice_for_one_window():
    """Done and voided within the window: its opening has been said."""
    history = (
        PATCH
        + issue(OPENS, "open")
        + at("2026-02-03 10:00", "review-completed", id="review", review="early")
        + void("2026-02-03 12:00", "review")
    )
    assert owed_phases(history, "2026-02-03 13:00") == []
    assert owed_phases(history, DUE + SECOND) == ["overdue"]


@pytest.mark.parametrize(
    "ending",
    [
        at("2026-02-03 10:00", "review-completed", review="early"),
        at("2026-02-03 10:00", "reminder-waived", reminder="early-review", reason="seen"),
        at("2026-02-03 10:00", "patient-died"),
        at("2026-02-03 10:00", "patient-transferred"),
        at("2026-02-03 10:00", "lost-to-follow-up"),
        at("2026-02-03 10:00", "blood-patch-performed"),
    ],
)
def test_what_is_not_live_is_not_issued(ending):
    """Done, waived, cancelled, suspended and superseded reminders keep silent."""
    history = PATCH + ending
    found = owed(status(history, "2026-02-05 08:00"), when("2026-02-05 08:00"))
    assert EARLY not in [o.reminder.id for o in found]


def test_what_is_issued_in_the_instant_it_comes_to_be_is_not_issued_again():
    """A tick at the very instant of a danger sign finds its review, and that it was issued."""
    seizure = at("2026-02-02 08:00", "symptoms-recorded", id="s", present=["seizure"])
    history = seizure + issue("2026-02-02 08:00", "open", "complication-review:s")
    assert owed_phases(seizure, "2026-02-02 08:00", "complication-review") == ["open"]
    assert owed_phases(history, "2026-02-02 08:00", "complication-review") == []


IMPORTED = at(
    "2026-02-02 08:00",
    "blood-patch-performed",
    id="patch",
    recorded="2026-02-10 08:00",
    source="import",
)


def skipped(history, now, kind="early-review"):
    """Return whether what is owed of a kind is to be skipped on record."""
    found = owed(status(history, now), when(now), in_order(history))
    return [o.skip_reason is not None for o in found if o.reminder.kind == kind]


def test_history_that_was_imported_overdue_is_skipped_on_record():
    """No reminder for what had come due before anybody here knew of it."""
    assert skipped(IMPORTED, "2026-02-10 09:00") == [True]


def test_what_comes_due_after_the_import_is_issued():
    """The intermediate review of the imported patch was not yet due."""
    assert skipped(IMPORTED, "2026-02-13 08:00", "intermediate-review") == [False]
    assert skipped(IMPORTED, "2026-02-20 08:00", "intermediate-review") == [False]


def test_what_was_typed_in_late_is_issued():
    """Only an import brings history; a late entry is a duty missed."""
    typed = at("2026-02-02 08:00", "blood-patch-performed", recorded="2026-02-10 08:00")
    assert skipped(typed, "2026-02-10 09:00") == [False]


@pytest.mark.parametrize(("since", "skip"), [("2026-02-04", False), ("2026-02-05", True)])
def test_an_import_may_ask_to_be_reminded_since_an_instant(since, skip):
    """Of what came due from then on nothing is skipped."""
    history = at(
        "2026-02-02 08:00",
        "blood-patch-performed",
        recorded="2026-02-10 08:00",
        source=f"import:remind-since={since}T00:00:00Z",
    )
    assert skipped(history, "2026-02-10 09:00") == [skip]


def test_the_next_action_is_the_opening_then_the_end_of_the_window():
    """First the opening; once that is issued, one step after the due time."""
    act = at("2026-02-02 08:00", "embolization-performed", id="patch")
    first = status(act, "2026-02-02 09:00")
    assert next_action_at(first) == OPENS
    issued = status(act + issue(OPENS, "open"), "2026-02-03 09:00")
    assert next_action_at(issued) == DUE + MICROSECOND


def test_what_is_owed_and_not_issued_is_to_be_asked_for_now():
    """The next action is never in the future while something is owed."""
    assert next_action_at(status(PATCH, "2026-02-20 08:00")) <= when("2026-02-20 08:00")


def test_nothing_owed_needs_no_action():
    """Without reminders there is no next action."""
    assert next_action_at(status(at("2026-02-02", "surgery-performed"), "2026-02-03")) is None


def test_a_failure_that_time_alone_will_show_is_a_next_action():
    """A site that judges a patch after 12 h: its imaging is asked for then, not a day later."""
    text = (
        'base = "csf-leak-post-spine-surgery@1"\nid = "site"\nversion = "1"\ntitle = "Site"\n'
        "[settings]\nfailed_patch_hours = 12\n"
    )
    site = parse_protocol(text, builtin_protocol)
    history = (
        PATCH
        + at("2026-02-02 09:00", "headache-assessed", posture="orthostatic")
        + at("2026-02-02 09:00", "conservative-management-started")
        + at("2026-02-02 09:00", "wound-examined", drainage="none")
        + at("2026-02-02 10:30", "patient-mobilized")
    )
    failure = when("2026-02-02 20:00")
    found = status(history, "2026-02-02 11:00", protocol=site)
    assert next_action_at(found) == failure
    then = owed(status(history, failure, protocol=site), failure)
    assert [(o.reminder.kind, o.phase) for o in then] == [("imaging", "open")]


def test_the_history_does_not_change_what_is_owed():
    """It only tells what to skip on record."""
    now = when("2026-02-20 08:00")
    found = status(IMPORTED, now)
    with_history = [(o.reminder.id, o.phase) for o in owed(found, now, in_order(IMPORTED))]
    assert with_history == [(o.reminder.id, o.phase) for o in owed(found, now)]
    assert now - OPENS > datetime.timedelta(days=1)


@pytest.mark.parametrize(("recorded", "history"), [("08:00", False), ("08:01", True)])
def test_what_is_due_at_once_is_history_only_after_a_day(recorded, history):
    """A report that an interface delivers within a day still asks for the pattern."""
    report = at(
        "2026-02-02 08:00",
        "symptoms-recorded",
        recorded=f"2026-02-03 {recorded}",
        source="import",
        present=["headache"],
    )
    assert skipped(report, "2026-02-04 08:00", "pattern-assessment") == [history]


@pytest.mark.parametrize(
    ("after", "skip"), [("2026-02-03 08:00", False), ("2026-02-03 08:01", True)]
)
def test_what_is_due_at_once_is_history_only_when_it_is_old(after, skip):
    """A window without width would always be over before an import: fresh for a day."""
    seizure = at(
        "2026-02-02 08:00",
        "symptoms-recorded",
        recorded=after,
        source="import",
        present=["seizure"],
    )
    assert skipped(seizure, "2026-02-03 09:00", "complication-review") == [skip]
