"""A snooze: quiet until its time, back on time, and never for what is urgent."""

import pytest

from tests.pathway.histories import MICROSECOND, SECOND, at, correct, status, when
from tests.pathway.owing import DUE, EARLY, OPENS, PATCH, issue, owed_phases, owes_now
from tracker.pathway.issuing import next_action_at

UNTIL = when("2026-02-03 18:00")
OPENED = PATCH + issue(OPENS, "open")


def snooze(time, until, reminder=EARLY):
    """Return a snooze."""
    return at(time, "reminder-snoozed", reminder=reminder, until=until.isoformat())


@pytest.mark.parametrize(
    ("now", "phases"), [(UNTIL - MICROSECOND, []), (UNTIL, ["returned"]), (DUE, ["returned"])]
)
def test_what_was_said_returns_exactly_on_time(now, phases):
    """Said when it opened, snoozed, and said again at the end of the snooze."""
    assert owed_phases(OPENED + snooze("2026-02-03 09:00", UNTIL), now) == phases


def test_it_returns_once():
    """After the return there is silence until it is overdue."""
    history = OPENED + snooze("2026-02-03 09:00", UNTIL) + issue(UNTIL, "returned")
    assert owed_phases(history, DUE) == []
    assert owed_phases(history, DUE + MICROSECOND) == ["overdue"]


def test_what_was_not_said_yet_opens_at_the_end_of_the_snooze():
    """Snoozed before it opened: it is said first when the snooze ends, as open."""
    history = PATCH + snooze("2026-02-02 09:00", UNTIL)
    assert owed_phases(history, UNTIL - MICROSECOND) == []
    assert owed_phases(history, UNTIL) == ["open"]


def test_what_became_overdue_meanwhile_returns_and_stands_for_that():
    """One message at the end of the snooze, and the ladder runs from it."""
    until = when("2026-02-06 08:00")
    history = OPENED + snooze("2026-02-03 09:00", until)
    assert owed_phases(history, until - MICROSECOND) == []
    [item] = owes_now(history, until)
    assert (item.phase, item.stands_for) == ("returned", ("overdue",))
    back = history + issue(until, "returned")
    assert owed_phases(back, "2026-02-06 15:59:59") == []
    assert owed_phases(back, "2026-02-06 16:00") == ["escalated-1"]


def test_a_snooze_of_what_is_overdue_begins_the_ladder_anew():
    """Whoever snoozed it is told first when it returns, not the next level."""
    until = when("2026-02-06 08:00")
    said = OPENED + issue(DUE + SECOND, "overdue") + issue("2026-02-04 17:00", "escalated-1")
    history = said + snooze("2026-02-04 18:00", until)
    assert owed_phases(history, until - MICROSECOND) == []
    assert owed_phases(history, until) == ["returned"]
    assert owed_phases(history + issue(until, "returned"), "2026-02-06 16:00") == ["escalated-1"]


def test_a_later_snooze_takes_the_place_of_an_earlier_one():
    """Of two the last holds, also when it ends sooner."""
    history = OPENED + snooze("2026-02-03 09:00", DUE) + snooze("2026-02-03 10:00", UNTIL)
    assert owed_phases(history, UNTIL) == ["returned"]


def test_a_snooze_keeps_what_was_settled_silent():
    """Done while it was snoozed: it does not return."""
    done = at("2026-02-03 12:00", "review-completed", review="early")
    history = OPENED + snooze("2026-02-03 09:00", UNTIL) + done
    assert owed_phases(history, "2026-02-10 08:00") == []


def test_a_window_that_moves_beyond_the_snooze_opens_as_it_should():
    """A return makes no sense before the opening."""
    history = (
        OPENED
        + snooze("2026-02-03 09:00", UNTIL)
        + correct("2026-02-03 12:00", "patch", occurred_at="2026-02-03T06:00:00Z")
    )
    assert owed_phases(history, UNTIL) == []
    assert owed_phases(history, "2026-02-04 06:00") == ["open"]


def test_what_was_skipped_on_import_returns_from_a_snooze():
    """Nobody was told of it, but somebody asked to be."""
    until = when("2026-02-12 08:00")
    history = (
        PATCH
        + issue("2026-02-10 09:00", "overdue", topic="reminder-skipped")
        + snooze("2026-02-10 10:00", until)
    )
    assert owed_phases(history, until) == ["returned"]


def test_the_end_of_a_snooze_is_the_next_action():
    """Nothing is asked in between."""
    act = at("2026-02-02 08:00", "embolization-performed", id="patch")
    history = act + issue(OPENS, "open") + snooze("2026-02-03 09:00", UNTIL)
    assert next_action_at(status(history, "2026-02-03 09:00")) == UNTIL


REVIEW = "complication-review:s"
SEIZURE = at("2026-02-02 08:00", "symptoms-recorded", id="s", present=["seizure"])
AGES = when("2026-03-02 08:00")


@pytest.mark.parametrize("name", [REVIEW, "complication-review"])
def test_a_snooze_does_not_keep_an_urgent_review_quiet(name):
    """It is owed at once, whatever was snoozed."""
    history = SEIZURE + snooze("2026-02-02 08:00", AGES, name)
    assert owed_phases(history, "2026-02-02 08:00:01", "complication-review") == ["overdue"]


@pytest.mark.parametrize("until", [when("2026-02-02 08:20"), AGES])
def test_a_snooze_does_not_hold_the_ladder_of_an_urgent_review(until):
    """The doctor on call is told half an hour later, as ever."""
    said = SEIZURE + issue("2026-02-02 08:01", "overdue", REVIEW)
    history = said + snooze("2026-02-02 08:05", until, REVIEW)
    assert owed_phases(history, "2026-02-02 08:30:59", "complication-review") == []
    assert owed_phases(history, "2026-02-02 08:31", "complication-review") == ["escalated-1"]
